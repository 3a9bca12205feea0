"""The docs page's files: they are served safely, and use nothing but this API."""

import re
from typing import Any

import pytest

from functions.common.api.app import RestApi, make_app
from functions.common.observability import make_logger
from functions.describe.docs_page.assets import PAGE, assets
from functions.describe.docs_page.routes import add_page_routes
from tests.events import LambdaContext, event

FILES = sorted(set(assets()) - {PAGE})
SCRIPTS = [name for name in FILES if name.endswith(".js")]
STYLES = [name for name in FILES if name.endswith(".css")]


@pytest.fixture
def app() -> RestApi:
    """Return an app that has nothing but the page."""
    app = make_app(make_logger("test"))
    add_page_routes(app)
    return app


def get(app: RestApi, path: str, **headers: str) -> tuple[int, str, dict[str, str]]:
    """Return status, body and headers."""
    request = event("predict", httpMethod="GET", path=f"/api/v1/{path}", headers=headers, body=None)
    answer: dict[str, Any] = app.resolve(request, LambdaContext())  # type: ignore[arg-type]
    sent = {name: values[0] for name, values in answer["multiValueHeaders"].items()}
    return answer["statusCode"], answer["body"], sent


def text(name: str) -> str:
    """Return the file's text."""
    return assets()[name].text


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docs", "text/html; charset=utf-8"),
        ("docs/page.js", "text/javascript; charset=utf-8"),
        ("docs/page.css", "text/css; charset=utf-8"),
        ("docs/icon.svg", "image/svg+xml"),
    ],
)
def test_a_file_is_served_as_what_it_is(app: RestApi, path: str, expected: str) -> None:
    """Its headers keep a browser from guessing another type."""
    status, body, headers = get(app, path)

    assert (200, expected) == (status, headers["Content-Type"])
    assert text(path.removeprefix("docs").removeprefix("/") or PAGE) == body
    assert ("nosniff", "no-referrer") == (
        headers["X-Content-Type-Options"],
        headers["Referrer-Policy"],
    )


@pytest.mark.parametrize("path", ["docs", *(f"docs/{name}" for name in FILES)])
def test_the_policy_allows_the_pages_own_files_only(app: RestApi, path: str) -> None:
    """It forbids other hosts, inline code, frames, and text that becomes markup."""
    policy = get(app, path)[2]["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))

    assert "'none'" == rules.pop("default-src")
    assert {"'none'", "'self'", "'script'"} == set(rules.values())
    assert {"'none'"} == {
        rules[name] for name in ("base-uri", "form-action", "frame-ancestors", "trusted-types")
    }


def test_a_file_that_a_browser_has_is_not_sent_again(app: RestApi) -> None:
    """Browsers ask each time, since names stay the same from release to release."""
    _, _, headers = get(app, "docs/page.js")

    status, body, again = get(app, "docs/page.js", **{"If-None-Match": f"W/{headers['ETag']}"})

    assert "no-cache" == headers["Cache-Control"]
    assert (304, "", headers["ETag"]) == (status, body, again["ETag"])


def test_an_older_file_is_sent_anew(app: RestApi) -> None:
    """Another text has another tag."""
    tag = get(app, "docs/page.css")[2]["ETag"]

    assert 200 == get(app, "docs/page.js", **{"If-None-Match": tag})[0]


@pytest.mark.parametrize(
    "name", ["page.html", "none.js", "routes.py", "..%2Froutes.py", "static", "__init__.py"]
)
def test_nothing_else_can_be_had(app: RestApi, name: str) -> None:
    """Only the page's files are served."""
    assert 404 == get(app, f"docs/{name}")[0]


def test_the_page_loads_each_file_and_no_other() -> None:
    """Addresses are relative, so that the page works behind any base path."""
    in_page = set(re.findall(r'(?:href|src)="docs/([^"]+)"', text(PAGE)))
    elsewhere = set(re.findall(r'(?:href|src)="(?!docs/)([^"]*)"', text(PAGE)))
    in_scripts = {
        found for name in SCRIPTS for found in re.findall(r'from "\./([^"]+)"', text(name))
    }

    assert set(FILES) == in_page
    assert {"openapi.json"} == elsewhere
    assert in_scripts < in_page


def test_the_page_has_nothing_inline() -> None:
    """The policy would stop it; this test says so earlier."""
    assert [] == re.findall(
        r"<style|\sstyle=|\son\w+=|<script(?! type=\"module\" src=)", text(PAGE)
    )


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_makes_markup_of_text_or_keeps_the_key(name: str) -> None:
    """Names, examples and answers were written by others."""
    dangerous = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function"
    keeping = r"localStorage|indexedDB|document\.cookie|console\.(?!log\(result)"

    assert [] == re.findall(f"{dangerous}|{keeping}", text(name))


@pytest.mark.parametrize("name", [PAGE, *STYLES, *SCRIPTS])
def test_no_other_host_is_named(name: str) -> None:
    """Scripts import only what lies beside them; styles load nothing."""
    assert [] == re.findall(r"//[\w-]+\.\w+|@import|\bimport\(", text(name))
    assert name in SCRIPTS or "url(" not in text(name)


def test_every_control_has_a_label() -> None:
    """Every element that a name or description refers to exists."""
    ids = set(re.findall(r'\sid="([^"]+)"', text(PAGE)))
    labelled = set(re.findall(r'<label for="([^"]+)"', text(PAGE)))
    # The checkbox stands inside its label.
    fields = set(re.findall(r'<(?:input|textarea)[^>]*\sid="([^"]+)"', text(PAGE))) - {"wait"}
    named_after = set(re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', text(PAGE)))

    assert fields == labelled
    assert named_after < ids


def test_every_element_that_scripts_ask_for_is_there() -> None:
    """Ids in scripts exist in the page."""
    used = {
        found
        for name in SCRIPTS
        for found in re.findall(r'(?:byId|on|show)\(\s*"([^"]+)"', text(name))
    }

    assert used
    assert used <= set(re.findall(r'\sid="([^"]+)"', text(PAGE)))


def _luminance(colour: str) -> float:
    """Return the relative luminance.

    Source: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
    """
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("above", "below"),
    [
        *((ink, paper) for ink in ("text", "quiet") for paper in ("ground", "sunken")),
        *((ink, paper) for ink in ("good", "busy", "bad") for paper in ("ground", "chosen")),
        ("ground", "accent"),
        ("text", "chosen"),
    ],
)
def test_texts_stand_out(scheme: int, above: str, below: str) -> None:
    """Contrast is at least 4.5 to 1 (WCAG 2.2, AA)."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", text("page.css"))
    colours = {name: schemes[scheme] for name, *schemes in found}
    light, dark = sorted((_luminance(colours[above]), _luminance(colours[below])), reverse=True)

    assert (light + 0.05) / (dark + 0.05) >= 4.5
