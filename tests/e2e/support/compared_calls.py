"""Calls of a live model while its next version is compared with it."""

import json
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

import httpx

from infra.local.deployment import aws_client
from infra.local.system import LocalSystem
from tests.e2e.support import canaries
from tests.e2e.support.api_client import ApiClient, path_of
from tests.e2e.support.canaries import FRACTION
from tests.e2e.support.followed_models import Registry
from tests.e2e.support.waiting import eventually
from tests.e2e.support.workflow_control import TABLE
from tests.e2e.support.written import everything

_COUNTS = {"calls", "agreeing", "errors"}


@dataclass
class ComparedCalls:
    """Calls with numbers that are found again if somebody keeps them.

    Attributes:
        answers: By number, in the order of the calls.
        candidate: Id of the deployment that is compared.
    """

    system: LocalSystem
    client: ApiClient
    model: str
    run: str = field(default_factory=lambda: uuid4().hex[:8])
    answers: dict[int, httpx.Response] = field(default_factory=dict)
    candidate: str = ""

    @classmethod
    def of_new_model(cls, system: LocalSystem, client: ApiClient, registry: Registry) -> Self:
        """Register a model; its first version is live."""
        model = f"compared-{uuid4().hex[:6]}"
        client.wait_until_live(model, registry.register(model))
        return cls(system, client, model)

    def wait_for_candidate(self) -> None:
        """Wait until the live deployment names a candidate."""
        key = {"model_id": {"S": self.model}, "id": {"S": "live"}}
        table, found = aws_client("dynamodb", self.system.aws_url), dict[str, str]()

        def is_named() -> bool:
            item = table.get_item(TableName=TABLE, Key=key).get("Item", {})
            found.update(item.get("candidate_id", {}))
            return bool(found)

        assert eventually(is_named), self.client.http.get(path_of(self.model)).text
        self.candidate = found["S"]

    def counted(self) -> dict[str, int]:
        """Return the counts so far; empty before the first one."""
        table = aws_client("dynamodb", self.system.aws_url)
        (state,) = {*table.list_tables()["TableNames"]} - {TABLE}
        live = self.client.serving_deployment(self.model)
        assert live
        key = {"id": {"S": f"agreement#{self.candidate}#{live['id']}"}}
        item = table.get_item(TableName=state, Key=key).get("Item", {})
        return {name: int(value["N"]) for name, value in item.items() if name in _COUNTS}

    def call(self, *numbers: int) -> None:
        """Predict with each number."""
        for number in numbers:
            self.answers[number] = self.client.http.post(
                path_of(self.model, "/predict"),
                json={"dataframe_records": [{"x": round(number + FRACTION, 12)}]},
                headers={"X-Request-Id": self._request_id(number)},
            )

    def right_answers(self) -> set[int]:
        """Return the numbers that the first version has answered, rightly."""
        return {
            number
            for number, answer in self.answers.items()
            if answer.is_success
            and answer.json()["model_version"] == "1"
            and answer.json()["predictions"] == [round(2 * (number + FRACTION), 12)]
        }

    def mirrored(self) -> set[int]:
        """Return the numbers whose calls were sent to the candidate, by predict's log."""
        numbers = {self._request_id(number): number for number in self.answers}
        lines = [line for line in self._log_lines() if line.get("request_id") in numbers]
        return {numbers[line["request_id"]] for line in lines if line.get("mirrored")}

    def wait_until_logged(self) -> None:
        """Wait until each call has left its line."""
        numbers = {self._request_id(number) for number in self.answers}
        assert eventually(
            lambda: numbers <= {str(line.get("request_id")) for line in self._log_lines()}
        )

    def written_in(self) -> set[str]:
        """Return the kinds of places where digits of what was sent or answered are found."""
        digits = canaries.SENT["number of a body"], canaries.DOUBLED_FRACTION
        return {
            each.kind
            for each in everything(self.system, set())
            if any(each_digits in each.text for each_digits in digits)
        }

    def _request_id(self, number: int) -> str:
        return f"{self.run}-{number}"

    def _log_lines(self) -> list[dict[str, Any]]:
        logs = aws_client("logs", self.system.aws_url)
        groups = [each["logGroupName"] for each in logs.describe_log_groups()["logGroups"]]
        pages = (
            page
            for name in groups
            if "Predict" in name
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name)
        )
        messages = (event["message"] for page in pages for event in page["events"])
        return [json.loads(each) for each in messages if self.run in each and each[:1] == "{"]
