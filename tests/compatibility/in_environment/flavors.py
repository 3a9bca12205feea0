"""Small models, one for each flavor: trained and asked by the flavor's own library.

Imported by `log_models.py` in an environment that has the library; imports nothing of ours. Every
public function returns a `Sample`.
"""

# Each library is there in its own environment alone.
# ruff: noqa: PLC0415
from __future__ import annotations

import json
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
from agents import chat_agent, chat_model, responses_agent  # noqa: F401 - flavors, too
from mlflow.models import infer_signature
from samples import Sample

ROWS = np.random.default_rng(3).uniform(0, 4, (60, 3))
TARGET = ROWS @ np.array([1.5, -2.0, 0.5]) + 1
CLASSES = (TARGET > TARGET.mean()).astype(int)
TABLE = pd.DataFrame(ROWS, columns=["a", "b", "c"])


def sklearn() -> Sample:
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(TABLE, CLASSES)
    rows = TABLE[:4]
    return Sample(partial(mlflow.sklearn.log_model, model), rows, model.predict(rows).tolist())


def xgboost() -> Sample:
    import xgboost

    model = xgboost.XGBRegressor(n_estimators=20).fit(TABLE, TARGET)
    rows = TABLE[:4]
    return Sample(partial(mlflow.xgboost.log_model, model), rows, model.predict(rows).tolist())


def lightgbm() -> Sample:
    import lightgbm

    model = lightgbm.train({"verbose": -1}, lightgbm.Dataset(TABLE, TARGET), 20)
    rows = TABLE[:4]
    return Sample(partial(mlflow.lightgbm.log_model, model), rows, model.predict(rows).tolist())


def catboost() -> Sample:
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(iterations=20, verbose=False, allow_writing_files=False)
    model.fit(TABLE, TARGET)
    rows = TABLE[:4]
    return Sample(partial(mlflow.catboost.log_model, model), rows, model.predict(rows).tolist())


def onnx() -> Sample:
    """A matrix product; `mlflow.onnx` answers with a list for each output's name."""
    import onnx
    from onnx import TensorProto, helper
    from onnxruntime import InferenceSession

    weights = helper.make_tensor("weights", TensorProto.FLOAT, [3, 1], [1.5, -2.0, 0.5])
    rows_in = helper.make_tensor_value_info("rows", TensorProto.FLOAT, [None, 3])
    out = helper.make_tensor_value_info("score", TensorProto.FLOAT, [None, 1])
    node = helper.make_node("MatMul", ["rows", "weights"], ["score"])
    graph = helper.make_graph([node], "scores", [rows_in], [out], [weights])
    opset = helper.make_opsetid("", 17)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=9)
    onnx.checker.check_model(model)
    rows = ROWS[:4].astype("float32")
    (score,) = InferenceSession(model.SerializeToString()).run(None, {"rows": rows})
    signature = infer_signature(rows, {"score": score})
    log = partial(mlflow.onnx.log_model, model, signature=signature)
    return Sample(log, rows, {"score": score.tolist()})


def statsmodels() -> Sample:
    """A regression; `mlflow.statsmodels` answers with a column that has no name."""
    from statsmodels.api import OLS

    model = OLS(TARGET, TABLE).fit()
    rows = TABLE[:4]
    predictions = [{"0": each} for each in model.predict(rows)]
    return Sample(partial(mlflow.statsmodels.log_model, model), rows, predictions)


def prophet() -> Sample:
    """A forecast; `mlflow.prophet` answers with the whole table of it."""
    from prophet import Prophet

    days = pd.date_range("2026-01-01", periods=90)
    model = Prophet(uncertainty_samples=0).fit(pd.DataFrame({"ds": days, "y": np.arange(90.0)}))
    rows = pd.DataFrame({"ds": pd.date_range("2026-04-01", periods=3)})
    forecast = model.predict(rows)
    days = [day.isoformat() for day in forecast["ds"]]
    predictions = forecast.assign(ds=days).to_dict("records")
    return Sample(partial(mlflow.prophet.log_model, model), rows, predictions)


def pmdarima() -> Sample:
    import pmdarima

    model = pmdarima.ARIMA(order=(1, 0, 0)).fit(TARGET)
    rows = pd.DataFrame({"n_periods": [3]})
    predictions = [{"yhat": each} for each in model.predict(3).tolist()]
    return Sample(partial(mlflow.pmdarima.log_model, model), rows, predictions)


