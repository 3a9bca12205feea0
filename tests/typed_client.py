"""A client generated from an OpenAPI document by a public generator, as users make one."""

import importlib
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType


@contextmanager
def typed_client(document: dict[str, Any], folder: Path) -> Iterator[ModuleType]:
    """Generate a package from *document* into *folder* for the block.

    Fails on every warning of the generator, which leaves out what it does not understand.
    """
    name = f"client_{uuid4().hex}"
    source = folder / f"{name}.json"
    source.write_text(json.dumps(document), encoding="utf-8")
    config = Config.from_sources(
        config_file=ConfigFile(post_hooks=[]),
        meta_type=MetaType.NONE,
        document_source=source,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / name,
    )
    problems = [f"{each.header} {each.detail}" for each in generate(config=config)]
    assert [] == problems, problems
    sys.path.insert(0, str(folder))
    try:
        importlib.invalidate_caches()
        yield importlib.import_module(name)
    finally:
        sys.path.remove(str(folder))
        for loaded in [each for each in sys.modules if each.split(".")[0] == name]:
            del sys.modules[loaded]


def part(client: ModuleType, path: str) -> Any:
    """Return the module at the dotted *path* in the package."""
    return importlib.import_module(f"{client.__name__}.{path}")
