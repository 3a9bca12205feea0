"""Messages of other libraries' exceptions become part of ours nowhere but where they quote nothing.

What is logged of our own exceptions is their message, so it must not be another's.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

FUNCTIONS = Path(__file__).parents[2] / "functions"
OURS = {
    node.name
    for path in FUNCTIONS.rglob("*.py")
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.ClassDef)
}
QUOTING_NOTHING = {
    # jiter names line and column.
    ("common/api/body.py", "ValueError"),
    ("mlflow_hook/events.py", "ValueError"),
    # The name of a repository, which is ours or the registry's.
    ("common/providers/huggingface/publishing.py", "HFValidationError"),
}


def quoted() -> Iterator[tuple[str, str]]:
    """Yield file and type of every caught exception that is turned into text."""
    for path in FUNCTIONS.rglob("*.py"):
        if "runtime" in path.parts:
            # Runs on endpoints, where `log_failure` has the same rule.
            continue
        for handler in ast.walk(ast.parse(path.read_text())):
            if isinstance(handler, ast.ExceptHandler) and handler.name and handler.type:
                caught = {name for name in names(handler.type) if name not in OURS}
                if caught and any(is_text_of(node, handler.name) for node in walk(handler)):
                    yield from ((str(path.relative_to(FUNCTIONS)), name) for name in caught)


def walk(handler: ast.ExceptHandler) -> Iterator[ast.AST]:
    for statement in handler.body:
        yield from ast.walk(statement)


def names(node: ast.AST) -> set[str]:
    """Return the last parts of the names of exceptions."""
    return {
        part.id if isinstance(part, ast.Name) else part.attr
        for part in ast.walk(node)
        if isinstance(part, ast.Name | ast.Attribute)
    }


def is_text_of(node: ast.AST, name: str) -> bool:
    """Return whether *node* is `str(name)`, `repr(name)`, `{name}` in a text, or `name.args`."""
    match node:
        case ast.Call(func=ast.Name(id="str" | "repr"), args=[ast.Name(id=argument)]):
            return argument == name
        case ast.FormattedValue(value=ast.Name(id=argument)):
            return argument == name
        case ast.Attribute(value=ast.Name(id=argument), attr="args" | "message"):
            return argument == name
    return False


def test_no_message_of_another_library_is_quoted() -> None:
    """Neither in a reason, nor in an answer, nor in a log line."""
    assert QUOTING_NOTHING == set(quoted())
