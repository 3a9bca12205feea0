"""The state machine that deploys one version of a model, or cleans up after it.

A task gets the whole state and returns `{"outcome": …}`, kept at `$.result`: its success outcome
leads on, any other to CleanUp. A task that raises is retried; once its retries are used up, the
error is kept at `$.failure` and CleanUp follows. Nothing follows Retire and CleanUp: when they
cannot do their work, the execution fails and an alarm is raised.

Once a deployment is live, or has ended otherwise, the reconciler looks at its model: it updates the
tags in MLflow and starts what is requested by then. Its result changes nothing here.

An input with `"retire_only": true` leads to Retire alone, after the same wait.

An execution, which may last for hours, keeps the definition that it began with, and a definition
names the tasks' versions: so no deployment changes what an execution does. The reconciler looks at
a whole model, also for others, and is always the newest one.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-standard-vs-express.html
"""

from collections.abc import Mapping, Sequence

from aws_cdk import Duration, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Environment
from infra.constructs.log_group import log_group
from infra.constructs.python_function import PythonFunction
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
    """validate ▸ package ▸ create ▸ wait/check ▸ verify ▸ agree ▸ activate ▸ reconcile ▸ retire."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: WorkflowName,
        tasks: Mapping[str, PythonFunction],
        reconcile: lambda_.Alias,
        environment: Environment,
    ) -> None:
        super().__init__(scope, id_)
        self._environment = environment
        called = {task: function.version for task, function in tasks.items()}
        self._states = WorkflowStates(self, {**called, RECONCILING: reconcile}, environment)
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
        self._allow_all_versions([task.function for task in tasks.values()])

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
        agree = self._agreement(activate, clean_up)
        verified = {"verified": activate, "verified_to_compare": agree}
        verify = self._task("verify", "Verified?", verified, clean_up)
        wait = self._states.wait_for_result("WaitForEndpoint")
        check = self._task("check", "Ready?", {"ready": verify, "waiting": wait}, clean_up)
        wait.next(check)
        create = self._task("create", "Created?", {"created": wait}, clean_up)
        package = self._task("package", "Packaged?", {"packaged": create}, clean_up)
        # A reused endpoint (`adopted`) exists: it is neither packaged, created nor waited for.
        return self._task("validate", "Valid?", {"valid": package, "adopted": check}, clean_up)

    def _agreement(self, then: sfn.IChainable, otherwise: sfn.IChainable) -> sfn.IChainable:
        wait = self._states.wait_for_result("WaitForAgreement")
        agree = self._task("agree", "Agreed?", {"agreed": then, "agreeing": wait}, otherwise)
        wait.next(agree)
        return agree

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

    def _allow_all_versions(self, tasks: Sequence[lambda_.Function]) -> None:
        """Let executions of earlier definitions go on calling the versions that those name."""
        versions = [f"{task.function_arn}:*" for task in tasks]
        self.state_machine.add_to_role_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=versions)
        )
        reason = "Log delivery's and X-Ray's actions name no resource."
        findings = {"AwsSolutions-IAM5[Resource::*]": reason}
        for task in tasks:
            id_ = Stack.of(self).resolve(task.function_arn)["Fn::GetAtt"][0]
            findings[f"AwsSolutions-IAM5[Resource::<{id_}.Arn>:*]"] = "Versions of the function."
        acknowledge(self.state_machine, findings)
