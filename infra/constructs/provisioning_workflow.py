"""The state machine that brings one version of a model up, or cleans up after it.

A task gets the whole state and returns `{"outcome": …}`, kept at `$.result`: its success outcome
leads on, any other to CleanUp. A task that raises is retried; once that is used up, what it
raised is kept at `$.failure` and CleanUp follows. Retire and CleanUp have nothing behind them:
when they cannot do their work, the execution fails, and an alarm tells a person.

Once a deployment is live, or has ended without that, the reconciler looks at its model: it tells
MLflow, and starts what is requested now. What comes of that changes nothing here.

An input with `"retire_only": true` leads to Retire alone, after the same wait.
"""

from collections.abc import Mapping
from typing import Any

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from aws_cdk import aws_stepfunctions_tasks as tasks
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.config import Environment
from infra.constructs.workflow_name import WorkflowName
from infra.limits import RECONCILING, longest_run_s, retries_of


class ProvisioningWorkflow(Construct):
    """validate ▸ package ▸ create ▸ wait/check ▸ verify ▸ activate ▸ reconcile ▸ retire."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: WorkflowName,
        functions: Mapping[str, lambda_.IFunction],
        reconcile: lambda_.IFunction,
        environment: Environment,
    ) -> None:
        super().__init__(scope, id_)
        self._functions = {**functions, RECONCILING: reconcile}
        self._environment = environment
        self.state_machine = sfn.StateMachine(
            self,
            "StateMachine",
            state_machine_name=name.name,
            definition_body=sfn.DefinitionBody.from_chainable(self._definition()),
            timeout=Duration.seconds(longest_run_s(environment)),
            tracing_enabled=True,
            logs=sfn.LogOptions(
                destination=self._log_group(),
                level=sfn.LogLevel.ALL,
                include_execution_data=True,
            ),
        )
        self._acknowledge()

    def _definition(self) -> sfn.IChainable:
        retire = self._retirement()
        start = sfn.Choice(self, "RetireOnly?").when(_retire_only(), retire)
        return start.otherwise(self._provisioning(retire))

    def _retirement(self) -> sfn.IChainable:
        wait = self._wait("WaitForLastUsers", self._environment.retire_after_s)
        retired = sfn.Succeed(self, "Retired")
        return wait.next(self._cleaning("retire", done="retired", then=retired))

    def _provisioning(self, retire: sfn.IChainable) -> sfn.IChainable:
        ended = self._reconcile("ReconcileEnded", then=sfn.Succeed(self, "CleanedUp"))
        clean_up = self._cleaning("clean_up", done="cleaned", then=ended)
        replaced = sfn.Choice(self, "Replaced?").when(_replaced_another(), retire)
        deployed = replaced.otherwise(sfn.Succeed(self, "Deployed"))
        live = self._reconcile("ReconcileDeployed", then=deployed)
        activate = self._step("activate", done="activated", then=live, otherwise=clean_up)
        verify = self._step("verify", done="verified", then=activate, otherwise=clean_up)
        wait = self._wait("WaitForEndpoint", self._environment.poll_interval_s)
        check = self._check(wait, then=verify, otherwise=clean_up)
        wait.next(check)
        create = self._step("create", done="created", then=wait, otherwise=clean_up)
        package = self._step("package", done="packaged", then=create, otherwise=clean_up)
        return self._validate(then=package, adopted=check, otherwise=clean_up)

    def _validate(
        self, *, then: sfn.IChainable, adopted: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.IChainable:
        """An adopted endpoint stands already: nothing is made, and nothing waited for."""
        validate = self._invoke("validate", otherwise=otherwise)
        decide = sfn.Choice(self, "Valid?").when(_is("valid"), then)
        validate.next(decide.when(_is("adopted"), adopted).otherwise(otherwise))
        return validate

    def _step(
        self, task: str, *, done: str, then: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.IChainable:
        invoke = self._invoke(task, otherwise=otherwise)
        decide = sfn.Choice(self, f"{done.capitalize()}?")
        invoke.next(decide.when(_is(done), then).otherwise(otherwise))
        return invoke

    def _check(
        self, wait: sfn.Wait, *, then: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.IChainable:
        check = self._invoke("check", otherwise=otherwise)
        decide = sfn.Choice(self, "Ready?").when(_is("ready"), then)
        check.next(decide.when(_is("waiting"), wait).otherwise(otherwise))
        return check

    def _cleaning(self, task: str, *, done: str, then: sfn.IChainable) -> sfn.IChainable:
        """Deletes until it is *done*; any outcome that it should not have fails the execution."""
        invoke = self._invoke(task)
        wait = self._wait(f"WaitForDeletion ({task})", self._environment.deletion_poll_s)
        decide = sfn.Choice(self, f"{done.capitalize()}?").when(_is(done), then)
        invoke.next(decide.when(_is("deleting"), wait.next(invoke)))
        return invoke

    def _reconcile(self, id_: str, *, then: sfn.IChainable) -> sfn.IChainable:
        """Goes on to *then* whatever happens, with the state as it was."""
        reconcile = self._call(
            RECONCILING,
            id_,
            result_path=sfn.JsonPath.DISCARD,
            payload=sfn.TaskInput.from_object({"model_id": sfn.JsonPath.string_at("$.model_id")}),
            task_timeout=sfn.Timeout.duration(
                Duration.seconds(self._environment.reconcile_model_s)
            ),
        )
        reconcile.add_catch(then, errors=[sfn.Errors.ALL], result_path=sfn.JsonPath.DISCARD)
        reconcile.next(then)
        return reconcile

    def _invoke(self, task: str, otherwise: sfn.IChainable | None = None) -> tasks.LambdaInvoke:
        id_ = "".join(word.capitalize() for word in task.split("_"))
        invoke = self._call(task, id_, result_path="$.result")
        if otherwise:
            invoke.add_catch(otherwise, errors=[sfn.Errors.ALL], result_path="$.failure")
        return invoke

    def _call(self, task: str, id_: str, *, result_path: str, **options: Any) -> tasks.LambdaInvoke:
        invoke = tasks.LambdaInvoke(
            self,
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
            max_delay=Duration.seconds(self._environment.retry_max_delay_s),
            max_attempts=retries_of(task, self._environment),
            backoff_rate=2,
            jitter_strategy=sfn.JitterType.FULL,
        )
        return invoke

    def _wait(self, id_: str, seconds: int) -> sfn.Wait:
        return sfn.Wait(self, id_, time=sfn.WaitTime.duration(Duration.seconds(seconds)))

    def _log_group(self) -> logs.LogGroup:
        return logs.LogGroup(
            self,
            "Logs",
            # Other prefixes use up the size-limited policy through which AWS services write logs.
            # Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
            log_group_name=f"/aws/vendedlogs/states/{Stack.of(self).stack_name}-provision",
            retention=self._environment.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )

    def _acknowledge(self) -> None:
        reason = "Log delivery's and X-Ray's actions name no resource."
        findings = {"AwsSolutions-IAM5[Resource::*]": reason}
        for function in self._functions.values():
            id_ = Stack.of(self).resolve(function.function_arn)["Fn::GetAtt"][0]
            findings[f"AwsSolutions-IAM5[Resource::<{id_}.Arn>:*]"] = "Versions of the function."
        acknowledge(self.state_machine, findings)


def _is(outcome: str) -> sfn.Condition:
    return sfn.Condition.string_equals("$.result.outcome", outcome)


def _replaced_another() -> sfn.Condition:
    path = "$.result.replaced_id"
    return _if_present(path, sfn.Condition.is_string(path))


def _retire_only() -> sfn.Condition:
    path = "$.retire_only"
    return _if_present(path, sfn.Condition.boolean_equals(path, value=True))


def _if_present(path: str, condition: sfn.Condition) -> sfn.Condition:
    """*condition*; alone, it would fail the execution where there is nothing at *path*."""
    return sfn.Condition.and_(sfn.Condition.is_present(path), condition)
