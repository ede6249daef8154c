"""What a service is made of: the files of this package that it imports, however deep, and the models beside them.

Read off the source, so that what a function imports only when it is called counts too, and nothing is imported for it.
"""

from __future__ import annotations

import ast
import hashlib
import threading
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import audio

_ROOT = Path(audio.__file__).parent


# Python 3.11 counts the depth of all that is parsed at once together, and then says that it is wrong.
_parsing = threading.Lock()


@cache
def digest(module: str) -> str:
    """Of all that the module of a service is made of."""
    with _parsing:
        return hashlib.sha256(b"".join(map(_content, files(module)))).hexdigest()[:16]


def files(module: str) -> list[Path]:
    """The source of a module and of what it imports of this package, and all models and tables beside these."""
    waiting = [Path(import_module(module).__file__ or "")]
    sources = set(waiting)
    while waiting:
        found = _imported(waiting.pop()) - sources
        sources |= found
        waiting += found
    rooms = {path.parent for path in sources if path.is_relative_to(_ROOT) and path.parent != _ROOT}
    return sorted(sources.union(*map(_data, rooms)))


@cache
def _imported(path: Path) -> set[Path]:
    """The files of this package that a file imports, anywhere in it."""
    if path.suffix != ".py":  # a module that something else than a file of Python made
        return set()
    tree = ast.parse(path.read_bytes())
    return {file for node in ast.walk(tree) for name in _names(node) if (file := _file(name)) is not None}


def _names(node: ast.AST) -> Iterator[str]:
    """What an import may mean: `from a import b` is the module a, and a.b if that is one."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def _file(name: str) -> Path | None:
    """The source of a module of this package; None for all else."""
    first, *rest = name.split(".")
    path = _ROOT.joinpath(*rest)
    if first != "audio":
        return None
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


@cache
def _data(folder: Path) -> set[Path]:
    """What lies in a folder, or below it, and is no code."""
    return {path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}


@cache
def _content(path: Path) -> bytes:
    """The digest of one file: several services share the larger ones."""
    return hashlib.sha256(path.read_bytes()).digest()
