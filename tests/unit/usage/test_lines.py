"""Lines of the log: calls, and what is no call."""

from typing import Any

import pytest

from functions.common.usage.figures import Figures
from functions.common.wide_event import WideEvent
from functions.usage.lines import LoggedCall, logged_call
from tests.unit.usage.logged import a_line

FIGURES = Figures(calls=1, latency_us=12_500, provider_us=10_000, bytes_in=100, bytes_out=40)


def test_a_call_is_read() -> None:
    """With the model's name as people know it."""
    expected = LoggedCall(model_id="iris à la carte", found=True, user="ada", figures=FIGURES)

    assert expected == logged_call(a_line("iris à la carte"))


def test_the_line_of_the_real_writer_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    """What predict prints is what is read here."""
    event = WideEvent()
    event.note_model("iris à la carte", has_metrics=True)
    event.note(user="ada", deployment="d", status=200, provider_ms=10.0, bytes_in=100, bytes_out=40)
    event.write("predict", latency_ms=12.5, is_fault=False)

    call = logged_call(capsys.readouterr().out)

    assert call == logged_call(a_line("iris à la carte"))


@pytest.mark.parametrize(
    ("status", "faults", "refusals"), [(200, 0, 0), (422, 0, 1), (499, 0, 1), (500, 1, 0)]
)
def test_a_failed_call_is_a_fault_or_a_refusal(status: int, faults: int, refusals: int) -> None:
    """By its status; both are calls."""
    call = logged_call(a_line(status=status))

    assert call
    assert (1, faults, refusals) == (call.figures.calls, call.figures.faults, call.figures.refusals)
    assert call.figures.predictions == 1 - faults - refusals


@pytest.mark.parametrize("absent", [..., None])
def test_a_call_that_came_to_nothing_has_no_part_of_it(absent: object) -> None:
    """Neither a deployment, nor time at the endpoint."""
    names = ("deployment", "user", "provider_ms", "bytes_in", "bytes_out")
    nothing: Any = dict.fromkeys(names, absent)
    call = logged_call(a_line(**nothing))

    expected = Figures(calls=1, latency_us=12_500)
    assert LoggedCall(model_id="iris", found=False, user="", figures=expected) == call


@pytest.mark.parametrize(
    "line",
    [
        "",
        "START RequestId: 1",
        "[]",
        '{"message": "request.refused", "service": "predict"}',
        a_line(service="authorizer"),
        a_line(_aws=...),
        a_line(Latency=...),
        a_line(Latency=[12.5]),
        a_line(Latency="12"),
        a_line(Latency=-1),
        a_line(Latency=1e300),
        a_line(Latency=True),
        a_line(status="200"),
        a_line(status=7),
        a_line(user=["ada"]),
        a_line(bytes_in=-1),
        a_line(bytes_out=2**70),
        a_line(user="\ud800"),
        a_line()[:-1],
    ],
)
def test_what_is_no_call_is_none(line: str) -> None:
    """Other lines, those of other functions, and broken ones."""
    assert logged_call(line) is None


@pytest.mark.parametrize("model", ["", "a/b", "a:b", "x" * 257])
def test_a_name_that_no_model_can_have_is_none(model: str) -> None:
    """The call counts all the same."""
    call = logged_call(a_line(model))

    assert call
    assert ("", 1) == (call.model_id, call.figures.calls)


def test_a_text_of_any_length_is_no_users_id() -> None:
    """Whatever it is, it is not stored."""
    call = logged_call(a_line(user="u" * 129))

    assert call
    assert "" == call.user
