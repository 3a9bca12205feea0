"""Models that are logged before the first test, for tests that register them beside the others.

Logging silences warnings for the whole process.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from tests.e2e.support import registered_models
from tests.e2e.support.chat_models import NEW_MODEL, log_chat_model
from tests.e2e.support.doubling_model import log_doubling_model
from tests.e2e.support.registered_models import LoggedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedModels:
    """Models, or their URIs.

    Attributes:
        table: Has named columns.
        chat: URI of a chat model by MLflow's name of its class.
        doubling: A sound model.
        first, second: Classifiers with different predictions.
        unloadable: Has the classifiers' signature.
        container: Answers with its container's cores and threads.
        differing: Answers every twentieth call otherwise.
        failing: Answers its example, and fails every tenth call.
    """

    table: LoggedModel
    chat: Mapping[str, str]
    doubling: str
    first: LoggedModel
    second: LoggedModel
    unloadable: str
    container: str
    differing: str
    failing: str

    @classmethod
    def log(cls) -> Self:
        """Log all of them."""
        return cls(
            table=registered_models.log_table_model(),
            chat={kind: log_chat_model(kind) for kind in NEW_MODEL},
            doubling=log_doubling_model(),
            first=registered_models.log_classifier(seed=1),
            second=registered_models.log_classifier(seed=2),
            unloadable=registered_models.log_unloadable_model(),
            container=registered_models.log_container_model(),
            differing=log_doubling_model("DiffersOnceInTwenty"),
            failing=log_doubling_model("FailsEveryTenthCall"),
        )
