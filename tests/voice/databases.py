"""A database with its schema for each test: a file, or one of a PostgreSQL server."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from sqlalchemy import URL, insert, select

from tests import postgresql
from voice.store.database import Database
from voice.store.engine import FILE, database_url, make_engine
from voice.store.migration import migrate
from voice.store.tables import METADATA


def open_database(folder: Path) -> Database:
    """The database of a folder, made if there is none."""
    return Database(url_of(folder))


def url_of(folder: Path) -> URL:
    """Its address."""
    folder.mkdir(parents=True, exist_ok=True)
    if not postgresql.wanted():
        if not (folder / FILE).exists():
            shutil.copyfile(_schema_file(), folder / FILE)
        return database_url("", folder)
    name = postgresql.name_for(folder)
    postgresql.cluster().make(name, _schema_database())
    return database_url(postgresql.cluster().url(name), folder)


def copy_database(source: Path, target: Path) -> None:
    """What is committed in one folder's database, in another's."""
    old, new = make_engine(url_of(source)), make_engine(url_of(target))
    with old.connect() as reading, new.begin() as writing:
        for table in METADATA.sorted_tables:
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)
    old.dispose()
    new.dispose()


@functools.cache
def _schema_file() -> Path:
    """An empty database with its schema, which takes longer to make than to copy."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _migrate(database_url("", folder))
    return folder / FILE


@functools.cache
def _schema_database() -> str:
    postgresql.cluster().make(postgresql.TEMPLATE)
    _migrate(database_url(postgresql.cluster().url(postgresql.TEMPLATE), Path()))
    return postgresql.TEMPLATE


def _migrate(url: URL) -> None:
    engine = make_engine(url)
    migrate(engine)
    engine.dispose()
