"""A synthesized or deployed template with concrete ARNs in place of CloudFormation's functions.

Every resource is named by its logical id, whatever it is called: so calls that were recorded on one
stack can be held against the template of another environment.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from infra.emulator import ACCOUNT, REGION

type Json = dict[str, Any]

_PSEUDO = {"AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
_ARNS = {
    "AWS::ApiGateway::RestApi": "execute-api:{here}:{}",
    "AWS::CloudWatch::Alarm": "cloudwatch:{here}:alarm:{}",
    "AWS::CloudWatch::CompositeAlarm": "cloudwatch:{here}:alarm:{}",
    "AWS::DynamoDB::GlobalTable": "dynamodb:{here}:table/{}",
    "AWS::Events::EventBus": "events:{here}:event-bus/{}",
    "AWS::Events::Rule": "events:{here}:rule/{}",
    "AWS::IAM::Role": "iam::{account}:role/{}",
    "AWS::Lambda::Function": "lambda:{here}:function:{}",
    "AWS::Logs::LogGroup": "logs:{here}:log-group:{}:*",
    "AWS::SNS::Topic": "sns:{here}:{}",
    "AWS::SQS::Queue": "sqs:{here}:{}",
    "AWS::SecretsManager::Secret": "secretsmanager:{here}:secret:{}",
    "AWS::StepFunctions::StateMachine": "states:{here}:stateMachine:{}",
}
"""Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html"""
_REF_IS_ARN = {
    "AWS::SNS::Topic",
    "AWS::SecretsManager::Secret",
    "AWS::StepFunctions::StateMachine",
}
_ARN_ATTRIBUTES = {
    *((type_, "Arn") for type_ in _ARNS),
    ("AWS::SecretsManager::Secret", "Id"),
    ("AWS::SNS::Topic", "TopicArn"),
}
_NAMES = {
    "AWS::DynamoDB::GlobalTable": "TableName",
    "AWS::Events::EventBus": "Name",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::SNS::Topic": "TopicName",
    "AWS::StepFunctions::StateMachine": "StateMachineName",
}
"""The property with a name of ours, if a resource has one."""


@dataclass(frozen=True)
class Template:
    """*document* as CloudFormation has it.

    Attributes:
        physical_ids: Of a deployed stack's resources, by logical id.
    """

    document: Json
    physical_ids: Mapping[str, str] = field(default_factory=dict)

    def all(self, *types: str) -> Iterator[tuple[str, Json]]:
        """Yield the logical id and the resolved properties of each resource of these types."""
        for id_, resource in self._resources.items():
            if resource["Type"] in types:
                yield id_, self.resolved(resource.get("Properties", {}))

    def arn(self, id_: str) -> str:
        """Return the ARN of the resource *id_*."""
        type_ = self._resources[id_]["Type"]
        if type_ in {"AWS::Lambda::Version", "AWS::Lambda::Alias"}:
            properties = self._resources[id_]["Properties"]
            function = self.resolved(properties["FunctionName"])
            function = function if ":" in function else self.arn(function)
            return f"{function}:{properties.get('Name', id_)}"
        return "arn:aws:" + _ARNS[type_].format(id_, here=f"{REGION}:{ACCOUNT}", account=ACCOUNT)

    def resolved(self, value: Any) -> Any:
        """Return *value* with every function of CloudFormation replaced by what it returns."""
        return json.loads(self.by_logical_id(json.dumps(self._value(value))))

    def by_logical_id(self, text: str) -> str:
        """Replace the names of resources in *text* by their logical ids."""
        if not self._names:
            return text
        return self._any_name.sub(lambda found: self._names[found[0]], text)

    @property
    def _resources(self) -> Json:
        resources: Json = self.document["Resources"]
        return resources

    @cached_property
    def _names(self) -> Mapping[str, str]:
        """Logical ids by name: the explicit ones of the template, and the physical ids."""
        explicit = {
            name: id_
            for id_, resource in self._resources.items()
            if isinstance(name := self._name(resource), str)
        }
        physical = {
            name.split(":")[-1]: id_
            for id_, name in self.physical_ids.items()
            # Others, such as a stage named `live`, are no names of anything in a call.
            if self._resources[id_]["Type"] in _ARNS
        }
        return {**physical, **explicit}

    @staticmethod
    def _name(resource: Json) -> Any:
        return resource.get("Properties", {}).get(_NAMES.get(resource["Type"], ""))

    @cached_property
    def _any_name(self) -> re.Pattern[str]:
        longest_first = sorted(map(re.escape, self._names), key=len, reverse=True)
        return re.compile(rf"(?<![\w-])(?:{'|'.join(longest_first)})(?![\w-])")

    def _value(self, value: Any) -> Any:
        """Raises: NotImplementedError (a function that is not known here)."""
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if not isinstance(value, dict):
            return value
        for name, argument in value.items():
            if name == "Ref" or name.startswith("Fn::"):
                return self._result(name, argument)
        return {key: self._value(each) for key, each in value.items()}

    def _result(self, function: str, argument: Any) -> Any:
        match function, argument:
            case "Ref", name:
                return _PSEUDO.get(name) or self._reference(name)
            case "Fn::GetAtt", [id_, attribute]:
                return self._attribute(id_, attribute)
            case "Fn::Join", [separator, parts]:
                return separator.join(self._value(part) for part in parts)
            case "Fn::Sub", str(text):
                return re.sub(r"\$\{([^}]+)\}", lambda found: self._substitute(found[1]), text)
            case "Fn::Select", [index, {"Fn::Split": [separator, text]}]:
                return self._value(text).split(separator)[int(index)]
        raise NotImplementedError(function, argument)

    def _attribute(self, id_: str, attribute: str) -> str:
        type_ = self._resources[id_]["Type"]
        return self.arn(id_) if (type_, attribute) in _ARN_ATTRIBUTES else id_

    def _substitute(self, name: str) -> str:
        id_, _, attribute = name.partition(".")
        return self._attribute(id_, attribute) if attribute else str(self._result("Ref", id_))

    def _reference(self, id_: str) -> str:
        type_ = self._resources.get(id_, {}).get("Type", "")
        qualified = type_ in {"AWS::Lambda::Version", "AWS::Lambda::Alias"}
        return self.arn(id_) if qualified or type_ in _REF_IS_ARN else id_
