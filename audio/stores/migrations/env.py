"""Runs the migrations on the database that `migrate` names."""

import sqlalchemy as sa
from alembic import context

from audio.stores.tables import METADATA

engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url") or "")
with engine.connect() as connection:
    if engine.dialect.name == "sqlite":
        # Heeded by a database without tables: space is given back to the file system. Others keep their way.
        connection.exec_driver_sql("PRAGMA auto_vacuum=INCREMENTAL")
        connection.commit()
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
