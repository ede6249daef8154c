"""How far readers of events have come, webhooks and what became of their tries; the level of a stream."""

import sqlalchemy as sa
from alembic import op

from audio.stores.tables import Number

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("event_id", Number, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("client_id", sa.String(36), nullable=False),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("secrets", sa.Text, nullable=False),
        sa.Column("after", Number, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("next_at", sa.Float, nullable=False),
        sa.Column("off", sa.String(200), nullable=False),
    )
    op.create_index("webhooks_of_client", "webhooks", ["client_id"])
    op.create_table(
        "deliveries",
        sa.Column("seq", Number, primary_key=True, autoincrement=True),
        sa.Column("webhook_id", sa.String(36), nullable=False),
        sa.Column("event_id", Number, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("why", sa.String(200), nullable=False),
    )
    op.create_index("deliveries_of_webhook", "deliveries", ["webhook_id", "seq"])
    op.add_column("presence", sa.Column("level", sa.Float))
