"""The secrets of the service."""

from aws_cdk import SecretValue
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from functions.common.secrets import NOT_SET
from infra.config import Environment
from infra.function_spec import SecretName
from infra.huggingface_permissions import CALLING, MANAGING
from infra.nag import acknowledge


class ServiceSecrets(Construct):
    """Five secrets. The webhook's is generated; the others hold a placeholder until an operator
    sets them.

    Later deployments keep values that were set: CloudFormation writes a value only when the
    template's own changes.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self._removal = environment.removal_policy
        self.huggingface_token = self._placeholder(
            "HuggingFaceToken",
            f"Token of Hugging Face that manages: {', '.join(MANAGING)}.",
        )
        self.huggingface_calling_token = self._placeholder(
            "HuggingFaceCallingToken",
            f"Token of Hugging Face that calls: {', '.join(CALLING)}.",
        )
        self.mlflow_credentials = self._placeholder(
            "MlflowCredentials", 'JSON: {}, {"username", "password"} or {"token"}.'
        )
        self.uptime_api_key = self._placeholder(
            "UptimeApiKey", "API key of our own, by which models are checked."
        )
        self.webhook = secretsmanager.Secret(
            self,
            "WebhookSecret",
            description="Signs the deliveries of MLflow's webhook.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
            removal_policy=self._removal,
        )
        acknowledge(self, {"AwsSolutions-SMG4": "The other side of each is rotated by hand."})

    def arn(self, name: SecretName) -> str:
        """Return the ARN of the secret *name*.

        By the attribute `Id`, since MiniStack answers `Ref` with the name.
        """
        secret: secretsmanager.Secret = getattr(self, name)
        resource = secret.node.default_child
        assert isinstance(resource, secretsmanager.CfnSecret)  # noqa: S101 - for the type checker
        return resource.attr_id

    def _placeholder(self, id_: str, description: str) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            id_,
            description=description,
            secret_string_value=SecretValue.unsafe_plain_text(NOT_SET),
            removal_policy=self._removal,
        )
