"""Streams of the SDK, and the results of theirs that wait."""

import sqlalchemy as sa
from alembic import op

from audio.stores.tables import Number

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sdk_streams",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("used_at", sa.Float, nullable=False),
        sa.Column("ended", sa.Boolean, nullable=False),
        sa.Column("reader", sa.String(36), nullable=False, server_default=""),
        sa.Column("reader_at", sa.Float, nullable=False, server_default="0"),
    )
    op.create_table(
        "sdk_results",
        sa.Column("seq", Number, primary_key=True, autoincrement=True),
        sa.Column("stream_id", sa.String(36), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("sdk_results_of_stream", "sdk_results", ["stream_id", "seq"])
