"""The state machine that deploys one version of a model, or cleans up after it.

A task gets the whole state and returns `{"outcome": …}`, kept at `$.result`: its success outcome
leads on, any other to CleanUp. A task that raises is retried; once its retries are used up, the
error is kept at `$.failure` and CleanUp follows. Nothing follows Retire and CleanUp: when they
cannot do their work, the execution fails and an alarm is raised.

Once a deployment is live, or has ended otherwise, the reconciler looks at its model: it updates the
tags in MLflow and starts what is requested by then. Its result changes nothing here.

An input with `"retire_only": true` leads to Retire alone, after the same wait.
"""

from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Environment
from infra.constructs.workflow_limits import RECONCILING, longest_run_s
from infra.constructs.workflow_name import WorkflowName
from infra.constructs.workflow_states import (
    WorkflowStates,
    is_outcome,
    replaced_another,
    retire_only,
)
from infra.nag import acknowledge


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
        self._states = WorkflowStates(self, self._functions, environment)
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
        start = sfn.Choice(self, "RetireOnly?").when(retire_only(), retire)
        return start.otherwise(self._provisioning(retire))

    def _retirement(self) -> sfn.IChainable:
        wait = self._states.wait("WaitForLastUsers", self._environment.retire_after_s)
        retired = sfn.Succeed(self, "Retired")
        return wait.next(self._cleaning("retire", done="retired", then=retired))

    def _provisioning(self, retire: sfn.IChainable) -> sfn.IChainable:
        ended = self._states.reconcile("ReconcileEnded", then=sfn.Succeed(self, "CleanedUp"))
        clean_up = self._cleaning("clean_up", done="cleaned", then=ended)
        replaced = sfn.Choice(self, "Replaced?").when(replaced_another(), retire)
        deployed = replaced.otherwise(sfn.Succeed(self, "Deployed"))
        live = self._states.reconcile("ReconcileDeployed", then=deployed)
        activate = self._step("activate", done="activated", then=live, otherwise=clean_up)
        verify = self._step("verify", done="verified", then=activate, otherwise=clean_up)
        wait = self._states.wait("WaitForEndpoint", self._environment.poll_interval_s)
        check = self._check(wait, then=verify, otherwise=clean_up)
        wait.next(check)
        create = self._step("create", done="created", then=wait, otherwise=clean_up)
        package = self._step("package", done="packaged", then=create, otherwise=clean_up)
        return self._validate(then=package, adopted=check, otherwise=clean_up)

    def _validate(
        self, *, then: sfn.IChainable, adopted: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.IChainable:
        """A reused endpoint (`adopted`) exists: it is neither packaged, created nor waited for."""
        validate = self._states.invoke("validate", otherwise=otherwise)
        decide = sfn.Choice(self, "Valid?").when(is_outcome("valid"), then)
        validate.next(decide.when(is_outcome("adopted"), adopted).otherwise(otherwise))
        return validate

    def _step(
        self, task: str, *, done: str, then: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.IChainable:
        invoke = self._states.invoke(task, otherwise=otherwise)
        decide = sfn.Choice(self, f"{done.capitalize()}?")
        invoke.next(decide.when(is_outcome(done), then).otherwise(otherwise))
        return invoke

    def _check(
        self, wait: sfn.Wait, *, then: sfn.IChainable, otherwise: sfn.IChainable
    ) -> sfn.IChainable:
        check = self._states.invoke("check", otherwise=otherwise)
        decide = sfn.Choice(self, "Ready?").when(is_outcome("ready"), then)
        check.next(decide.when(is_outcome("waiting"), wait).otherwise(otherwise))
        return check

    def _cleaning(self, task: str, *, done: str, then: sfn.IChainable) -> sfn.IChainable:
        """Delete until the outcome is *done*; an unknown outcome fails the execution."""
        invoke = self._states.invoke(task)
        wait = self._states.wait(f"WaitForDeletion ({task})", self._environment.deletion_poll_s)
        decide = sfn.Choice(self, f"{done.capitalize()}?").when(is_outcome(done), then)
        invoke.next(decide.when(is_outcome("deleting"), wait.next(invoke)))
        return invoke

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
