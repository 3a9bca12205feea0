"""A predict function as one would write it first: boto3, httpx, pydantic, and Powertools' logger,
metrics, tracer, parameters and resolver, which validates; all of it imported and made at the start.
"""

import os
from typing import Any

import boto3
import httpx
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.event_handler import APIGatewayRestResolver
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities import parameters
from pydantic import BaseModel

logger = Logger(service="naive-predict")
tracer = Tracer(service="naive-predict")
metrics = Metrics(namespace="Naive", service="naive-predict")
app = APIGatewayRestResolver(strip_prefixes=["/api/v1"], enable_validation=True)
dynamodb = boto3.client("dynamodb")
client = httpx.Client(timeout=25)


class Body(BaseModel):
    """The caller's input."""

    inputs: list[list[float]]


@app.post("/models/<model_id>/predict")
@tracer.capture_method
def predict(model_id: str, body: Body) -> dict[str, Any]:
    """Score the body with the model's live endpoint."""
    key = {"model_id": {"S": model_id}, "id": {"S": "live"}}
    item = dynamodb.get_item(TableName=os.environ["TABLE_NAME"], Key=key)["Item"]
    token = parameters.get_secret(os.environ["HUGGINGFACE_TOKEN_SECRET"])
    headers = {"Authorization": f"Bearer {token}"}
    answer = client.post(item["endpoint_url"]["S"], json=body.model_dump(), headers=headers)
    answer.raise_for_status()
    metrics.add_metric("Predictions", MetricUnit.Count, 1)
    logger.info("predicted", model_id=model_id)
    return {"model_id": model_id, "predictions": answer.json()["predictions"]}


@logger.inject_lambda_context
@tracer.capture_lambda_handler
@metrics.log_metrics
def lambda_handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer an API Gateway proxy event."""
    return app.resolve(event, context)
