"""The header `Prefer` (RFC 7240), of which we know `wait`."""

import re

_WAIT = re.compile(r"""wait\s*=\s*"?(\d{1,6})"?""", re.ASCII)


def wait_s(prefer: str | None) -> int:
    """Seconds that the caller would rather wait for a starting model than be told so; 0: none.

    What is not understood is ignored, as RFC 7240 demands.
    """
    for preference in (prefer or "").lower().split(","):
        if wanted := _WAIT.fullmatch(preference.partition(";")[0].strip()):
            return int(wanted[1])
    return 0
