"""Visits: people before a camera."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "visits",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("first", sa.Float, nullable=False),
        sa.Column("last", sa.Float, nullable=False),
        sa.Column("seen", sa.Float, nullable=False),
        sa.Column("stop", sa.Float, nullable=False),
        sa.Column("still_total", sa.Float, nullable=False),
        sa.Column("look", sa.Float, nullable=False),
        sa.Column("age", sa.Float),
        sa.Column("gender", sa.String(8)),
        sa.Column("happiness", sa.Float),
    )
    op.create_index("visits_of_client", "visits", ["client_id", "first"])


def downgrade() -> None:
    op.drop_table("visits")
