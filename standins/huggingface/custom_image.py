"""Image `custom`: a command of the owner's, run by a CPython of this machine.

The image's URL names the minor version, as those of uv do: `…:python3.12-bookworm@sha256:…`.
"""

import re

from standins.huggingface.interpreters import find_interpreter
from standins.huggingface.machine import uv_executable, uv_settings
from standins.huggingface.model_document import CustomImage, Model
from standins.huggingface.ports import free_port
from standins.huggingface.program import NO_IMAGE, ContainerFiles, ContainerStartError, Program

_PYTHON = re.compile(r"python(3\.\d+)")
_REPOSITORY = re.compile(r"(?<![\w./-])/repository(?![\w-])")
_OWN_COMMAND = ("uv",)
"""Command of images of uv, whose entry point is empty. Prints its help and exits.
Source: github.com/astral-sh/uv, the generated Dockerfiles."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def custom_program(model: Model, image: CustomImage, files: ContainerFiles) -> Program:
    """Return what *model* runs in *image*, with paths and the port of this machine.

    Raises: ContainerStartError (no such image here).
    """
    _install_programs(image, files)
    port = free_port()
    words = [*(model.command or ()), *(model.args or ())] or _OWN_COMMAND
    placed = {name: _placed(value, files) for name, value in model.env.items()}
    return Program(
        command=tuple(
            _placed(str(port) if word == str(image.port) else word, files) for word in words
        ),
        environ={
            "PATH": f"{files.programs}:{_PATH}",
            "LANG": "C.UTF-8",
            "HOME": str(files.folder),
            "TMPDIR": str(files.scratch),
            **uv_settings(),
            **placed,
            **{
                name: str(port)
                for name, value in placed.items()
                if name.endswith("PORT") and value == str(image.port)
            },
            **model.secrets,
            "HOKUS_HOST": "127.0.0.1",
        },
        port=port,
        health_route=image.health_route,
    )


def _install_programs(image: CustomImage, files: ContainerFiles) -> None:
    named = _PYTHON.search(image.url)
    if named is None:
        raise ContainerStartError(NO_IMAGE, f"Image {image.url} has no `python3.X` in its name.")
    python = find_interpreter(named[1])
    if python is None:
        reason = f"Image {image.url} cannot be run: CPython {named[1]} is not on this machine."
        raise ContainerStartError(NO_IMAGE, reason)
    for name in ("python", "python3", f"python{named[1]}"):
        (files.programs / name).symlink_to(python)
    (files.programs / "uv").symlink_to(uv_executable())


def _placed(text: str, files: ContainerFiles) -> str:
    """Return *text* with the repository's path on this machine."""
    return _REPOSITORY.sub(str(files.repository), text)
