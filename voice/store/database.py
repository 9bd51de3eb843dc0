"""The database as the event loop uses it: rows are put and forgotten, a writer thread commits them in batches.

Everything that is put or deleted in one callback of the loop is committed together. A read sees all that was put before it. When
the database fails, what was put is kept in memory, within bounds, until it works again.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from sqlalchemy import URL, Connection, Insert, Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from voice.errors import StoreUnavailable
from voice.store.engine import READERS, make_engine
from voice.store.migration import migrate

MOST_PENDING = 200_000
"""Rows that wait while the database does not work; more are dropped and counted."""
RETRY_SECONDS = 1.0
PATIENCE_SECONDS = 5.0
"""How long a reader waits for what was put before it."""

Row = Mapping[str, Any]
Key = str | int
T = TypeVar("T")
_Batch = dict[Table, dict[Key, Row | None]]

_log = structlog.get_logger("store")


class Database:
    """One database; the methods belong to the event loop, except ``open``."""

    def __init__(self, url: URL) -> None:
        self.dropped = 0
        """Rows that could not be kept."""
        self._engine = make_engine(url)
        self._writer = ThreadPoolExecutor(1, "store-writer")
        self._readers = ThreadPoolExecutor(READERS, "store-reader")
        self._pending: _Batch = {}
        self._committed: asyncio.Future[None] | None = None
        """Done when what is pending is committed."""
        self._committing: asyncio.Future[None] | None = None
        """Done when the batch that is under way is."""
        self._writing: asyncio.Task[None] | None = None
        self._closed = False

    def open(self) -> None:
        """Bring the schema up to date. Raises StoreUnavailable."""
        try:
            migrate(self._engine)
        except SQLAlchemyError as error:
            raise StoreUnavailable(f"the database cannot be opened: {error}") from None

    @property
    def pending(self) -> int:
        """Rows not yet committed."""
        return sum(len(rows) for rows in self._pending.values())

    def put(self, table: Table, row: Row) -> None:
        """Insert a row, or replace the one with its key; columns that ``row`` leaves out get their default."""
        self._note(table, row[_key_of(table)], {**_defaults(table), **row})

    def delete(self, table: Table, key: Key) -> None:
        """Delete the row with a key, if it is there."""
        self._note(table, key, None)

    async def settle(self) -> None:
        """Wait until everything put so far is committed. Raises StoreUnavailable when that takes too long."""
        last = self._committed or self._committing
        if last is None:
            return
        done, _ = await asyncio.wait([last], timeout=PATIENCE_SECONDS)
        if not done:
            raise StoreUnavailable("the database does not take what is written")

    async def read(self, query: Callable[[Connection], T]) -> T:
        """Run a query in a reader's thread. Raises StoreUnavailable."""
        await self.settle()
        return await self._run(self._readers, self._query, query)

    async def transact(self, work: Callable[[Connection], T]) -> T:
        """Run a transaction in the writer's thread.

        Raises what ``work`` raises, IntegrityError included, and StoreUnavailable; nothing is changed then.
        """
        await self.settle()
        return await self._run(self._writer, self._transact, work)

    async def close(self) -> None:
        """Commit what is pending, as far as the database lets us, and close it; what is put from then on is dropped."""
        try:
            await self.settle()
        except StoreUnavailable:
            _log.error("rows are lost", rows=self.pending)
        self._closed = True
        if self._writing is not None:
            self._writing.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                await asyncio.get_running_loop().run_in_executor(None, self._end_threads)
        self._engine.dispose()

    def _end_threads(self) -> None:
        """What they hold of the engine is given back before it is closed."""
        for pool in (self._writer, self._readers):
            pool.shutdown(cancel_futures=True)

    def _note(self, table: Table, key: Key, row: Row | None) -> None:
        rows = self._pending.setdefault(table, {})
        if self._closed or (key not in rows and self.pending >= MOST_PENDING):
            self.dropped += 1
            return
        rows[key] = row
        if self._committed is None:
            self._committed = asyncio.get_running_loop().create_future()
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_off())

    async def _write_off(self) -> None:
        loop = asyncio.get_running_loop()
        while self._pending:
            batch, self._pending = self._pending, {}
            self._committing, self._committed = self._committed, None
            while not await loop.run_in_executor(self._writer, self._commit, batch):  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(RETRY_SECONDS)
            if self._committing is not None:
                self._committing.set_result(None)
            self._committing = None
        self._writing = None

    def _commit(self, batch: _Batch) -> bool:
        try:
            with self._engine.begin() as connection:
                for table, rows in batch.items():
                    _write(connection, table, rows)
        except (OperationalError, OSError) as error:
            _log.error("the database does not work; trying again", error=str(error)[:500])
            return False
        except Exception as error:  # noqa: BLE001 - drivers have errors of their own for what they do not take
            _log.error("a batch was refused; writing its rows one by one", error=str(error)[:500])
            self._salvage(batch)
        return True

    def _salvage(self, batch: _Batch) -> None:
        """One row that the database refuses must not take the others with it."""
        for table, rows in batch.items():
            for key, row in rows.items():
                try:
                    with self._engine.begin() as connection:
                        _write(connection, table, {key: row})
                except Exception as error:  # noqa: BLE001 - see above
                    self.dropped += 1
                    _log.error("a row was refused", table=table.name, key=key, error=str(error)[:500])

    def _query(self, query: Callable[[Connection], T]) -> T:
        with self._engine.connect() as connection:
            return query(connection)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        with self._engine.begin() as connection:
            return work(connection)

    async def _run(
        self, pool: ThreadPoolExecutor, run: Callable[[Callable[[Connection], T]], T], work: Callable[[Connection], T]
    ) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, run, work)
        except DBAPIError as error:
            if isinstance(error, OperationalError) or error.connection_invalidated:
                raise StoreUnavailable(f"the database does not answer: {error}") from None
            raise


@functools.cache
def _defaults(table: Table) -> Row:
    return {
        column.name: column.default.arg if isinstance(column.default, ScalarElementColumnDefault) else None for column in table.c
    }


@functools.cache
def _key_of(table: Table) -> str:
    (column,) = table.primary_key
    return column.name


@functools.cache
def _upsert(table: Table, dialect: str) -> Insert:
    """Made once: SQLAlchemy takes longer to build and to recognise the statement than to run it."""
    key = table.c[_key_of(table)]
    insert = (postgresql if dialect == "postgresql" else sqlite).insert(table)
    replaced = {column.name: insert.excluded[column.name] for column in table.c if column is not key}
    statement: Insert = insert.on_conflict_do_update(index_elements=[key], set_=replaced)
    return statement


def _write(connection: Connection, table: Table, rows: Mapping[Key, Row | None]) -> None:
    put = [row for row in rows.values() if row is not None]
    gone = [name for name, row in rows.items() if row is None]
    if put:
        connection.execute(_upsert(table, connection.dialect.name), put)
    if gone:
        connection.execute(delete(table).where(table.c[_key_of(table)].in_(gone)))
