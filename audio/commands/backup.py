"""`audio backup`: all that the gateway keeps, in one file, while it runs."""

from __future__ import annotations

import argparse
import os
import tarfile
import tempfile
from pathlib import Path

from audio.errors import AudioError

HELP = "Write all that the gateway keeps into one file, while it runs"
_DATABASE = "audio.db"
# What belongs to running processes alone, or is written anew: sessions last for minutes.
_LEFT_OUT = (_DATABASE, f"{_DATABASE}-wal", f"{_DATABASE}-shm", "run", "migrate.lock", "sessions")


def configure(parser: argparse.ArgumentParser) -> None:
    parser.epilog = """\
The file is a tar archive that its owner alone can read: it holds tokens' hashes, blobs and what was stored of people.
To go back to it, with the gateway stopped and the data directory empty: tar -xf FILE -C DATA_DIR

examples:
  audio backup audio-2026-11-28.tar
  sudo -u audio-gateway env AUDIO_DATA_DIR=/var/lib/audio-gateway audio backup /var/backups/audio.tar"""
    parser.add_argument("file", metavar="FILE", type=Path, help="the archive to write; it must not be there yet")
    parser.add_argument("--data-dir", metavar="DIR", help="where the gateway keeps its data")


def run(args: argparse.Namespace) -> int:
    from audio.engine import config, opening

    settings = config.load({"data_dir": args.data_dir}).settings
    data_dir = Path(settings.data_dir)
    if settings.database or settings.blobs:
        raise AudioError(
            "What this gateway keeps is not in its data directory alone. Its servers have their own ways: pg_dump for "
            "the database, versions or a replica for the bucket; and keep secret.key."
        )
    if not (data_dir / _DATABASE).is_file():
        raise AudioError(f"There is no database in {data_dir}. Where the gateway keeps its data: --data-dir DIR.")
    if (data_dir / opening.SESSIONS).is_dir():
        with opening.database(settings) as (live, _):
            live.drain()
    try:
        descriptor = os.open(args.file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            _write(data_dir, args.file, file)
    except FileExistsError:
        raise AudioError(f"{args.file} is there already: choose another name, or remove it.") from None
    except OSError as exc:
        raise AudioError(f"{args.file} cannot be written: {exc.strerror or exc}.") from exc
    print(f"Kept in {args.file}: {args.file.stat().st_size / 2**20:.1f} MiB of {data_dir}.")
    return 0


def _write(data_dir: Path, target: Path, file: object) -> None:
    """The database as it is at one moment, then the rest, for the owner alone.

    Left out are a blob that was deleted meanwhile, this archive itself, and hidden folders, where libraries cache.
    """
    from audio.stores import sqlite

    with tarfile.open(fileobj=file, mode="w") as archive:  # type: ignore[call-overload]
        with tempfile.TemporaryDirectory(dir=data_dir) as folder:
            copy = Path(folder) / _DATABASE
            sqlite.copy(data_dir / _DATABASE, copy)
            archive.add(copy, _DATABASE, filter=_private)
        for path in sorted(data_dir.rglob("*")):
            name = path.relative_to(data_dir)
            hidden = name.parts[0].startswith(".") or name.parts[0] in _LEFT_OUT or path.suffix == ".part"
            if path.is_file() and not hidden and path.resolve() != target.resolve():
                try:
                    archive.add(path, str(name), filter=_private)
                except FileNotFoundError:
                    continue


def _private(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode &= 0o700
    return member
