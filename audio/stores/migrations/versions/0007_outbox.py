"""Sessions have a store of their own, and an outbox from there: those of before begin afresh."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outboxes",
        sa.Column("source", sa.String(64), primary_key=True),
        sa.Column("last", sa.BigInteger, nullable=False),
    )
    op.drop_table("open_sessions")
    op.drop_table("sessions")
