"""The gateway's database for the commands that work on it, while the gateway runs or not."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa


@contextmanager
def transaction(args: argparse.Namespace) -> Iterator[sa.Connection]:
    """A transaction on the database of `--data-dir`. Where there was none, it says on stderr that it made one."""
    from audio.engine import config, prepare
    from audio.stores.database import Database

    settings = config.load({"data_dir": args.data_dir}).settings
    os.umask(0o077)
    if prepare.prepare(settings):
        print(
            f"audio: made a new database in {settings.data_dir}. A gateway that runs with another data directory does "
            "not see it: give that one with --data-dir or AUDIO_DATA_DIR.",
            file=sys.stderr,
        )
    database = Database(settings.database_url)
    try:
        with database.write() as connection:
            yield connection
    finally:
        database.close()


def remove_files(args: argparse.Namespace, names: Iterable[str]) -> None:
    """The files of blobs whose rows a transaction has deleted."""
    from audio.engine import config, erase
    from audio.stores.blobs import BlobFiles

    settings = config.load({"data_dir": args.data_dir}).settings
    erase.remove_files(BlobFiles(Path(settings.data_dir) / "blobs"), names)
