"""The docs page, as a person has it before them."""

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
from tests.e2e.browser import Visit, chromium
from tests.e2e.client import Client
from tests.e2e.models import Registered
from tests.examples import Block

MODEL = "iris classifier"
MARKUP = "<img src=x onerror=alert(1)>"
SOON_MS = 60_000

type Visiting = Callable[..., Visit]
type SignedIn = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all tests; each has visits of its own."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, system: LocalSystem) -> Iterator[Visiting]:
    """Opens the page; in the end nothing has gone wrong, and nothing was asked of another host."""
    visits: list[Visit] = []

    def opened(**options: Any) -> Visit:
        visits.append(Visit(browser, **options))
        visits[-1].page.goto(f"{system.api_url}/docs")
        return visits[-1]

    yield opened
    for each in visits:
        each.end()
        assert [] == each.complaints
        assert {urlsplit(system.api_url).netloc} == each.hosts
        assert [] == [address for address in each.addresses if system.api_key in address]


@pytest.fixture
def signed_in(visit: Visiting, system: LocalSystem) -> SignedIn:
    """Opens the page and enters a good key."""

    def opened(**options: Any) -> Page:
        page = visit(**options).page
        enter(page, system.api_key)
        return page

    return opened


@pytest.fixture
def shots(tmp_path: Path) -> Path:
    """Where pictures go: a folder that SCREENSHOTS names, or one that is gone afterwards."""
    folder = Path(os.environ.get("SCREENSHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def enter(page: Page, key: str) -> None:
    """Enter the key."""
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Show models").click()


def choose(page: Page, model: str) -> None:
    """Choose a model of the list."""
    page.get_by_role("list").get_by_role("button", name=model).click()
    expect(page.get_by_role("heading", level=2, name=model, exact=True)).to_be_visible()


def predict(page: Page, body: Any | None = None) -> None:
    """Press the button, and wait for what comes."""
    if body is not None:
        page.get_by_label("Body, as JSON").fill(json.dumps(body, ensure_ascii=False))
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_label("Body of the answer")).to_be_visible(timeout=SOON_MS)


def answer_on(page: Page) -> dict[str, Any]:
    """What is shown of the answer's body."""
    shown: dict[str, Any] = json.loads(page.get_by_label("Body of the answer").inner_text())
    return shown


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
    signed_in: SignedIn,
    client: Client,
    documented: dict[str, Registered],
    shots: Path,
    look: dict[str, Any],
) -> None:
    """From the key to the same predictions that any other client gets, with id and times."""
    page = signed_in(**look)
    choose(page, MODEL)
    expect(page.get_by_text("float64 tensor, shape (any, 4)")).to_be_visible()
    assert list(documented[MODEL].body) == list(json.loads(page.get_by_label("Body").input_value()))

    predict(page, documented[MODEL].body)

    expect(page.get_by_text("200 OK in")).to_be_visible()
    other = client.predict(MODEL, documented[MODEL].body).json()
    shown = answer_on(page)
    assert documented[MODEL].predictions == other["predictions"] == shown["predictions"]
    expect(page.locator("dl")).to_contain_text(shown["metadata"]["request_id"])
    expect(page.locator("dl")).to_contain_text("total")
    page.screenshot(path=shots / "docs-{scheme}-{width}.png".format(**look), full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.usefixtures("documented")
def test_the_example_works_as_it_stands(signed_in: SignedIn) -> None:
    """Of every model, without a letter being typed."""
    page = signed_in()
    choose(page, "greeter")
    expect(page.get_by_role("cell", name="times")).to_be_visible()

    predict(page)

    assert ["hello Ada", "hello Grüße"] == answer_on(page)["predictions"]


@pytest.mark.usefixtures("documented")
@pytest.mark.parametrize("language", ["curl", "Python", "JavaScript"])
def test_the_code_beside_it_does_the_same(
    signed_in: SignedIn, system: LocalSystem, tmp_path: Path, language: str
) -> None:
    """Run as it is shown, with a body that has quotes of every kind."""
    name = 'O\'Brien "é" `$HOME` \\n'
    page = signed_in()
    choose(page, "greeter")
    page.get_by_label("Body, as JSON").fill(json.dumps({"dataframe_records": [{"name": name}]}))
    page.get_by_role("radio", name=language, exact=True).check()

    code = page.locator("#snippet").inner_text()
    run_as = {"curl": "bash", "Python": "python", "JavaScript": "javascript"}[language]
    done = Block(0, run_as, code + "\n").run(tmp_path, {"HOKUS_API_KEY": system.api_key})

    assert 0 == done.returncode, done.stderr
    # Python and JavaScript print their own lists; JavaScript's reads as one of Python's.
    written = ast.literal_eval(done.stdout.strip())
    assert [f"hello {name}"] == (written["predictions"] if language == "curl" else written)
    assert system.api_key not in code


def test_a_wrong_key_is_told_readably(visit: Visiting) -> None:
    """What is wrong, and what to do; there is no list of models."""
    page = visit().page

    enter(page, "hk_test_" + "f" * 32)

    alert = page.get_by_role("alert").filter(has_text="Unauthorized")
    expect(alert).to_contain_text("API key", timeout=SOON_MS)
    expect(alert).to_contain_text("Trying the same again will not help.")
    expect(page.get_by_role("main")).to_be_hidden()
    assert 0 == page.evaluate("sessionStorage.length + localStorage.length")


@pytest.mark.usefixtures("documented")
def test_what_does_not_fit_is_pointed_at(signed_in: SignedIn) -> None:
    """Where in the body, and what was expected there; broken JSON is told before it is sent."""
    page = signed_in()
    choose(page, MODEL)

    predict(page, {"inputs": [[5.1, 3.5, 1.4, 0.2], [7.7, 2.6, 6.9]]})

    expect(page.get_by_text("422 Invalid input in")).to_be_visible()
    expect(page.get_by_role("cell", name="/inputs/1")).to_be_visible()
    page.get_by_label("Body, as JSON").fill('{"inputs": [')
    expect(page.get_by_text("This is not JSON")).to_be_visible()


@pytest.mark.usefixtures("documented")
def test_the_key_stays_in_the_tab_until_it_is_forgotten(signed_in: SignedIn) -> None:
    """A reloaded page comes back to the same model; a forgotten key is nowhere any more."""
    page = signed_in()
    choose(page, MODEL)

    page.reload()
    expect(page.get_by_role("heading", level=2, name=MODEL, exact=True)).to_be_visible()
    assert 0 == page.evaluate("localStorage.length")
    page.get_by_role("button", name="Forget key").click()

    expect(page.get_by_role("main")).to_be_hidden()
    assert ("", 0) == (
        page.get_by_label("API key").input_value(),
        page.evaluate("sessionStorage.length"),
    )


def test_a_keyboard_is_enough(
    visit: Visiting, system: LocalSystem, documented: dict[str, Registered]
) -> None:
    """From the key to the answer by typing, Tab, Enter and Space."""
    page = visit().page

    def tab_to(name: str) -> None:
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.get_by_role("button", name=name).evaluate(
                "it => it === document.activeElement"
            ):
                return
        pytest.fail(f"Tab does not lead to {name}.")

    page.get_by_label("API key").focus()
    page.keyboard.type(system.api_key)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=MODEL)).to_be_visible(timeout=SOON_MS)
    tab_to(MODEL)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name=MODEL, exact=True)).to_be_focused()
    expect(page.get_by_role("button", name="Predict")).to_be_visible()
    tab_to("Predict")
    page.keyboard.press("Space")

    expect(page.get_by_text("200 OK in")).to_be_visible(timeout=SOON_MS)
    assert len(documented[MODEL].predictions) > len(answer_on(page)["predictions"]) == 2


