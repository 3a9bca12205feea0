"""Which web pages may read an answer."""

import pytest

from functions.common.api import cors
from functions.common.api.cors import EXPOSED_HEADERS

PAGE = "https://app.hokus.ai"
EXPOSED = {"Access-Control-Expose-Headers": ", ".join(EXPOSED_HEADERS)}


@pytest.mark.parametrize("origin", [None, PAGE, "*", "null"])
def test_off_means_no_header_at_all(origin: str | None) -> None:
    """The default."""
    assert {} == cors.headers(origin, frozenset())


def test_a_page_of_an_allowed_origin_may_read() -> None:
    """Caches on the way must tell origins apart."""
    allowed = frozenset({PAGE, "https://other.example"})

    assert {"Access-Control-Allow-Origin": PAGE, "Vary": "Origin", **EXPOSED} == (
        cors.headers(PAGE, allowed)
    )


@pytest.mark.parametrize(
    "origin",
    [None, "https://evil.example", "https://app.hokus.ai.evil.example", "http://app.hokus.ai", "*"],
)
def test_no_other_page_may(origin: str | None) -> None:
    """Origins are compared whole."""
    assert {"Vary": "Origin"} == cors.headers(origin, frozenset({PAGE}))


def test_every_page_may_if_all_are_allowed() -> None:
    """The answer is the same for all then."""
    assert {"Access-Control-Allow-Origin": "*", **EXPOSED} == cors.headers(PAGE, frozenset({"*"}))
    assert {} == cors.headers(None, frozenset({"*"}))


def test_no_page_may_use_the_browsers_own_credentials() -> None:
    """A key is in no cookie."""
    names = cors.headers(PAGE, frozenset({PAGE})).keys()

    assert "Access-Control-Allow-Credentials" not in names


def test_origins_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """With spaces between."""
    monkeypatch.setenv("CORS_ORIGINS", f" {PAGE} https://other.example ")
    cors.allowed_origins.cache_clear()
    try:
        assert {PAGE, "https://other.example"} == cors.allowed_origins()
    finally:
        cors.allowed_origins.cache_clear()
