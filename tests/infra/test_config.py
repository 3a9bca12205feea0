"""Environments are data, chosen by name."""

from dataclasses import replace

import pytest

from infra.environments import (
    ENVIRONMENTS,
    LOCAL,
    PRODUCTION,
    UnknownEnvironmentError,
    environment_from_context,
)
from infra.functions import PREDICT


def nothing(_name: str) -> None:
    """No context at all."""


def test_production_is_the_default():
    """Without `-c env=…`, the environment is production, unchanged."""
    assert PRODUCTION == environment_from_context(nothing)


def test_unknown_environment_names_those_there_are():
    """A misspelled environment is an error that lists the right spellings."""
    with pytest.raises(UnknownEnvironmentError, match=r"'prod'.*production, local"):
        environment_from_context({"env": "prod"}.get)


def test_context_overrides_an_address():
    """`-c mlflow_tracking_uri=…` changes that setting and nothing else."""
    environment = environment_from_context(
        {"env": "local", "mlflow_tracking_uri": "http://127.0.0.1:9"}.get
    )

    assert "http://127.0.0.1:9" == environment.mlflow_tracking_uri
    assert LOCAL.huggingface_url == environment.huggingface_url


def test_alias_is_empty_unless_it_is_given():
    """`-c deploy_alias=production` is the alias; nobody has one by default."""
    assert "" == environment_from_context(nothing).deploy_alias
    assert "production" == environment_from_context({"deploy_alias": "production"}.get).deploy_alias


def test_pages_are_given_with_spaces_between():
    """`-c cors_origins="https://a https://b"`; no page may call by default."""
    given = {"cors_origins": " https://a.example  https://b.example "}

    assert ("https://a.example", "https://b.example") == environment_from_context(
        given.get
    ).cors_origins
    assert () == environment_from_context(nothing).cors_origins


def test_a_replaced_endpoint_outlasts_its_users_by_the_window_for_going_back():
    """In production a rollback finds the earlier endpoint for ten minutes more."""
    last_use_s = replace(PRODUCTION, rollback_window_s=0).retire_after_s

    assert last_use_s + 600 == PRODUCTION.retire_after_s


def test_retirement_waits_for_the_last_user_of_the_old_endpoint():
    """An endpoint is deleted only after the oldest lookup and the longest prediction have ended."""
    for environment in ENVIRONMENTS.values():
        last_use_s = environment.lookup_max_age_s + environment.prediction_deadline_s
        assert environment.retire_after_s > last_use_s


def test_prediction_ends_before_lambda_and_api_gateway_give_up():
    """The function answers within its deadline, so that the caller gets its problem+json."""
    for environment in ENVIRONMENTS.values():
        assert environment.prediction_deadline_s < PREDICT.size_in(environment).timeout_s < 29
