"""Brings the schema of a database up to date with Alembic."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from voice.store.tables import METADATA

HEAD = "0003"
"""The newest revision; Alembic, which takes a while to load, is only asked when a database is not there yet."""
SCRIPTS = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run the migrations that this database has not had; an empty one gets its tables at once."""
    with engine.begin() as connection:
        revision = _revision(connection)
        if not revision:
            _create(connection)
        elif revision != HEAD:
            upgrade(connection)


def _create(connection: Connection) -> None:
    METADATA.create_all(connection)
    connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:head)"), {"head": HEAD})


def _revision(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar())


def upgrade(connection: Connection) -> None:
    """Run the migrations with Alembic."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
