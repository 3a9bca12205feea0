"""What the functions must know and nobody else may see."""

from aws_cdk import RemovalPolicy, SecretValue
from aws_cdk import aws_iam as iam
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.acknowledgements import acknowledge
from infra.catalog import SecretName
from infra.config import Environment


class ServiceSecrets(Construct):
    """The three secrets; all but the webhook's wait for their value to be put in by hand.

    Later deployments leave values that were put in as they are: CloudFormation writes a value
    only when the template's own changes.
    """

    def __init__(self, scope: Construct, id_: str, *, environment: Environment) -> None:
        super().__init__(scope, id_)
        self._removal = RemovalPolicy.RETAIN if environment.keep_data else RemovalPolicy.DESTROY
        self.huggingface_token = self._to_be_put_in(
            "HuggingFaceToken", "not set", "Token that may write to the namespace on Hugging Face."
        )
        self.mlflow_credentials = self._to_be_put_in(
            "MlflowCredentials", "{}", 'JSON: {}, {"username", "password"} or {"token"}.'
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

    def grant_value(self, name: SecretName, grantee: iam.IGrantable) -> None:
        """Let *grantee* read the value, current and previous, and nothing about the secret."""
        secret: secretsmanager.Secret = getattr(self, name)
        iam.Grant.add_to_principal(
            grantee=grantee,
            actions=["secretsmanager:GetSecretValue"],
            resource_arns=[secret.secret_arn],
        )

    def _to_be_put_in(self, id_: str, placeholder: str, description: str) -> secretsmanager.Secret:
        return secretsmanager.Secret(
            self,
            id_,
            description=description,
            secret_string_value=SecretValue.unsafe_plain_text(placeholder),
            removal_policy=self._removal,
        )
