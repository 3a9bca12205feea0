"""The docs page's controls, as a person uses them."""

import json
from typing import Any

from playwright.sync_api import Page, expect

ANSWER_TIMEOUT_MS = 60_000


def enter_key(page: Page, key: str) -> None:
    """Enter the API key and ask for the models."""
    page.get_by_label("API key").fill(key)
    page.get_by_role("button", name="Show models").click()


def choose_model(page: Page, model: str) -> None:
    """Choose a model from the list and wait until it is shown."""
    page.get_by_role("list").get_by_role("button", name=model).click()
    expect(model_heading(page, model)).to_be_visible()


def model_heading(page: Page, model: str) -> Any:
    """Return the heading of the model that is shown."""
    return page.get_by_role("heading", level=2, name=model, exact=True)


def fill_body(page: Page, body: Any) -> None:
    """Replace the request body; a string is entered as it is, anything else as JSON."""
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    page.get_by_label("Body, as JSON").fill(text)


def predict(page: Page) -> None:
    """Press “Predict” and wait for the answer."""
    page.get_by_role("button", name="Predict").click()
    expect(page.get_by_label("Body of the answer")).to_be_visible(timeout=ANSWER_TIMEOUT_MS)


def shown_answer(page: Page) -> dict[str, Any]:
    """Return the answer's body, as the page shows it."""
    shown: dict[str, Any] = json.loads(page.get_by_label("Body of the answer").inner_text())
    return shown


def press_tab_until_focused(page: Page, button: str) -> None:
    """Press Tab until the button of that name has the focus; fail after 40 times."""
    focused = "it => it === document.activeElement"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.get_by_role("button", name=button).evaluate(focused):
            return
    raise AssertionError(f"Tab does not lead to {button}.")
