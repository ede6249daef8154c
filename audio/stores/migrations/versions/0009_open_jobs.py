"""The index of open jobs holds all that tells whose turn it is."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    still_open = sa.text("phase != 'ended'")
    op.drop_index("open_jobs", "jobs")
    columns = ["session_id", "client_id", "service", "version", "phase", "seq"]
    op.create_index("open_jobs", "jobs", columns, sqlite_where=still_open, postgresql_where=still_open)
