"""The first tables: streams, jobs, sessions, blobs."""

import sqlalchemy as sa
from alembic import op

from audio.stores.tables import Number

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("revoked_at", sa.Float),
    )
    op.create_table(
        "jobs",
        sa.Column("seq", Number, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String(36), nullable=False, unique=True),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("service", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("phase", sa.String(8), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("session_id", sa.String(128)),
        sa.Column("owner", sa.String(36)),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("ended_at", sa.Float),
        sa.Column("request", sa.LargeBinary),
        sa.Column("result", sa.Text),
    )
    op.create_index("jobs_of_client", "jobs", ["client_id", "service", "version", "seq"])
    still_open = sa.text("phase != 'ended'")
    op.create_index("open_jobs", "jobs", ["session_id", "seq"], sqlite_where=still_open, postgresql_where=still_open)
    op.create_table(
        "sessions",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("session_id", sa.String(128), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("used_at", sa.Float, nullable=False),
    )
    op.create_index("sessions_by_use", "sessions", ["used_at"])
    op.create_table(
        "blobs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("content_type", sa.String(100), nullable=False),
        sa.Column("size", Number, nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
    )
    op.create_index("blobs_of_client", "blobs", ["client_id"])
    op.create_index("blobs_by_age", "blobs", ["created_at"])


def downgrade() -> None:
    for table in ("blobs", "sessions", "jobs", "streams"):
        op.drop_table(table)
