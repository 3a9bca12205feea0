"""Image `huggingface`: the toolkit server in an environment with the model's requirements."""

import os
from pathlib import Path
from typing import IO

from standins.huggingface.environments import Environments
from standins.huggingface.model_document import TOOLKIT_HEALTH_ROUTE, Model
from standins.huggingface.ports import free_port
from standins.huggingface.program import ContainerFiles, Program

_SERVER = Path(__file__).with_name("toolkit") / "server.py"


async def toolkit_program(
    model: Model, files: ContainerFiles, environments: Environments, log: IO[bytes]
) -> Program:
    """Return the server of *model*'s handler; installs its requirements.

    Raises: ContainerStartError.
    """
    python = await environments.interpreter(files.repository / "requirements.txt", log)
    port = free_port()
    return Program(
        command=(str(python), "-u", str(_SERVER), "--port", str(port)),
        environ={
            "PATH": f"{files.programs}:{python.parent}:{os.environ['PATH']}",
            "LANG": "C.UTF-8",
            "HOME": str(files.folder),
            "TMPDIR": str(files.scratch),
            "HF_MODEL_DIR": str(files.repository),
            "HF_TASK": model.task,
            **model.env,
            **model.secrets,
        },
        port=port,
        health_route=TOOLKIT_HEALTH_ROUTE,
    )
