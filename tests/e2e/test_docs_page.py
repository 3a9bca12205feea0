"""A person tries a model on the docs page, in a real browser.

Given the docs page and a valid key, when the person enters the key, chooses a model and presses
“Predict”, then the page shows the predictions that any client gets, and code that does the same. A
wrong key and a wrong body are explained. The page works by keyboard, keeps the key in the tab only,
asks no other host for anything, and shows other people's texts as text.
"""

import ast
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from infra.local.system import LocalSystem
from tests.e2e.support.api_client import ApiClient
from tests.e2e.support.browser import RecordedPage, chromium
from tests.e2e.support.docs_page import (
    ANSWER_TIMEOUT_MS,
    choose_model,
    enter_key,
    fill_body,
    model_heading,
    predict,
    press_tab_until_focused,
    shown_answer,
)
from tests.e2e.support.registered_models import RegisteredVersion
from tests.examples import Block

MODEL = "iris classifier"
MARKUP = "<img src=x onerror=alert(1)>"

type OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One browser for all tests; each page has a context of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def open_page(browser: Browser, system: LocalSystem) -> Iterator[OpenPage]:
    """Open the docs page.

    After the test, nothing may have failed on it, no other host may have been asked, and the key
    may be in no URL.
    """
    pages: list[RecordedPage] = []

    def opened(**options: Any) -> Page:
        pages.append(RecordedPage(browser, **options))
        pages[-1].page.goto(f"{system.api_url}/docs")
        return pages[-1].page

    yield opened
    for each in pages:
        each.close()
        assert [] == each.complaints
        assert {urlsplit(system.api_url).netloc} == each.hosts
        assert [] == [url for url in each.urls if system.api_key in url]


@pytest.fixture
def open_signed_in(open_page: OpenPage, system: LocalSystem) -> OpenPage:
    """Open the docs page and enter a valid key."""

    def opened(**options: Any) -> Page:
        page = open_page(**options)
        enter_key(page, system.api_key)
        return page

    return opened


@pytest.fixture
def screenshots(tmp_path: Path) -> Path:
    """The folder that SCREENSHOTS names, or a temporary one."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.mark.parametrize(
    "look",
    [
        {"scheme": "light", "width": 1280},
        {"scheme": "dark", "width": 1280},
        {"scheme": "light", "width": 390},
    ],
    ids=["light", "dark", "phone"],
)
def test_a_person_calls_a_model(
    open_signed_in: OpenPage,
    client: ApiClient,
    documented: dict[str, RegisteredVersion],
    screenshots: Path,
    look: dict[str, Any],
) -> None:
    """The page shows the predictions that any client gets, with request id and timings."""
    page = open_signed_in(**look)
    choose_model(page, MODEL)
    expect(page.get_by_text("float64 tensor, shape (any, 4)")).to_be_visible()
    assert list(documented[MODEL].body) == list(json.loads(page.get_by_label("Body").input_value()))

    fill_body(page, documented[MODEL].body)
    predict(page)

    expect(page.get_by_text("200 OK in")).to_be_visible()
    other = client.predict(MODEL, documented[MODEL].body).json()
    shown = shown_answer(page)
    assert documented[MODEL].predictions == other["predictions"] == shown["predictions"]
    expect(page.locator("dl")).to_contain_text(shown["metadata"]["request_id"])
    expect(page.locator("dl")).to_contain_text("total")
    page.screenshot(path=screenshots / "docs-{scheme}-{width}.png".format(**look), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("documented")
def test_the_models_example_can_be_sent_unchanged(open_signed_in: OpenPage) -> None:
    """The body is filled in from the model's input example."""
    page = open_signed_in()
    choose_model(page, "greeter")
    expect(page.get_by_role("cell", name="times")).to_be_visible()

    predict(page)

    assert ["hello Ada", "hello Grüße"] == shown_answer(page)["predictions"]


@pytest.mark.usefixtures("documented")
@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_the_code_on_the_page_makes_the_same_call(
    open_signed_in: OpenPage, system: LocalSystem, tmp_path: Path, language: str
) -> None:
    """It runs as it is shown, with quotes of every kind in the body, and without the key."""
    name = 'O\'Brien "é" `$HOME` \\n'
    page = open_signed_in()
    choose_model(page, "greeter")
    page.get_by_label("Body, as JSON").fill(json.dumps({"dataframe_records": [{"name": name}]}))
    page.get_by_role("radio", name=language, exact=True).check()

    code = page.locator("#snippet").inner_text()
    run_as = {"curl": "bash", "Python": "python", "JavaScript": "javascript"}[language]
    done = Block(0, run_as, code + "\n").run(tmp_path, {"HOKUS_API_KEY": system.api_key})

    assert 0 == done.returncode, done.stderr
    # Python and JavaScript print the predictions alone, in a form that Python reads.
    written = ast.literal_eval(done.stdout.strip())
    assert [f"hello {name}"] == (written["predictions"] if language == "curl" else written)
    assert system.api_key not in code


