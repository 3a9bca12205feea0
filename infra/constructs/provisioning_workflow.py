"""The state machine that deploys one version of a model, or cleans up after it.

A task gets the whole state and returns `{"outcome": …}`, kept at `$.result`: its success outcome
leads on, any other to CleanUp. A task that raises is retried; once its retries are used up, the
error is kept at `$.failure` and CleanUp follows. Nothing follows Retire and CleanUp: when they
cannot do their work, the execution fails and an alarm is raised.

Once a deployment is live, or has ended otherwise, the reconciler looks at its model: it updates the
tags in MLflow and starts what is requested by then. Its result changes nothing here.

While what it replaced still stands, Bake looks at how a live deployment does, and may take it back;
whatever becomes of that, Retire follows, once nobody can use any more what does not serve.

An input with `"retire_only": true` leads to Retire alone, after as long a time.

An execution, which may last for hours, keeps the definition that it began with, and a definition
names the tasks' versions: so no deployment changes what an execution does. The reconciler looks at
a whole model, also for others, and is always the newest one.
Source: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-standard-vs-express.html
"""

from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_stepfunctions as sfn
from constructs import Construct

from infra.config import Environment
from infra.constructs.log_group import log_group
from infra.constructs.python_function import PythonFunction
from infra.constructs.workflow_limits import RECONCILING, longest_run_s
from infra.constructs.workflow_name import WorkflowName
from infra.constructs.workflow_rights import allow_all_versions
from infra.constructs.workflow_states import (
    WorkflowStates,
    is_outcome,
    replaced_another,
    retire_only,
)


class ProvisioningWorkflow(Construct):
    """validate ▸ package ▸ create ▸ check ▸ verify ▸ agree ▸ activate ▸ bake ▸ retire."""

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
        allow_all_versions(self.state_machine, [task.function for task in tasks.values()])

    def _definition(self) -> sfn.IChainable:
        retire = self._retirement()
        environment = self._environment
        kept_s = environment.undeployed_kept_s
        kept_s = environment.rollback_window_s if kept_s is None else kept_s
        kept = self._states.wait("WaitForRollback", kept_s)
        start = sfn.Choice(self, "RetireOnly?").when(retire_only(), kept.next(retire))
        return start.otherwise(self._provisioning(retire))

    def _retirement(self) -> sfn.Chain:
        wait = self._states.wait("WaitForLastUsers", self._environment.last_use_s)
        return wait.next(self._deletion("retire", "retired", then=sfn.Succeed(self, "Retired")))

    def _baking(self, retire: sfn.IChainable) -> sfn.IChainable:
        """Bake until the outcome is neither `baking` nor unknown; *retire* follows in any case."""
        taken_back = self._states.reconcile("ReconcileTakenBack", then=retire)
        wait = self._states.wait_for_result("WaitToBake")
        outcomes = {"baking": wait, "taken_back": taken_back, "held": retire}
        bake = self._task("bake", "Baked?", outcomes, otherwise=retire)
        wait.next(bake)
        return bake

    def _provisioning(self, retire: sfn.IChainable) -> sfn.IChainable:
        ended = self._states.reconcile("ReconcileEnded", then=sfn.Succeed(self, "CleanedUp"))
        clean_up = self._deletion("clean_up", "cleaned", then=ended)
        replaced = sfn.Choice(self, "Replaced?").when(replaced_another(), self._baking(retire))
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
