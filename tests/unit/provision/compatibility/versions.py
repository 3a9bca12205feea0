"""Incompatibilities of a version that is otherwise compatible."""

from typing import Any

from functions.provision.compatibility.checks import (
    find_incompatibilities,
)
from functions.provision.compatibility.platform import Platform
from tests.builders import HARDWARE
from tests.fakes.model_registry import a_version
from tests.fakes.price_list import an_offer

PLATFORM = Platform(
    hardware=HARDWARE,
    offers=(an_offer(),),
    container_pythons=("3.11", "3.12"),
)
HUB = {
    "task": "text-classification",
    "instance_type": "TextClassificationPipeline",
    "pipeline_model_type": "DistilBertForSequenceClassification",
    "source_model_name": "distilbert/distilbert-base-uncased-finetuned-sst-2-english",
    "source_model_revision": "714eb0fa89d2f80546fda750413ed43d93601a13",
    "components": ["tokenizer"],
}
"""What mlflow's transformers flavor notes with save_pretrained=False."""
PYTHON_MODEL = {"loader_module": "mlflow.pyfunc.model", "python_model": "python_model.pkl"}
FROM_CODE = {"loader_module": "mlflow.pyfunc.loaders.code_model", "model_code_path": "model.py"}


def texts(*, platform: Platform = PLATFORM, **changes: Any) -> list[str]:
    """Return the incompatibilities of a version that is otherwise compatible."""
    reasons = find_incompatibilities(a_version(**changes), platform)
    assert not any(reason.retryable for reason in reasons)
    return [reason.text for reason in reasons]


def flavors(**settings: Any) -> dict[str, Any]:
    return {"python_function": {"loader_module": "mlflow.sklearn"}, **settings}
