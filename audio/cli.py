"""The command `audio`: wiring only. What a command does is in its module under `audio.commands`."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

import audio
from audio.errors import AudioError
from audio.extras import how_to_install

COMMANDS = (
    "demo",
    "serve",
    "streams",
    "accounts",
    "backup",
    "process",
    "listen",
    "watch",
    "audience",
    "events",
    "say",
    "devices",
    "doctor",
    "configure",
    "check",
)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="audio",
        description="Perception and speech as REST services that you run yourself.",
        epilog="'audio COMMAND --help' tells more. To begin: audio demo, then audio serve.",
    )
    parser.add_argument("--version", action="version", version=f"audio {audio.__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = import_module(f"audio.commands.{name}")
        command = commands.add_parser(
            name,
            help=module.HELP,
            description=module.HELP,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code is 0 when it did its work, 1 when it could not, 2 when it was asked wrongly."""
    args = build_parser().parse_args(argv)
    try:
        code: int = args.run(args)
        sys.stdout.flush()
    except AudioError as exc:
        print(f"audio: {exc}", file=sys.stderr)
        return 1
    except ModuleNotFoundError as exc:
        if exc.name is None or exc.name.partition(".")[0] == "audio":
            raise
        print(
            f"audio: This needs {exc.name}, which is not installed. To install it: {how_to_install('server')}",
            file=sys.stderr,
        )
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # the reader of our output has gone: not an error of ours
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    return code


if __name__ == "__main__":
    sys.exit(main())
