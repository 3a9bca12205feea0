"""Starts MiniStack, changed in one thing: a REST API gets a request's path as it was sent.

So does AWS; MiniStack itself decodes it, and a name with an encoded `%`, `#` or `/` becomes another
one. Runs in MiniStack's own Python environment, which holds nothing of ours.
"""

import sys
from typing import Any

from ministack import app  # type: ignore[import-not-found]

_handle = app._handle_execute_api_request  # noqa: SLF001 - there is no public way


async def _handle_raw(host: str, path: str, *args: Any, raw_path: str | None, **more: Any) -> Any:
    return await _handle(host, raw_path or path, *args, raw_path=raw_path, **more)


if __name__ == "__main__":
    app._handle_execute_api_request = _handle_raw  # noqa: SLF001 - see above
    sys.exit(app.main())
