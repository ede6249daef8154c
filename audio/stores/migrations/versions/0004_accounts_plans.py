"""Accounts with their sessions, invitations, attempts and log; plans and usage of streams."""

import sqlalchemy as sa
from alembic import op

from audio.stores.tables import Number

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_OF_A_STREAM = (
    sa.Column("account_id", sa.String(36)),
    sa.Column("plan", sa.String(16), nullable=False, server_default="unlimited"),
    sa.Column("tz", sa.String(64), nullable=False, server_default=""),
    sa.Column("store", sa.Boolean),
    sa.Column("keep_days", sa.Integer, nullable=False, server_default="90"),
    sa.Column("generation", sa.Integer, nullable=False, server_default="0"),
)


def upgrade() -> None:
    for column in _OF_A_STREAM:
        op.add_column(
            "streams",
            sa.Column(column.name, column.type, nullable=column.nullable, server_default=column.server_default),
        )
    op.create_index("ix_streams_account_id", "streams", ["account_id"])
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("disabled_at", sa.Float),
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_hash", sa.String(64), primary_key=True),
        sa.Column("account_id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("used_at", sa.Float, nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(200), nullable=False),
    )
    op.create_index("sign_ins_of_account", "sign_ins", ["account_id"])
    op.create_table(
        "invitations",
        sa.Column("code_hash", sa.String(64), primary_key=True),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("made_by", sa.String(36)),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("expires_at", sa.Float),
    )
    op.create_table(
        "attempts",
        sa.Column("seq", Number, primary_key=True, autoincrement=True),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("attempts_by_subject", "attempts", ["subject", "at"])
    op.create_table(
        "account_log",
        sa.Column("seq", Number, primary_key=True, autoincrement=True),
        sa.Column("at", sa.Float, nullable=False),
        sa.Column("account_id", sa.String(36)),
        sa.Column("who", sa.String(254), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("what", sa.String(200), nullable=False),
    )
    op.create_index("account_log_of_account", "account_log", ["account_id", "seq"])
    op.create_table(
        "usage",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("quarter", Number, primary_key=True, autoincrement=False),
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("last_at", sa.Float, nullable=False),
    )
    op.create_table(
        "plan_usage",
        sa.Column("client_id", sa.String(36), primary_key=True),
        sa.Column("service", sa.String(64), primary_key=True),
        sa.Column("since", sa.Float, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
    )


def downgrade() -> None:
    for table in ("plan_usage", "usage", "account_log", "attempts", "invitations", "sign_ins", "accounts"):
        op.drop_table(table)
    op.drop_index("ix_streams_account_id", "streams")
    with op.batch_alter_table("streams") as streams:
        for column in _OF_A_STREAM:
            streams.drop_column(column.name)
