"""Selection of an environment, and the values that its settings imply."""

from dataclasses import replace

import pytest

from infra.context import environment_from_context
from infra.environments import ENVIRONMENTS, LOCAL, PRODUCTION, UnknownEnvironmentError
from infra.functions import PREDICT


def nothing(_name: str) -> None:
    """Return no value: an empty CDK context."""


def test_production_is_the_default():
    """Without `-c env=…` the environment is production, unchanged."""
    assert PRODUCTION == environment_from_context(nothing)


def test_an_unknown_environment_is_an_error_with_the_known_names():
    """A misspelt name does not fall back to production."""
    with pytest.raises(UnknownEnvironmentError, match=r"'prod'.*production, staging, local"):
        environment_from_context({"env": "prod"}.get)


def test_context_overrides_one_setting():
    """`-c mlflow_tracking_uri=…` changes that setting only."""
    environment = environment_from_context(
        {"env": "local", "mlflow_tracking_uri": "http://127.0.0.1:9"}.get
    )

    assert "http://127.0.0.1:9" == environment.mlflow_tracking_uri
    assert LOCAL.huggingface_url == environment.huggingface_url


def test_deploy_alias_is_empty_by_default():
    """`-c deploy_alias=production` sets it."""
    assert "" == environment_from_context(nothing).deploy_alias
    assert "production" == environment_from_context({"deploy_alias": "production"}.get).deploy_alias


def test_cors_origins_are_separated_by_spaces():
    """`-c cors_origins="https://a https://b"`; the default is no origin."""
    given = {"cors_origins": " https://a.example  https://b.example "}

    assert ("https://a.example", "https://b.example") == environment_from_context(
        given.get
    ).cors_origins
    assert () == environment_from_context(nothing).cors_origins


def test_a_replaced_endpoint_is_kept_for_the_rollback_window():
    """In production for ten minutes after its last use."""
    last_use_s = replace(PRODUCTION, rollback_window_s=0).retire_after_s

    assert last_use_s + 600 == PRODUCTION.retire_after_s


def test_retirement_waits_for_the_last_use_of_the_endpoint():
    """The oldest cached lookup plus the longest prediction are the least."""
    for environment in ENVIRONMENTS.values():
        last_use_s = environment.lookup_max_age_s + environment.prediction_deadline_s
        assert environment.retire_after_s > last_use_s


def test_the_prediction_deadline_is_shorter_than_all_timeouts():
    """So the caller gets a problem document from the function."""
    for environment in ENVIRONMENTS.values():
        assert environment.prediction_deadline_s < PREDICT.size_in(environment).timeout_s < 29
