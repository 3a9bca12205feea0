"""Runs the uptime checks, and reads what they have counted."""

import json
from typing import Any

from functions.common.metric_names import AVAILABLE
from infra.functions import UPTIME
from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e.support.lambda_functions import LambdaFunctions
from tests.wide_events import metric_lines


class UptimeChecks:
    """The function of the running system."""

    def __init__(self, system: LocalSystem) -> None:
        self._name = LambdaFunctions(system).live(UPTIME.handler)
        self._lambda = aws_client("lambda", system.aws_url)
        self._logs = aws_client("logs", system.aws_url)

    def run(self) -> dict[str, Any]:
        """Check every model, as the schedule does; return the report."""
        answer = self._lambda.invoke(FunctionName=self._name, Payload=b"{}")
        report: dict[str, Any] = json.load(answer["Payload"])
        assert "FunctionError" not in answer, report
        return report

    def lines(self, model: str) -> list[dict[str, Any]]:
        """Return the lines of the model's checks, the newest last."""
        function = self._lambda.get_function_configuration(FunctionName=self._name)
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=function["LoggingConfig"]["LogGroup"]
        )
        printed = [event["message"] for page in pages for event in page["events"]]
        lines = metric_lines("\n".join(each for each in printed if AVAILABLE in each))
        return [line for line in lines if line["model"] == model]
