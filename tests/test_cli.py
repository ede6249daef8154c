from __future__ import annotations

import argparse
import os
import subprocess
import sys
from importlib import import_module

import pytest

import audio
from audio import cli
from audio.errors import AudioError


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"audio {audio.__version__}\n"


@pytest.mark.parametrize("argv", [[], ["nothing"], ["serve", "--port", "x"], ["streams"], ["streams", "create"]])
def test_asked_wrongly(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert ended.value.code == 2
    assert "usage: audio" in capsys.readouterr().err


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_helps(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    module = import_module(f"audio.commands.{name}")
    with pytest.raises(SystemExit) as ended:
        cli.main([name, "--help"])
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert module.HELP.rstrip(".") in said.replace("\n", " ")
    assert max(map(len, said.splitlines())) <= 120


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    for name in cli.COMMANDS:
        assert f"\n    {name} " in said or f"\n    {name}\n" in said


def test_help_needs_nothing_heavy() -> None:
    """It is quick, and works where the extras are not installed."""
    heavy = "{'numpy', 'flask', 'sqlalchemy', 'uvicorn', 'pyaudio', 'onnxruntime', 'requests'}"
    code = f"import sys; from audio import cli; cli.build_parser(); print(sorted({heavy} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def raising(error: BaseException) -> argparse.Namespace:
    def run(_args: argparse.Namespace) -> int:
        raise error

    return argparse.Namespace(run=run)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [(AudioError("No way."), 1, "audio: No way.\n"), (KeyboardInterrupt(), 130, "")],
    ids=["error", "ctrl-c"],
)
def test_how_it_ends(
    error: BaseException,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    parser = argparse.ArgumentParser()
    monkeypatch.setattr(parser, "parse_args", lambda _argv: raising(error))
    monkeypatch.setattr(cli, "build_parser", lambda: parser)
    assert cli.main([]) == code
    assert capsys.readouterr().err == said


def test_a_reader_that_goes_away_is_no_failure() -> None:
    read, write = os.pipe()
    os.close(read)
    code = "import sys; from audio import cli; sys.exit(cli.main(['serve', '--show-config']))"
    done = subprocess.run([sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, text=True, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, "")
