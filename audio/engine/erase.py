"""The end of a stream's data, of a stream or of an account: everything that was kept of it, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from audio.stores import accounts, events, presence, sign_ins, streams, sums, usage, visits, webhooks
from audio.stores.blobs import BlobFiles
from audio.stores.plans import PLANS
from audio.stores.streams import Stream
from audio.stores.tables import BLOBS, JOBS, SESSIONS, STREAMS

# Tables with a column client_id whose rows are data of a stream.
_DATA = (JOBS, SESSIONS, BLOBS)


def data(connection: sa.Connection, client_id: str) -> list[str]:
    """Delete what a stream has sent and got, usage apart; the names of the files to remove once that is committed."""
    files = list(connection.execute(sa.select(BLOBS.c.id).where(BLOBS.c.client_id == client_id)).scalars())
    for table in _DATA:
        connection.execute(table.delete().where(table.c.client_id == client_id))
    for store in (events, sums, presence, visits):
        store.erase(connection, client_id)
    return files


def delete(connection: sa.Connection, stream: Stream) -> list[str]:
    """Delete a stream with all its data; the names of the files to remove once that is committed.

    What it used of a plan that is for one stream of an account stays with the account, for its next such stream.
    """
    files = data(connection, stream.client_id)
    if PLANS[stream.plan].single and stream.account_id:
        usage.hand_over(connection, stream.client_id, stream.account_id)
    usage.forget(connection, stream.client_id)
    webhooks.erase(connection, stream.client_id)
    connection.execute(STREAMS.delete().where(STREAMS.c.client_id == stream.client_id))
    return files


def account(connection: sa.Connection, account_id: str) -> list[str]:
    """Delete an account with its sign-ins and all its streams; the names of the files to remove once that is committed.

    Raises BadInput for the last admin while there are other accounts.
    """
    accounts.delete(connection, account_id)
    sign_ins.end_all(connection, account_id)
    return [name for stream in streams.of_account(connection, account_id) for name in delete(connection, stream)]


def remove_files(files: BlobFiles, names: Iterable[str]) -> None:
    for name in names:
        files.remove(name)
