"""Short messages between the machines on one PostgreSQL: LISTEN and NOTIFY."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from audio.stores.postgresql import single

_CHANNEL = "audio"
LARGEST = 7999  # bytes of a message: PostgreSQL takes no more


class Notices:
    """A connection for messages. Of one thread. What fails raises sa.exc.DBAPIError or the driver's own error."""

    def __init__(self, url: str) -> None:
        self._engine = single(url)
        self._pooled = self._engine.raw_connection()
        self._connection = self._pooled.driver_connection
        assert self._connection is not None
        self.failures: tuple[type[Exception], ...] = (self._engine.dialect.loaded_dbapi.Error, sa.exc.SQLAlchemyError)
        self._connection.execute(f"LISTEN {_CHANNEL}")

    def fileno(self) -> int:
        """Readable when something came: call `read` then."""
        assert self._connection is not None
        return int(self._connection.fileno())

    def tell(self, messages: Sequence[str]) -> None:
        """Tell all who listen, in one transaction; this one, too."""
        assert self._connection is not None
        self._connection.execute(
            "SELECT pg_notify(%s, message) FROM unnest(%s::text[]) AS message", [_CHANNEL, messages]
        )

    def read(self) -> list[str]:
        """All that came meanwhile."""
        assert self._connection is not None
        return [str(notice.payload) for notice in self._connection.notifies(timeout=0)]

    def close(self) -> None:
        self._pooled.close()
        self._engine.dispose()
