"""The gateway's database for the commands that work on it, while the gateway runs or not."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

    from audio.engine.erase import Left


@contextmanager
def transaction(args: argparse.Namespace) -> Iterator[sa.Connection]:
    """A transaction on the database of `--data-dir`. Where there was none, it says on stderr that it made one."""
    from audio.engine import config, opening, prepare

    settings = config.load({"data_dir": args.data_dir}).settings
    os.umask(0o077)
    if prepare.prepare(settings):
        print(
            f"audio: made a new database in {settings.data_dir}. A gateway that runs with another data directory does "
            "not see it: give that one with --data-dir or AUDIO_DATA_DIR.",
            file=sys.stderr,
        )
    with opening.database(settings) as (database, _), database.write() as connection:
        yield connection


def remove(args: argparse.Namespace, left: Left) -> None:
    """What a transaction that has deleted streams left outside of the database."""
    from audio.engine import config, opening

    settings = config.load({"data_dir": args.data_dir}).settings
    with closing(opening.outbox(settings).store) as sessions:
        left.remove(opening.blobs(settings), sessions)
