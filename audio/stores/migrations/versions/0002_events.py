"""Events, sums by quarter hour, which streams send and which sessions have something open."""

import sqlalchemy as sa
from alembic import op

from audio.stores.tables import Number

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "events",
        sa.Column("id", Number, primary_key=True, autoincrement=True),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("events_of_client", "events", ["client_id", "id"])
    op.create_table(
        "sums",
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
    op.create_table(
        "presence",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("online", sa.Boolean, nullable=False),
        sa.Column("last_seen", sa.Float, nullable=False),
    )
    op.create_table(
        "open_sessions",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.String(128), primary_key=True),
    )
