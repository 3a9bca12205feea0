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

from aws_cdk import Duration, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Environment
from infra.constructs.log_group import log_group
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
                # Other prefixes use up the size-limited policy through which AWS services write.
                # Source: https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
                destination=log_group(
                    self, "Logs", environment, name=f"/aws/vendedlogs/states/{name.name}"
                ),
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
        return wait.next(self._deletion("retire", "retired", then=sfn.Succeed(self, "Retired")))

    def _provisioning(self, retire: sfn.IChainable) -> sfn.IChainable:
        ended = self._states.reconcile("ReconcileEnded", then=sfn.Succeed(self, "CleanedUp"))
        clean_up = self._deletion("clean_up", "cleaned", then=ended)
        replaced = sfn.Choice(self, "Replaced?").when(replaced_another(), retire)
        deployed = replaced.otherwise(sfn.Succeed(self, "Deployed"))
        live = self._states.reconcile("ReconcileDeployed", then=deployed)
        activate = self._task("activate", "Activated?", {"activated": live}, clean_up)
        verify = self._task("verify", "Verified?", {"verified": activate}, clean_up)
        wait = self._states.wait("WaitForEndpoint", self._environment.poll_interval_s)
        check = self._task("check", "Ready?", {"ready": verify, "waiting": wait}, clean_up)
        wait.next(check)
        create = self._task("create", "Created?", {"created": wait}, clean_up)
        package = self._task("package", "Packaged?", {"packaged": create}, clean_up)
        # A reused endpoint (`adopted`) exists: it is neither packaged, created nor waited for.
        return self._task("validate", "Valid?", {"valid": package, "adopted": check}, clean_up)

    def _deletion(self, task: str, done: str, *, then: sfn.IChainable) -> sfn.IChainable:
        """Delete until the outcome is *done*; an unknown outcome fails the execution."""
        wait = self._states.wait(f"WaitForDeletion ({task})", self._environment.deletion_poll_s)
        delete = self._task(task, f"{done.capitalize()}?", {done: then, "deleting": wait})
        wait.next(delete)
        return delete

    def _task(
        self,
        task: str,
        question: str,
        outcomes: Mapping[str, sfn.IChainable],
        otherwise: sfn.IChainable | None = None,
    ) -> sfn.IChainable:
        """Call *task*, then the state of its outcome; *otherwise* follows failures and others."""
        invoke = self._states.invoke(task, otherwise=otherwise)
        decide = sfn.Choice(self, question)
        for outcome, then in outcomes.items():
            decide.when(is_outcome(outcome), then)
        if otherwise:
            decide.otherwise(otherwise)
        invoke.next(decide)
        return invoke

    def _acknowledge(self) -> None:
        reason = "Log delivery's and X-Ray's actions name no resource."
        findings = {"AwsSolutions-IAM5[Resource::*]": reason}
        for function in self._functions.values():
            id_ = Stack.of(self).resolve(function.function_arn)["Fn::GetAtt"][0]
            findings[f"AwsSolutions-IAM5[Resource::<{id_}.Arn>:*]"] = "Versions of the function."
        acknowledge(self.state_machine, findings)
