"""`audio check`: is the gateway there, and does it take our credentials?"""

from __future__ import annotations

import argparse

from audio.commands import _connection

HELP = "Check that the gateway answers and takes your credentials"
TIMEOUT = 10.0  # seconds


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
It has the dummy service give back a word and prints
  Server: http://127.0.0.1:8080
  Status: OK
or, on stderr, what is wrong and what to do. Exit code: 0 or 1."""
    _connection.add_options(parser)


def run(args: argparse.Namespace) -> int:
    from audio.client import BadReply

    with _connection.connect(args) as root:
        root.conf.timeout = TIMEOUT
        print(f"Server: {root.endpoint}", flush=True)
        result = root.services.get_service("dummy").process({"echo": "OK"}).result
        if result.get("echo") != "OK":
            raise BadReply(f"{root.endpoint} answers, but its service dummy did not give back what it was given.")
        print("Status: OK")
    return 0
