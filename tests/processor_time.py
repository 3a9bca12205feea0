"""Saves processor time in every test process, with nothing that a test could notice."""

import gc
from typing import Any

import botocore.session
from botocore.loaders import Loader, create_loader

_READ: dict[str | None, dict[Any, Any]] = {}


def read_service_models_once() -> None:
    """Let all sessions of botocore share what they read of its description of the services.

    Each session would read it again, and tests make hundreds: moto renews boto3's with every use.
    """

    def sharing(search_path: str | None = None) -> Loader:
        loader = create_loader(search_path)
        # A new loader for each: boto3 adds its own folder to that of its session.
        vars(loader)["_cache"] = _READ.setdefault(search_path, {})
        return loader

    vars(botocore.session)["create_loader"] = sharing


def collect_garbage_rarely() -> None:
    """Leave what is there now out of every later collection, and collect less often.

    Libraries and collected tests are a million objects that stay until the end; Python's collector
    would walk through them again and again.
    """
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
