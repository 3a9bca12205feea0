"""The kinds of states that the provisioning workflow consists of, and its conditions."""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.config import Environment
from infra.constructs.workflow_limits import (
    RECONCILE_TIMEOUT_S,
    RECONCILING,
    RETRY_MAX_DELAY_S,
    retries_of,
)


class WorkflowStates:
    """Makes states inside *scope*; *functions* by the name of their task."""

    def __init__(
        self, scope: Construct, functions: Mapping[str, lambda_.IFunction], environment: Environment
    ) -> None:
        self._scope = scope
        self._functions = functions
        self._environment = environment

    def reconcile(self, id_: str, *, then: sfn.IChainable) -> sfn.IChainable:
        """Reconcile the model, then go on to *then* whatever happens, with the state unchanged."""
        reconcile = self._call(
            RECONCILING,
            id_,
            result_path=sfn.JsonPath.DISCARD,
            payload=sfn.TaskInput.from_object({"model_id": sfn.JsonPath.string_at("$.model_id")}),
            task_timeout=sfn.Timeout.duration(Duration.seconds(RECONCILE_TIMEOUT_S)),
        )
        reconcile.add_catch(then, errors=[sfn.Errors.ALL], result_path=sfn.JsonPath.DISCARD)
        reconcile.next(then)
        return reconcile

    def invoke(self, task: str, otherwise: sfn.IChainable | None = None) -> tasks.LambdaInvoke:
        """Call *task* with the whole state; *otherwise* follows once its retries are used up."""
        id_ = "".join(word.capitalize() for word in task.split("_"))
        invoke = self._call(task, id_, result_path="$.result")
        if otherwise:
            invoke.add_catch(otherwise, errors=[sfn.Errors.ALL], result_path="$.failure")
        return invoke

    def _call(self, task: str, id_: str, *, result_path: str, **options: Any) -> tasks.LambdaInvoke:
        invoke = tasks.LambdaInvoke(
            self._scope,
            id_,
            lambda_function=self._functions[task],
            payload_response_only=True,
            retry_on_service_exceptions=False,
            result_path=result_path,
            **options,
        )
        invoke.add_retry(
            errors=[sfn.Errors.ALL],
            interval=Duration.seconds(self._environment.retry_interval_s),
            max_delay=Duration.seconds(RETRY_MAX_DELAY_S),
            max_attempts=retries_of(task, self._environment),
            backoff_rate=2,
            jitter_strategy=sfn.JitterType.FULL,
        )
        return invoke

    def wait(self, id_: str, seconds: int) -> sfn.Wait:
        """Wait for so many *seconds*."""
        return sfn.Wait(self._scope, id_, time=sfn.WaitTime.duration(Duration.seconds(seconds)))

    def wait_for_result(self, id_: str) -> sfn.Wait:
        """Wait for the seconds that the last task's result names as `wait_s`."""
        return sfn.Wait(self._scope, id_, time=sfn.WaitTime.seconds_path("$.result.wait_s"))


def is_outcome(outcome: str) -> sfn.Condition:
    return sfn.Condition.string_equals("$.result.outcome", outcome)


def replaced_another() -> sfn.Condition:
    path = "$.result.replaced_id"
    return _if_present(path, sfn.Condition.is_string(path))


def retire_only() -> sfn.Condition:
    path = "$.retire_only"
    return _if_present(path, sfn.Condition.boolean_equals(path, value=True))


def _if_present(path: str, condition: sfn.Condition) -> sfn.Condition:
    """Guard *condition*, which alone would fail the execution where there is nothing at *path*."""
    return sfn.Condition.and_(sfn.Condition.is_present(path), condition)
