"""Every command of the README is run, and prints what it says: `...` stands for anything, on a line of its own also for
no line at all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", README, re.DOTALL)


def commands() -> list[tuple[str, str]]:
    """The commands of the console blocks, in order, each with what it prints."""
    found = []
    for block in blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def matches(wanted: str, came: str) -> bool:
    holes = {"...": ".*", "...\n": "(?:.*\n)?"}
    pieces = re.split(r"(^\.\.\.\n|\.\.\.)", wanted.strip(), flags=re.MULTILINE)
    pattern = "".join(holes.get(piece) or re.escape(piece) for piece in pieces)
    return re.fullmatch(pattern, came.strip(), re.DOTALL) is not None


class Shell:
    """A shell that lives through the whole README, in the root of the repository, with an empty HOME."""

    def __init__(self, home: Path) -> None:
        # The port of the README may be taken here; the gateway picks a free one, and both texts are told.
        self.port = ""
        path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
        self._shell = subprocess.Popen(
            ["bash", "-u"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=home,
            env={"HOME": str(home), "PATH": path, "LANG": "C.UTF-8"},
        )
        (home / "fixtures").symlink_to(ROOT / "fixtures")

    def run(self, command: str) -> str:
        """What the command prints, with the port of the README in it."""
        if command == "audio serve":
            return self._serve()
        return self._until(command.replace("8080", self.port), "--end of command--")

    def _serve(self) -> str:
        printed = self._until("(audio serve --port 0; echo stopped) & echo $! >server", "--started--")
        while "--access-token" not in printed:
            printed += self._line()
        self.port = re.findall(r"127\.0\.0\.1:(\d+)", printed)[0]
        return printed.replace(self.port, "8080")

    def _until(self, command: str, mark: str) -> str:
        assert self._shell.stdin is not None
        self._shell.stdin.write(f"{command}\necho; echo '{mark}'\n")
        self._shell.stdin.flush()
        printed = ""
        while not printed.endswith(f"{mark}\n"):
            printed += self._line()
        return (printed.removesuffix(f"{mark}\n").strip() + "\n").replace(f":{self.port}", ":8080") if self.port else ""

    def _line(self) -> str:
        assert self._shell.stdout is not None
        line = self._shell.stdout.readline()
        assert line, "the shell ended"
        return line

    def close(self) -> None:
        """End the server, then the shell."""
        assert self._shell.stdin is not None
        self._shell.stdin.write("pkill -TERM -P $(cat server) 2>/dev/null; wait; exit\n")
        self._shell.stdin.flush()
        self._shell.communicate(timeout=60)


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    shell = Shell(tmp_path)
    try:
        yield shell
    finally:
        shell.close()


def test_every_command_prints_what_it_says(shell: Shell) -> None:
    for command, wanted in commands():
        came = shell.run(command)
        assert matches(wanted, came), f"$ {command}\n{came}\nwanted:\n{wanted}"
        assert "Traceback" not in came
    (python,) = blocks("python")
    assert (
        shell.run(f"cat >readme.py <<'END'\n{python}\nEND\npython -W error::DeprecationWarning readme.py") == "VOICE\n"
    )


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert targets
    assert [t for t in targets if "://" not in t and not (ROOT / t).exists()] == []


def test_its_figures_are_those_of_the_pages() -> None:
    table = README[README.index("## How accurate") : README.index("## Development")]
    figures = set(re.findall(r"(?<!\d)\.\d{3}\b", table))
    pages = "".join((ROOT / "docs" / f"{name}_detection.md").read_text("utf-8") for name in ("sound", "voice"))
    assert len(figures) > 8
    assert {figure for figure in figures if f"0{figure}" not in pages} == set()
