"""Verification keeps the fingerprint of the answers, or that they vary."""

from typing import Any

import pytest

from functions.common.answers.fingerprint import Fingerprint
from functions.common.deployments.record import Deployment, PackageRecord
from functions.common.errors import ConnectionFailedError
from functions.common.providers.provider import Runtime
from functions.provision.tasks.same_answers import CHANGED, VARYING
from functions.provision.tasks.version_record import validated
from tests.builders import a_deployment, changed
from tests.fakes.inference_client import FakeInferenceClient
from tests.fakes.model_registry import a_version
from tests.unit.provision.tasks.test_smoke_test import DEPLOYMENT, HUB_SOURCE, RIGHT, verify

RUNTIME = Runtime(name="container", pythons=("3.12",))
KEPT = Fingerprint.of(RIGHT).text
OTHER = [{"price": 1.6}]
CLOSE = [{"price": 1.50001}]


def package_after(inference: FakeInferenceClient, deployment: Deployment) -> PackageRecord:
    """Return the package as the task leaves it on record."""
    outcome = verify(inference, deployment)
    assert "verified" == outcome.name
    assert outcome.changed
    return outcome.changed.package


def test_equal_answers_leave_their_fingerprint_and_no_note() -> None:
    outcome = verify(FakeInferenceClient(RIGHT))

    assert outcome.note is None
    assert changed(DEPLOYMENT, answer_fingerprint=KEPT) == outcome.changed


def test_answers_within_the_tolerance_are_equal_and_the_first_is_kept() -> None:
    package = package_after(FakeInferenceClient(CLOSE, script=[RIGHT]), DEPLOYMENT)

    assert KEPT == package.answer_fingerprint
    assert package.is_deterministic


@pytest.mark.parametrize("call", range(4))
def test_answers_that_vary_are_noted_and_not_kept(call: int) -> None:
    """Whichever of them differs; the model goes live."""
    inference = FakeInferenceClient(RIGHT, script=[*call * [RIGHT], OTHER])

    outcome = verify(inference)

    assert "verified" == outcome.name
    assert f"verified; {VARYING}" == outcome.note
    assert changed(DEPLOYMENT, answers_vary=True) == outcome.changed


def test_a_hub_source_that_varies_has_both_notes() -> None:
    answers: list[Any] = [[{"text": f"day {number}"}] for number in range(4)]

    outcome = verify(FakeInferenceClient(script=answers), HUB_SOURCE)

    assert "own form" in (outcome.note or "")
    assert (outcome.note or "").endswith(VARYING)


def test_without_an_example_nothing_is_known() -> None:
    outcome = verify(FakeInferenceClient(RIGHT), a_deployment())

    assert (outcome.changed or a_deployment()).package.is_deterministic is None


def test_an_endpoint_that_answers_as_before_is_verified() -> None:
    """Its fingerprint stays that of the first verification: small differences do not add up."""
    reused = changed(DEPLOYMENT, answer_fingerprint=KEPT)

    assert reused.package == package_after(FakeInferenceClient(CLOSE), reused)


def test_an_endpoint_that_answers_otherwise_than_before_is_replaced() -> None:
    """The next attempt finds it removed and makes one of its own."""
    outcome = verify(FakeInferenceClient(OTHER), changed(DEPLOYMENT, answer_fingerprint=KEPT))

    assert ("failed", CHANGED, True) == (outcome.name, outcome.reason, outcome.retryable)


def test_what_varied_once_is_never_compared() -> None:
    varying = changed(DEPLOYMENT, answers_vary=True)

    assert varying.package == package_after(FakeInferenceClient(RIGHT), varying)


def test_an_endpoint_that_begins_to_vary_is_not_replaced() -> None:
    """Its first answers agreed by chance."""
    reused = changed(DEPLOYMENT, answer_fingerprint=KEPT)

    package = package_after(FakeInferenceClient(RIGHT, script=[RIGHT, OTHER]), reused)

    assert (None, True) == (package.answer_fingerprint, package.answers_vary)


def test_a_fingerprint_of_another_form_is_replaced() -> None:
    older = changed(DEPLOYMENT, answer_fingerprint="0:abc")

    assert KEPT == package_after(FakeInferenceClient(RIGHT), older).answer_fingerprint


def test_answers_before_an_interruption_do_not_count() -> None:
    """The container may have been another one."""
    script = [OTHER, ConnectionFailedError("x")]

    package = package_after(FakeInferenceClient(RIGHT, script=script), DEPLOYMENT)

    assert KEPT == package.answer_fingerprint


@pytest.mark.parametrize(
    ("tags", "vary"),
    [
        ({"tags": {"hokus.answers": "vary"}}, True),
        ({"tags": {"hokus.answers": " Vary "}}, True),
        ({"model_tags": {"hokus.answers": "vary"}}, True),
        ({"model_tags": {"hokus.answers": "vary"}, "tags": {"hokus.answers": "same"}}, None),
        ({}, None),
    ],
)
def test_a_tag_says_that_answers_change_with_time(tags: dict[str, Any], vary: bool | None) -> None:
    """A clock's hours are not seen within seconds."""
    version = a_version(**tags)

    record = validated(DEPLOYMENT, version, RUNTIME)

    assert vary == record.package.answers_vary
