"""Debian's Chromium, without a window, and what a page did in it."""

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
    # Whatever it would ask for on its own account stays on this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`${event.violatedDirective} forbids ${event.blockedURI || event.sample}`));
"""
_STATUS = "Failed to load resource: the server responded with a status of "
"""Chromium's own line about an answer that is no success, which a page cannot prevent."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with an empty profile of its own."""
    path = shutil.which("chromium")
    assert path, "There is no chromium on the PATH: run tests/e2e/install-chromium."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


class Visit:
    """A page that is opened, and what happens on it.

    Attributes:
        hosts: Of every request, with its port.
        complaints: Errors and warnings, those about the page's own policy among them.
        addresses: Of every request, whole.
    """

    def __init__(self, browser: Browser, *, scheme: str = "light", width: int = 1280) -> None:
        self._context = browser.new_context(
            color_scheme=scheme,  # type: ignore[arg-type]
            viewport={"width": width, "height": 850},
            bypass_csp=False,
        )
        self._context.add_init_script(_TELL_VIOLATIONS)
        self.page: Page = self._context.new_page()
        self.page.set_default_timeout(60_000)
        self.addresses: list[str] = []
        self.complaints: list[str] = []
        self._context.on("request", lambda request: self.addresses.append(request.url))
        self._context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        self._context.on("console", self._note)

    @property
    def hosts(self) -> set[str]:
        return {urlsplit(address).netloc for address in self.addresses}

    def end(self) -> None:
        """Close it with all that it knows."""
        self._context.close()

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_STATUS):
            self.complaints.append(message.text)
