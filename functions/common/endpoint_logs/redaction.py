"""Secrets in other people's text, such as the log of a model's own code. Pure."""

import re

from functions.common.secrets import blotted

_REPLACEMENT = "…"
_NAMED = re.compile(
    r"""(?ix)
    ( \b (?: [\w.-]* (?: password | passwd | secret | token (?! iz ) | api[_-]?key | credential s? )
         [\w-]* ) ["']? \s* [=:] \s* ["']? )
    (?! \s ) [^\s"',;&}]{4,}
    """
)
"""A value after a name that says what it is, such as `HF_TOKEN=…` or `X-Hokus-Secret: …`."""
_AUTHORIZATION = re.compile(r"""(?i)((?:proxy-)?authorization["']?\s*[=:]\s*["']?)[^"'\r\n]+""")
_FORMS = (
    # Hugging Face's, our own API's, AWS's, GitHub's, and OpenAI's keys.
    re.compile(r"\b(?:hf|hk_live|hk_test|sk|gh[pousr]|github_pat)[_-][A-Za-z0-9_-]{8,}"),
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    re.compile(r"(?i)\b(?:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,}"),
    re.compile(r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*KEY-----|\Z)"),
)
_IN_URL = re.compile(r"(://)[^\s/@:]*:[^\s/@]+@")
_SIGNATURE = re.compile(
    r"(?i)([?&](?:x-amz-(?:signature|security-token|credential)|sig)=)[^&\s\"']+"
)


def redacted(text: str, *secrets: str | None) -> str:
    """Return *text* with `…` in place of *secrets*, and of what has a secret's form or name."""
    text = blotted(text, *secrets)
    for form in _FORMS:
        text = form.sub(_REPLACEMENT, text)
    for named in (_AUTHORIZATION, _NAMED, _SIGNATURE):
        text = named.sub(rf"\g<1>{_REPLACEMENT}", text)
    return _IN_URL.sub(rf"\g<1>{_REPLACEMENT}@", text)
