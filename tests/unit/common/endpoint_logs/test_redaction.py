"""Secrets in logs are replaced, and the rest stays as it is."""

import pytest

from functions.common.endpoint_logs.redaction import redacted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("loading with hf_AbCdEfGhIjKlMnOp", "hf_AbCdEfGhIjKlMnOp"),
        ("key hk_live_0123456789abcdef is used", "hk_live_0123456789abcdef"),
        ("AKIAIOSFODNN7EXAMPLE wrote", "AKIAIOSFODNN7EXAMPLE"),
        ("{'Authorization': 'Bearer abc.def.ghi'}", "abc.def.ghi"),
        ("authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("> X-Hokus-Secret: wxyz-0123", "wxyz-0123"),
        ("HOKUS_ENDPOINT_SECRET=wxyz-0123", "wxyz-0123"),
        ('{"api_key": "0123456789"}', "0123456789"),
        ("connect postgres://bob:hunter22@db/x", "hunter22"),
        ("db_password = hunter22", "hunter22"),
        ("GET /x?X-Amz-Signature=0123abcd&a=1", "0123abcd"),
        ("eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "eyJzdWIiOiIx"),
        ("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----", "MIIE"),
        ("-----BEGIN RSA PRIVATE KEY-----\nMIIE", "MIIE"),
        ("the value is our-own-secret", "our-own-secret"),
    ],
)
def test_a_secret_is_replaced(text: str, secret: str) -> None:
    """By its form, its name, or because we know it."""
    clean = redacted(f"before\n{text}\nafter", "our-own-secret", None)

    assert secret not in clean
    assert "…" in clean
    assert clean.startswith("before\n")


@pytest.mark.parametrize(
    "text",
    [
        'Traceback (most recent call last):\n  File "/repository/x.py", line 3, in f\n',
        "ModuleNotFoundError: No module named 'torch'",
        "INFO 200 POST / 12 ms, 3 tokens",
        "tokenizer = AutoTokenizer",
        "tokenizer loaded from /repository/model",
        "http://127.0.0.1:8080/health",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """It is what the log is read for."""
    assert text == redacted(text, "our-own-secret", None)
