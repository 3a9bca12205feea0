"""What the API's function is put together from, once per execution environment."""

from functools import cache

import boto3

from functions.common.deployments.dynamodb import DynamoDeploymentStore
from functions.common.deployments.store import DeploymentStore
from functions.common.providers.huggingface.inference import HuggingFaceInference
from functions.common.secrets import SecretsManagerSecrets
from functions.predict.live_deployments import LiveDeployments
from functions.predict.prediction import Predictor
from functions.predict.settings import PredictSettings


@cache
def settings() -> PredictSettings:
    """Read at the first request, never at import."""
    return PredictSettings.from_env()


@cache
def store() -> DeploymentStore:
    """Where deployments are looked up."""
    return DynamoDeploymentStore(boto3.client("dynamodb"), settings().table_name)


@cache
def predictor() -> Predictor:
    """Predicts with live deployments on Hugging Face."""
    secrets = SecretsManagerSecrets()
    client = HuggingFaceInference(
        endpoint_domain=settings().endpoint_domain,
        token=lambda: secrets.current(settings().huggingface_token_secret),
    )
    return Predictor(
        LiveDeployments(store(), max_age_s=settings().lookup_max_age_s),
        client,
        deadline_s=settings().prediction_deadline_s,
    )
