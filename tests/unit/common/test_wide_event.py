"""The line that each call leaves in the log."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.common.emf import Metrics, count
from functions.common.wide_event import WideEvent, recorded
from tests.wide_events import counted, metric_lines, wide_events


def test_a_call_counts_in_all_and_for_its_model(capsys: pytest.CaptureFixture[str]) -> None:
    """Two metrics with two sets of dimensions; properties are no dimensions."""
    event = WideEvent()
    event.note(user="u1", attempts=2, provider_ms=12.3456)
    event.note_model("iris", has_metrics=True)
    event.write("predict", latency_ms=20.0, is_fault=False)

    (line,) = wide_events(capsys.readouterr().out)
    shared = {"environment": "none", "service": "predict"}
    assert [
        ("Latency", 20.0, shared),
        ("Fault", 0, shared),
        ("Latency", 20.0, shared | {"model": "iris"}),
        ("Fault", 0, shared | {"model": "iris"}),
    ] == sorted(counted(line), key=lambda each: len(each[2]))
    assert ("u1", 2, 12.35) == (line["user"], line["attempts"], line["provider_ms"])


def test_a_model_without_metrics_is_named_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A name that a caller made up costs nothing."""
    event = WideEvent()
    event.note_model("no such model")
    event.write("predict", latency_ms=1, is_fault=False)

    (line,) = wide_events(capsys.readouterr().out)
    assert "no%20such%20model" == line["model"]
    assert all("model" not in dimensions for _name, _value, dimensions in counted(line))


def test_only_the_first_call_of_an_environment_is_cold(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a restore from a snapshot, which no call precedes."""
    monkeypatch.setattr(WideEvent, "_environment_is_new", True)
    for _ in range(3):
        WideEvent().write("predict", latency_ms=1, is_fault=False)

    assert [True, False, False] == [each["cold"] for each in wide_events(capsys.readouterr().out)]


@given(name=st.text(min_size=1, max_size=256))
def test_any_name_makes_a_dimension(name: str) -> None:
    """256 characters of four bytes are 3,072 percent-encoded."""
    lines: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout.write", lines.append, raising=False)
        event = WideEvent()
        event.note_model(name, has_metrics=True)
        event.write("predict", latency_ms=1, is_fault=True)

    assert 1 == len(wide_events("".join(lines)))


@pytest.mark.parametrize(
    ("error", "fault"), [(None, 0), (KeyError("refused"), 0), (ValueError("broken"), 1)]
)
def test_what_leaves_the_block_is_a_fault_unless_it_is_a_refusal(
    capsys: pytest.CaptureFixture[str], error: Exception | None, fault: int
) -> None:
    """The line is written in any case, without the error's message."""

    def run() -> None:
        with recorded("authorizer", refusals=(KeyError,)) as event:
            event.note(key="k1")
            if error:
                raise error

    if error:
        with pytest.raises(type(error)):
            run()
    else:
        run()

    (line,) = wide_events(capsys.readouterr().out)
    assert (fault, "k1") == (line["Fault"], line["key"])
    assert line["Latency"] >= 0
    assert not {"refused", "broken"} & set(map(str, line.values()))


def test_further_metrics_have_dimensions_of_their_own(capsys: pytest.CaptureFixture[str]) -> None:
    """In the same line."""
    event = WideEvent()
    event.count(Metrics({"DeliveriesRefused": 1}, ({"reason": "stale"},)))
    event.write("mlflow_hook", latency_ms=1, is_fault=False)

    (line,) = wide_events(capsys.readouterr().out)
    assert ("DeliveriesRefused", 1, "stale") in {
        (name, value, dimensions.get("reason")) for name, value, dimensions in counted(line)
    }


def test_a_count_is_a_line_by_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """For what happens now and then."""
    count("predict", "CircuitOpened", function_version="3")

    (line,) = metric_lines(capsys.readouterr().out)
    dimensions = {"environment": "none", "service": "predict", "function_version": "3"}
    assert [("CircuitOpened", 1, dimensions)] == list(counted(line))