def spacy() -> Sample:
    """A text classifier; `mlflow.spacy` answers with the scores of each text."""
    import spacy
    from spacy.training import Example

    model = spacy.blank("en")
    categories = {"good tea": 1.0, "bad tea": 0.0, "very good": 1.0, "so bad": 0.0}
    classifier = model.add_pipe("textcat")
    for label in ("GOOD", "BAD"):
        classifier.add_label(label)
    examples = [
        Example.from_dict(model.make_doc(text), {"cats": {"GOOD": good, "BAD": 1 - good}})
        for text, good in categories.items()
    ]
    optimizer = model.initialize(lambda: examples)
    for _ in range(10):
        model.update(examples, sgd=optimizer)
    rows = pd.DataFrame({"text": ["good tea", "bad"]})
    predictions = [{"predictions": model(text).cats} for text in rows["text"]]
    return Sample(partial(mlflow.spacy.log_model, model), rows, predictions)


def tensorflow() -> Sample:
    import tensorflow

    inputs = tensorflow.keras.Input((3,))
    outputs = tensorflow.keras.layers.Dense(2, activation="softmax")(inputs)
    model = tensorflow.keras.Model(inputs, outputs)
    rows = ROWS[:4].astype("float32")
    predictions = model.predict(rows, verbose=0).tolist()
    return Sample(partial(mlflow.tensorflow.log_model, model), rows, predictions)


def keras() -> Sample:
    """Logged without an input example: MLflow 3.17 cannot save one of this flavor."""
    import keras

    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    rows = ROWS[:4].astype("float32")
    predictions = model.predict(rows, verbose=0)
    signature = infer_signature(rows, predictions)

    def log(name: str, **_example: Any) -> Any:
        return mlflow.keras.log_model(model, name=name, signature=signature)

    return Sample(log, rows, predictions.tolist())


def paddle() -> Sample:
    """A linear layer; `mlflow.paddle` answers with columns that have no names."""
    import paddle

    model = paddle.nn.Linear(3, 1)
    rows = ROWS[:4].astype("float32")
    predictions = [{"0": score} for (score,) in model(paddle.to_tensor(rows)).tolist()]
    spec = [paddle.static.InputSpec([None, 3], "float32")]
    static = paddle.jit.to_static(model, input_spec=spec)
    return Sample(partial(mlflow.paddle.log_model, static), rows, predictions)


def shap() -> Sample:
    """An explainer of a function; `mlflow.shap` answers with each feature's share."""
    import shap
    from sklearn.linear_model import LinearRegression

    model = LinearRegression().fit(ROWS, TARGET)
    explainer = shap.explainers.Permutation(model.predict, ROWS[:10])
    rows = TABLE[:4]
    shares = explainer(rows.to_numpy()).values
    signature = infer_signature(rows, shares)
    log = partial(mlflow.shap.log_explainer, explainer, signature=signature)
    return Sample(log, rows, shares.tolist())


def python_model() -> Sample:
    """A class of one's own that imports a module beside it and reads a file."""
    folder = Path(tempfile.mkdtemp())
    (folder / "pricing").mkdir()
    (folder / "pricing/__init__.py").write_text("")
    (folder / "pricing/tax.py").write_text(
        "def with_tax(net, rate):\n    return net * (1 + rate)\n"
    )
    (folder / "rates.json").write_text(json.dumps({"de": 0.25, "fr": 0.5}))

    class Prices(mlflow.pyfunc.PythonModel):
        """Adds the tax of a country."""

        def load_context(self, context):
            self.rates = json.loads(Path(context.artifacts["rates"]).read_text())

        def predict(self, context, model_input, params=None):  # noqa: ARG002
            from pricing.tax import with_tax

            rates = [self.rates[country] for country in model_input["country"]]
            return with_tax(model_input["net"].to_numpy(), np.array(rates))

    rows = pd.DataFrame({"country": ["de", "fr"], "net": [10.0, 20.0]})
    log = partial(
        mlflow.pyfunc.log_model,
        python_model=Prices(),
        code_paths=[str(folder / "pricing")],
        artifacts={"rates": str(folder / "rates.json")},
        signature=infer_signature(rows, np.array([12.5, 30.0])),
    )
    return Sample(log, rows, [12.5, 30.0])