def test_what_others_wrote_is_never_markup(visit: Visiting, system: LocalSystem) -> None:
    """Names, reasons and messages are shown as they are; a list goes on where it ended."""

    def listed(route: Route) -> None:
        models = [{"model_id": MARKUP, "model_version": MARKUP, "status": "deployed"}]
        more = {} if "cursor=" in route.request.url else {"next_cursor": "&<b>"}
        route.fulfill(json={"models": models, **more})

    def told(route: Route) -> None:
        newest = {"model_version": MARKUP, "status": "failed", "reason": MARKUP}
        columns = [{"name": MARKUP, "type": MARKUP, "required": True}]
        model = {"model_version": MARKUP, "status": MARKUP, "circuit": "open"}
        more = {"input_schema": columns, "input_example": {"inputs": MARKUP}}
        route.fulfill(json={**model, **more, "deployments": [newest]})

    def refused(route: Route) -> None:
        faults = [{"pointer": MARKUP, "message": MARKUP}]
        problem = {"title": MARKUP, "detail": MARKUP, "code": MARKUP, "errors": faults}
        route.fulfill(status=422, json={**problem, "type": "javascript:alert(1)"})

    page = visit().page
    page.route("**/models?*", listed)
    page.route("**/models", listed)
    page.route("**/models/*", told)
    page.route("**/models/*/predict", refused)
    enter(page, system.api_key)
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("list").get_by_role("button")).to_have_count(2)
    page.get_by_role("list").get_by_role("button").first.click()
    predict(page)

    expect(page.get_by_role("cell", name=MARKUP)).to_have_count(4)
    assert 0 == page.locator("img, main b, main a[href^='javascript']").count()
