"""Sums of days that have ended, a row a day."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    blobs = ("numbers", "level_bins", "level_counts", "direction_bins", "direction_counts")
    op.create_table(
        "sum_days",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("day", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("service", sa.String(64), primary_key=True),
        *(sa.Column(name, sa.LargeBinary, nullable=False) for name in blobs),
    )
