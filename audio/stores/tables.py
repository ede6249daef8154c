"""The tables that several stores read, and what all tables belong to. How they came about: `migrations/`."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()
# For numbers that a few years of a thousand streams do not use up. SQLite's INTEGER has 64 bits, and counts by itself.
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

STREAMS = sa.Table(
    "streams",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("name", sa.String(100), nullable=False),
    sa.Column("token_hash", sa.String(64), nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("revoked_at", sa.Float),
    sa.Column("account_id", sa.String(36), index=True),  # whose it is; none before there is an account
    sa.Column("plan", sa.String(16), nullable=False, server_default="unlimited"),
    sa.Column("tz", sa.String(64), nullable=False, server_default=""),  # name of a zone; empty: the server's
    sa.Column("store", sa.Boolean),  # whether events are kept where a job does not say; none: as its service has it
    sa.Column("keep_days", sa.Integer, nullable=False, server_default="90"),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),  # of what was issued for its token
)

JOBS = sa.Table(
    "jobs",
    METADATA,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("id", sa.String(36), nullable=False, unique=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("phase", sa.String(8), nullable=False),  # queued, running, ended
    sa.Column("status", sa.Integer, nullable=False),  # the HTTP number that its body shows
    sa.Column("session_id", sa.String(128)),
    sa.Column("owner", sa.String(36)),  # the worker that computes it
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
    # Last, as they can be large: to read a column, SQLite goes through all that is stored before it.
    sa.Column("request", sa.LargeBinary),  # what to compute; gone when it has been
    sa.Column("result", sa.Text),  # JSON
    sa.Index("jobs_of_client", "client_id", "service", "version", "seq"),
    # Few of the jobs are open, and each index costs every request that ends one. It tells alone whose turn it is.
    sa.Index(
        "open_jobs",
        *("session_id", "client_id", "service", "version", "phase", "seq"),
        sqlite_where=sa.text("phase != 'ended'"),
        postgresql_where=sa.text("phase != 'ended'"),
    ),
)

BLOBS = sa.Table(
    "blobs",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("content_type", sa.String(100), nullable=False),
    sa.Column("size", Number, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Index("blobs_of_client", "client_id"),
    sa.Index("blobs_by_age", "created_at"),
)


EVENTS = sa.Table(
    "events",
    METADATA,
    sa.Column("id", Number, primary_key=True, autoincrement=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("at", sa.Float, nullable=False),  # when it happened, Unix time
    sa.Column("data", sa.Text, nullable=False),  # JSON
    sa.Index("events_of_client", "client_id", "id"),
    sqlite_autoincrement=True,  # an id is never given twice, also after the newest were erased
)

SUMS = sa.Table(
    "sums",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("quarter", Number, primary_key=True),
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("heard", sa.Float, nullable=False),
    sa.Column("voice", sa.Float, nullable=False),
    sa.Column("sounds", sa.Integer, nullable=False),
    sa.Column("levels", sa.LargeBinary, nullable=False),
    sa.Column("directions", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# The quarters of a day that has ended, packed: packed_sums.py.
SUM_DAYS = sa.Table(
    "sum_days",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("service", sa.String(64), primary_key=True),
    sa.Column("numbers", sa.LargeBinary, nullable=False),
    sa.Column("level_bins", sa.LargeBinary, nullable=False),
    sa.Column("level_counts", sa.LargeBinary, nullable=False),
    sa.Column("direction_bins", sa.LargeBinary, nullable=False),
    sa.Column("direction_counts", sa.LargeBinary, nullable=False),
)

PRESENCE = sa.Table(
    "presence",
    METADATA,
    sa.Column("client_id", sa.String(36), primary_key=True),
    sa.Column("online", sa.Boolean, nullable=False),
    sa.Column("last_seen", sa.Float, nullable=False),
    sa.Column("level", sa.Float),  # dBFS, of what it sent then
)


CURSORS = sa.Table(
    "cursors",
    METADATA,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("event_id", Number, nullable=False),
    sa.Column("notes", sa.Text, nullable=False),  # JSON
)

WEBHOOKS = sa.Table(
    "webhooks",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("types", sa.Text, nullable=False),  # JSON
    sa.Column("secrets", sa.Text, nullable=False),  # JSON, newest first
    sa.Column("after", Number, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("next_at", sa.Float, nullable=False),
    sa.Column("off", sa.String(200), nullable=False),
    sa.Index("webhooks_of_client", "client_id"),
)

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("webhook_id", sa.String(36), nullable=False),
    sa.Column("event_id", Number, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("why", sa.String(200), nullable=False),
    sa.Index("deliveries_of_webhook", "webhook_id", "seq"),
)


SDK_STREAMS = sa.Table(
    "sdk_streams",
    METADATA,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("client_id", sa.String(36), nullable=False),
    sa.Column("service", sa.String(64), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),  # JSON
    sa.Column("used_at", sa.Float, nullable=False),
    sa.Column("ended", sa.Boolean, nullable=False),
    sa.Column("reader", sa.String(36), nullable=False, server_default=""),
    sa.Column("reader_at", sa.Float, nullable=False, server_default="0"),
)

SDK_RESULTS = sa.Table(
    "sdk_results",
    METADATA,
    sa.Column("seq", Number, primary_key=True, autoincrement=True),
    sa.Column("stream_id", sa.String(36), nullable=False),
    sa.Column("body", sa.Text, nullable=False),  # JSON
    sa.Index("sdk_results_of_stream", "stream_id", "seq"),
    sqlite_autoincrement=True,
)
