"""The end of a stream's data, of a stream or of an account: everything that was kept of it, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field

import sqlalchemy as sa

from audio.stores import accounts, events, presence, sign_ins, streams, sums, usage, visits, webhooks
from audio.stores.blobs import Files
from audio.stores.plans import PLANS
from audio.stores.session_store import SessionStore
from audio.stores.streams import Stream
from audio.stores.tables import BLOBS, JOBS, STREAMS

# Tables with a column client_id whose rows are data of a stream.
_DATA = (JOBS, BLOBS)


@dataclass(frozen=True)
class Left:
    """What is outside of the database, and goes once the transaction is committed: files of blobs, sessions."""

    files: list[str] = field(default_factory=list)
    client_ids: list[str] = field(default_factory=list)

    def remove(self, files: Files, sessions: SessionStore) -> None:
        for name in self.files:
            files.remove(name)
        sessions.erase(self.client_ids)


def data(connection: sa.Connection, client_id: str) -> Left:
    """Delete what a stream has sent and got, usage apart."""
    files = list(connection.execute(sa.select(BLOBS.c.id).where(BLOBS.c.client_id == client_id)).scalars())
    for table in _DATA:
        connection.execute(table.delete().where(table.c.client_id == client_id))
    for store in (events, sums, presence, visits):
        store.erase(connection, client_id)
    return Left(files, [client_id])


def delete(connection: sa.Connection, stream: Stream) -> Left:
    """Delete a stream with all its data.

    What it used of a plan that is for one stream of an account stays with the account, for its next such stream.
    """
    left = data(connection, stream.client_id)
    if PLANS[stream.plan].single and stream.account_id:
        usage.hand_over(connection, stream.client_id, stream.account_id)
    usage.forget(connection, stream.client_id)
    webhooks.erase(connection, stream.client_id)
    connection.execute(STREAMS.delete().where(STREAMS.c.client_id == stream.client_id))
    return left


def account(connection: sa.Connection, account_id: str) -> Left:
    """Delete an account with its sign-ins and all its streams.

    Raises BadInput for the last admin while there are other accounts.
    """
    accounts.delete(connection, account_id)
    sign_ins.end_all(connection, account_id)
    left = [delete(connection, stream) for stream in streams.of_account(connection, account_id)]
    return Left([name for one in left for name in one.files], [name for one in left for name in one.client_ids])
