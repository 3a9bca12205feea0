"""Records the AWS calls of a Lambda function of the local system, in its own process.

Every Python that has this folder in its PYTHONPATH imports this module. In a function it adds a
line to the file named after the process in the folder RECORDED_CALLS for every call, before the
call is made: the function's name, the service, the operation and the parameters. botocore is in the
function's bundle, which is not yet on the path, so its import is awaited.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any


class _OnImport(importlib.abc.MetaPathFinder):
    """Registers the recorder once botocore has been imported."""

    def find_spec(
        self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != "botocore":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec and spec.loader:
            execute = _then(spec.loader.exec_module)
            spec.loader.exec_module = execute  # type: ignore[method-assign]
        return spec


def _then(execute: Any) -> Any:
    def execute_and_register(module: ModuleType) -> None:
        execute(module)
        module.register_initializer(_listen)

    return execute_and_register


def _listen(session: Any) -> None:
    session.register("provide-client-params", _record)


def _record(params: dict[str, Any], model: Any, **_: Any) -> None:
    call = {
        "caller": os.environ["AWS_LAMBDA_FUNCTION_NAME"],
        "service": model.service_model.service_name,
        "operation": model.name,
        "params": params,
    }
    with (Path(os.environ["RECORDED_CALLS"]) / f"{os.getpid()}.jsonl").open("a") as calls:
        calls.write(json.dumps(call, default=repr) + "\n")


if {"AWS_LAMBDA_FUNCTION_NAME", "RECORDED_CALLS"} <= os.environ.keys():
    sys.meta_path.insert(0, _OnImport())
