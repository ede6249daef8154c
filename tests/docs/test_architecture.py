"""What docs/architecture.md names is there: files, and in them the names that they are said to hold."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "audio"
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
_FILE = re.compile(r"[\w./]*(/|\.(py|js|md|cfg|txt))")


def rooms() -> list[str]:
    """The files and folders of the drawing, as paths within the package: what a line names lies in its room."""
    found, room = [], ""
    for indent, line in re.findall(r"^( {6}| {8})(\S.*)", PAGE, re.MULTILINE):
        names = re.findall(r"\w+(?:\.py|/)", line)
        if len(indent) == 6:
            room = names[0] if names[0].endswith("/") else ""
            found += [names[0], *(room + name for name in names[1:])]
        else:
            found += [room + name for name in names]
    return found


def quoted() -> list[str]:
    """The files and folders that the text names."""
    return sorted({name for name in re.findall(r"`([^`\s]+)`", PAGE) if _FILE.fullmatch(name)})


def held() -> list[tuple[str, str]]:
    """(name, file) of each "`name` in `file`"."""
    return re.findall(r"`(\w+)` in `([\w./]+\.py)`", PAGE)


def defined(file: Path) -> set[str]:
    """What a module names at its top, and the parameters of its functions."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
    return found


@pytest.mark.parametrize("name", rooms())
def test_the_drawing_shows_what_is_there(name: str) -> None:
    assert (PACKAGE / name).exists()


@pytest.mark.parametrize("name", quoted())
def test_a_file_that_is_named_is_there(name: str) -> None:
    beside = [PACKAGE / name, ROOT / name]
    anywhere = [] if "/" in name else list(PACKAGE.rglob(name))
    assert any(path.exists() for path in [*beside, *anywhere])


@pytest.mark.parametrize(("name", "file"), held())
def test_a_file_holds_what_it_is_said_to(name: str, file: str) -> None:
    assert name in defined(PACKAGE / file)


def test_the_page_is_read() -> None:
    """What reads the page finds in it what is plainly there."""
    assert {"dsp/", "services/registry.py", "gateway/server.py", "stores/sqlite.py"} <= set(rooms())
    assert {"dsp/sound_events.py", "speech/languages/"} <= set(quoted())
    assert ("TYPES", "stores/events.py") in held()
