"""A model whose code has the modules that its configuration names; logged from this file."""

import importlib

import mlflow


def owners(names):
    """Return who has each of the modules, as the module itself says."""
    return [importlib.import_module(name).OWNER for name in names]


class Owners(mlflow.pyfunc.PythonModel):
    """Answers each row with the owners that it found when it was loaded, and finds now."""

    def load_context(self, context):
        self.found = owners(context.model_config["modules"])

    def predict(self, context, model_input, params=None):  # noqa: ARG002
        return [[self.found, owners(context.model_config["modules"])]] * len(model_input)


mlflow.models.set_model(Owners())
