"""The schema that the migrations make is the one that the tables say."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from voice.store.engine import FILE, database_url, make_engine
from voice.store.migration import HEAD, SCRIPTS, migrate, upgrade
from voice.store.tables import METADATA


def test_the_migrations_lead_to_the_tables(tmp_path: Path) -> None:
    engine = make_engine(database_url("", tmp_path))
    with engine.begin() as connection:
        upgrade(connection)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD
        assert set(METADATA.tables) < set(inspect(connection).get_table_names())
    engine.dispose()


def test_an_empty_database_gets_its_tables_without_them(tmp_path: Path) -> None:
    engine = make_engine(database_url("", tmp_path))
    for _ in range(2):
        migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, METADATA) == []
        assert context.get_current_revision() == HEAD
    engine.dispose()


def test_the_newest_migration_is_known_by_name() -> None:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_database_is_for_us_alone(tmp_path: Path) -> None:
    engine = make_engine(database_url("", tmp_path))
    migrate(engine)
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
    engine.dispose()
