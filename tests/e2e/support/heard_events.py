"""A queue on the bus of the stack's events, as another team would have one."""

import json
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import uuid4

from infra.environments import LOCAL
from infra.local.deployment import aws_client
from infra.local.system import LocalSystem


@dataclass(frozen=True, slots=True)
class HeardEvents:
    """Events of one model, from the creation of the rule on."""

    queues: Any
    url: str
    heard: list[dict[str, Any]] = field(default_factory=list)

    @classmethod
    def of_model(cls, system: LocalSystem, model: str) -> Self:
        """Make a rule on the stack's bus, and a queue for what it lets through."""
        events, queues = (aws_client(each, system.aws_url) for each in ("events", "sqs"))
        stacks = aws_client("cloudformation", system.aws_url)
        (stack,) = stacks.describe_stacks(StackName=LOCAL.stack_name)["Stacks"]
        outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
        bus, name = outputs["EventBus"], f"heard-{uuid4().hex[:8]}"
        url = queues.create_queue(QueueName=name)["QueueUrl"]
        arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
        pattern = json.dumps({"source": ["hokus.model-serving"], "detail": {"model": [model]}})
        events.put_rule(Name=name, EventBusName=bus, EventPattern=pattern)
        targets = [{"Id": "queue", "Arn": arn["QueueArn"]}]
        events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
        return cls(queues, url)

    def all(self) -> list[dict[str, Any]]:
        """Return what has been heard until now."""
        while messages := self.queues.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0
        ).get("Messages"):
            for each in messages:
                self.heard.append(json.loads(each["Body"]))
                self.queues.delete_message(QueueUrl=self.url, ReceiptHandle=each["ReceiptHandle"])
        return self.heard