def test_a_wrong_key_is_explained(open_page: OpenPage) -> None:
    """The page says what is wrong and that retrying does not help; it shows no models."""
    page = open_page()

    enter_key(page, "hk_test_" + "f" * 32)

    alert = page.get_by_role("alert").filter(has_text="Unauthorized")
    expect(alert).to_contain_text("API key", timeout=ANSWER_TIMEOUT_MS)
    expect(alert).to_contain_text("Trying the same again will not help.")
    expect(page.get_by_role("main")).to_be_hidden()
    assert 0 == page.evaluate("sessionStorage.length + localStorage.length")


@pytest.mark.usefixtures("documented")
def test_a_wrong_body_is_explained(open_signed_in: OpenPage) -> None:
    """The page points at the row that is wrong; broken JSON is noticed before it is sent."""
    page = open_signed_in()
    choose_model(page, MODEL)

    fill_body(page, {"inputs": [[5.1, 3.5, 1.4, 0.2], [7.7, 2.6, 6.9]]})
    predict(page)

    expect(page.get_by_text("422 Invalid input in")).to_be_visible()
    expect(page.get_by_role("cell", name="/inputs/1")).to_be_visible()
    fill_body(page, '{"inputs": [')
    expect(page.get_by_text("This is not JSON")).to_be_visible()


def test_a_keyboard_is_enough(
    open_page: OpenPage, system: LocalSystem, documented: dict[str, RegisteredVersion]
) -> None:
    """From the key to the answer by typing, Tab, Enter and Space."""
    page = open_page()

    page.get_by_label("API key").focus()
    page.keyboard.type(system.api_key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=MODEL)).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    press_tab_until_focused(page, MODEL)
    page.keyboard.press("Enter")
    expect(model_heading(page, MODEL)).to_be_focused()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    press_tab_until_focused(page, "Predict")
    page.keyboard.press("Space")

    expect(page.get_by_text("200 OK in")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)
    assert len(documented[MODEL].predictions) > len(shown_answer(page)["predictions"]) == 2


@pytest.mark.usefixtures("documented")
def test_the_key_stays_in_the_tab_until_it_is_forgotten(open_signed_in: OpenPage) -> None:
    """A reload shows the same model; “Forget key” removes the key from the page and its storage."""
    page = open_signed_in()
    choose_model(page, MODEL)

    page.reload()
    expect(model_heading(page, MODEL)).to_be_visible()
    assert 0 == page.evaluate("localStorage.length")
    page.get_by_role("button", name="Forget key").click()

    expect(page.get_by_role("main")).to_be_hidden()
    assert "" == page.get_by_label("API key").input_value()
    assert 0 == page.evaluate("sessionStorage.length")


def test_other_peoples_texts_are_never_markup(open_page: OpenPage, system: LocalSystem) -> None:
    """Names, reasons and messages with HTML are shown as text; the list continues on demand."""
    page = open_page()
    answer_with_markup(page)
    enter_key(page, system.api_key)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("list").get_by_role("button")).to_have_count(2)
    page.get_by_role("list").get_by_role("button").first.click()

    predict(page)

    expect(page.get_by_role("cell", name=MARKUP)).to_have_count(4)
    assert 0 == page.locator("img, main b, main a[href^='javascript']").count()


def answer_with_markup(page: Page) -> None:
    """Answer the page's API calls in place of the API, with HTML in every text."""

    def list_models(route: Route) -> None:
        models = [{"model_id": MARKUP, "model_version": MARKUP, "status": "deployed"}]
        more = {} if "cursor=" in route.request.url else {"next_cursor": "&<b>"}
        route.fulfill(json={"models": models, **more})

    def describe_model(route: Route) -> None:
        newest = {"model_version": MARKUP, "status": "failed", "reason": MARKUP}
        columns = [{"name": MARKUP, "type": MARKUP, "required": True}]
        model = {"model_version": MARKUP, "status": MARKUP, "circuit": "open"}
        more = {"input_schema": columns, "input_example": {"inputs": MARKUP}}
        route.fulfill(json={**model, **more, "deployments": [newest]})

    def refuse_prediction(route: Route) -> None:
        faults = [{"pointer": MARKUP, "message": MARKUP}]
        problem = {"title": MARKUP, "detail": MARKUP, "code": MARKUP, "errors": faults}
        route.fulfill(status=422, json={**problem, "type": "javascript:alert(1)"})

    page.route("**/models?*", list_models)
    page.route("**/models", list_models)
    page.route("**/models/*", describe_model)
    page.route("**/models/*/predict", refuse_prediction)
