"""CORS: the web pages that may read answers."""

import pytest

from functions.common.api import cors
from functions.common.api.cors import EXPOSED_HEADERS

PAGE = "https://app.hokus.ai"
EXPOSED = {"Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)}


@pytest.mark.parametrize("origin", [None, PAGE, "*", "null"])
def test_by_default_there_is_no_cors_header(origin: str | None) -> None:
    """The setting is empty."""
    assert {} == cors.headers(origin, frozenset())


def test_a_page_of_an_allowed_origin_may_read() -> None:
    """`Vary: Origin` keeps caches from mixing origins."""
    allowed = frozenset({PAGE, "https://other.example"})

    assert {"Access-Control-Allow-Origin": PAGE, "Vary": "Origin", **EXPOSED} == (
        cors.headers(PAGE, allowed)
    )


@pytest.mark.parametrize(
    "origin",
    [None, "https://evil.example", "https://app.hokus.ai.evil.example", "http://app.hokus.ai", "*"],
)
def test_a_page_of_another_origin_may_not_read(origin: str | None) -> None:
    """Origins are compared as a whole."""
    assert {"Vary": "Origin"} == cors.headers(origin, frozenset({PAGE}))


def test_every_page_may_read_if_all_origins_are_allowed() -> None:
    """The answer is then the same for all."""
    assert {"Access-Control-Allow-Origin": "*", **EXPOSED} == cors.headers(PAGE, frozenset({"*"}))
    assert {} == cors.headers(None, frozenset({"*"}))


def test_browser_credentials_are_not_allowed() -> None:
    """Keys are not in cookies."""
    names = cors.headers(PAGE, frozenset({PAGE})).keys()

    assert "Access-Control-Allow-Credentials" not in names


def test_origins_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Separated by commas, with spaces around them ignored."""
    monkeypatch.setenv("CORS_ORIGINS", f" {PAGE} https://other.example ")
    cors.allowed_origins.cache_clear()
    try:
        assert {PAGE, "https://other.example"} == cors.allowed_origins()
    finally:
        cors.allowed_origins.cache_clear()
