"""Headless Chromium, and a page that records its requests and its errors."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    # Chromium's own requests stay on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_LOG_POLICY_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`${event.violatedDirective} forbids ${event.blockedURI || event.sample}`));
"""
_NO_SUCCESS = "Failed to load resource: the server responded with a status of "
"""Chromium logs this for every error status; a page cannot prevent it."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start Chromium with an empty profile."""
    path = shutil.which("chromium")
    assert path, "There is no chromium on the PATH: run tests/e2e/install-chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class RecordedPage:
    """A page in a context of its own, with everything that it requested and logged.

    Attributes:
        urls: URL of every request.
        complaints: Errors and warnings, including violations of the page's own policy.
    """

    def __init__(self, browser: Browser, *, scheme: str = "light", width: int = 1280) -> None:
        self._context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 850},
            bypass_csp=False,
        )
        self._context.add_init_script(_LOG_POLICY_VIOLATIONS)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.urls: list[str] = []
        self.complaints: list[str] = []
        self._context.on("request", lambda request: self.urls.append(request.url))
        self._context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self._context.on("console", self._note)

    @property
    def hosts(self) -> set[str]:
        """Host and port of every request."""
        return {urlsplit(url).netloc for url in self.urls}

    def close(self) -> None:
        """Close the page and drop its storage."""
        self._context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_NO_SUCCESS):
            self.complaints.append(message.text)
