"""A FastAPI service that predicts through httpx, for comparison.

It does the same job for one model: knows the caller by its key, looks the deployment up every five
seconds, validates the body, counts failures, calls the endpoint within a deadline, and writes
one log line and one line of metrics in CloudWatch's embedded format per call.
"""

import json
import logging
import os
import sys
import time
from contextlib import asynccontextmanager
from typing import Annotated, Any, Literal

import httpx
import uvicorn
from fastapi import FastAPI, Header, HTTPException
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from bench.models import MODELS
from bench.upstream import DEPLOYMENT_ID

KEY = "hk_live_" + "0" * 32
LOOKUP_MAX_AGE_S = 5
DEADLINE_S = 25
FAILURES_TO_OPEN = 5

logger = logging.getLogger("service")
state: dict[str, Any] = {"looked_up_at": 0.0, "failures": 0}


class TensorRequest(BaseModel):
    """Rows of four numbers."""

    model_config = ConfigDict(extra="forbid")

    inputs: list[Annotated[list[float], Field(min_length=4, max_length=4)]]


class Row(BaseModel):
    """A row of the table."""

    age: int
    height: float
    city: str
    member: bool


class SplitTable(BaseModel):
    """The table as pandas splits it, its columns in the signature's order."""

    columns: tuple[Literal["age"], Literal["height"], Literal["city"], Literal["member"]]
    data: list[tuple[int, float, str, bool]]


class TableRequest(BaseModel):
    """A table, in one of two forms."""

    model_config = ConfigDict(extra="forbid")

    dataframe_split: SplitTable | None = None
    dataframe_records: list[Row] | None = None


@asynccontextmanager
async def lifespan(_app: FastAPI) -> Any:
    """Return the client of all calls."""
    async with httpx.AsyncClient(timeout=DEADLINE_S) as client:
        state["client"] = client
        yield


app = FastAPI(lifespan=lifespan)


@app.post("/api/v1/models/table/predict")
async def predict_table(
    request: TableRequest, authorization: Annotated[str, Header()]
) -> JSONResponse:
    """Score a table."""
    return await predict("table", request, authorization)


@app.post("/api/v1/models/{model_id}/predict")
async def predict_tensor(
    model_id: str, request: TensorRequest, authorization: Annotated[str, Header()]
) -> JSONResponse:
    """Score a tensor."""
    return await predict(model_id, request, authorization)


async def predict(model_id: str, request: BaseModel, authorization: str) -> JSONResponse:
    """Score the rows."""
    started = time.perf_counter()
    if authorization != f"Bearer {KEY}":
        raise HTTPException(401)
    if state["failures"] >= FAILURES_TO_OPEN:
        raise HTTPException(503)
    body = {"inputs": request.model_dump(), "hokus": {"secret": "s"}}
    answer = await state["client"].post(
        endpoint(model_id), json=body, headers={"Authorization": "Bearer hf_token"}
    )
    state["failures"] = 0 if answer.is_success else state["failures"] + 1
    envelope = answer.raise_for_status().json()
    latency_ms = (time.perf_counter() - started) * 1_000
    observe(model_id, latency_ms)
    return JSONResponse(
        {
            "model_id": model_id,
            "predictions": envelope["predictions"],
            "metadata": {"deployment_id": DEPLOYMENT_ID, "latency_ms": latency_ms},
        }
    )


def endpoint(model_id: str) -> str:
    """Return the model's address."""
    if time.monotonic() - state["looked_up_at"] > LOOKUP_MAX_AGE_S:
        state["looked_up_at"] = time.monotonic()
        url = os.environ["UPSTREAM_URL"]
        state["urls"] = {name: url + path for name, (_, path) in MODELS.items()}
    return str(state["urls"][model_id])


def observe(model_id: str, latency_ms: float) -> None:
    """The log line, and the metrics."""
    logger.info(json.dumps({"message": "predicted", "model_id": model_id}))
    metric = {"Name": "Latency", "Unit": "Milliseconds"}
    directive = {"Namespace": "Service", "Dimensions": [["service"]], "Metrics": [metric]}
    aws = {"Timestamp": int(time.time() * 1_000), "CloudWatchMetrics": [directive]}
    line = {"_aws": aws, "service": "predict", "Latency": [latency_ms]}
    sys.stdout.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format="%(message)s")
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
