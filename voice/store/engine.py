"""Which database, and how it is opened."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from voice.errors import SettingsInvalid

FILE = "strowger.sqlite"
BUSY_SECONDS = 30
READERS = 4
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "cache_size=-16000")
"""With WAL and NORMAL nothing committed is lost when the process dies, and readers never wait for the writer."""


def database_url(text: str, data_dir: Path) -> URL:
    """The address of the database: ``[database_url]``, or a file in ``data_dir`` where it is empty.

    PostgreSQL is spoken to with psycopg, whatever driver the URL names. Raises SettingsInvalid.
    """
    if not text:
        return URL.create("sqlite", database=str(data_dir / FILE))
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingsInvalid("database_url: not an address of a database") from None
    match url.get_backend_name():
        case "sqlite":
            return url.set(drivername="sqlite")
        case "postgresql":
            return url.set(drivername="postgresql+psycopg")
        case name:
            raise SettingsInvalid(f"database_url: {name!r} is not supported; use sqlite or postgresql")


def make_engine(url: URL) -> Engine:
    """An engine for one writer and READERS readers, each in a thread."""
    options: dict[str, Any] = {"pool_size": READERS + 1, "max_overflow": 2, "pool_pre_ping": url.get_backend_name() != "sqlite"}
    if url.get_backend_name() == "sqlite":
        options["connect_args"] = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        _make_private(url)
    engine = create_engine(url, **options)
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    return engine


def _make_private(url: URL) -> None:
    """The file holds secrets: it is made readable by us alone before SQLite would make it for everyone."""
    if url.database:
        path = Path(url.database)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def _set_pragmas(connection: Any, record: object) -> None:
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
