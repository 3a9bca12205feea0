"""The handler for Hugging Face's own container: the runtime `toolkit`.

This file is copied into the model's repository as it is. It imports the standard library, and
`hokus/predicting.py` beside it.

A request is `{"inputs": <the caller's body>, "hokus": {"secret": …, "nonce": …}}`. Every answer has
status 200, because the container answers 400 to whatever is raised:

    {"ok": true, "deployment_id": …, "package": …, "nonce": …, "predictions": …}
    {"ok": false, "deployment_id": …, "package": …, "nonce": …, "error": {"type": …, "message": …}}

`package` is the digest of the published files, which `hokus.json` beside this file holds; `nonce`
is the request's own, so that nobody gets the answer to another request; a type is `forbidden`
(not our secret), `rejected_input` (another input may do better) or `model_error` (the model broke).
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

FOLDER = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120

sys.path.insert(0, os.path.join(FOLDER, "hokus"))  # noqa: PTH118
from predicting import Identity, LoadedModel, RefusedError  # noqa: E402 - not every container has its path

# The model's code may have a module of this name.
sys.path.pop(0)
del sys.modules["predicting"]


class EndpointHandler:
    """Found by its name: the container makes one with the repository's folder, then calls it."""

    def __init__(self, path: Any = "") -> None:
        if __name__ == "handler":
            # A container that has registered this file so; the model's code may have such a module.
            sys.modules.pop(__name__, None)
        folder = str(path) or FOLDER
        self._identity = Identity(folder)
        self._model = LoadedModel(folder)

    def __call__(self, data: Any) -> dict[str, Any]:
        hokus = data.get("hokus") if isinstance(data, dict) else None
        hokus = hokus if isinstance(hokus, dict) else {}
        envelope: dict[str, Any] = self._identity.envelope(hokus.get("nonce"))
        try:
            self._identity.admit(hokus.get("secret"))
            predictions = json.loads(self._model.predict(data.get("inputs")))
        except RefusedError as refused:
            return {**envelope, "ok": False, "error": refused.as_dict()}
        return {**envelope, "ok": True, "predictions": predictions}
