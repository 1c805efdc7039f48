"""A store in one SQLite file (WAL): one pod, all its workers.

Calls run in a worker thread, one at a time per process; other processes may use the same file. A commit survives
SIGKILL at once; reservations are also synced to the disk, so that numbers are not given twice after power loss.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import trio

from miroir.edge.store.interface import Row, unavailable
from miroir.edge.store.tables import COUNTERS, TABLES, Table

T = TypeVar("T")
BUSY_SECONDS = 5.0


class SqliteStore:
    def __init__(self, path: str) -> None:
        """Open or create the file and its tables; blocks, so call it in a thread or before the loop runs."""
        self._path = path
        self._one = trio.CapacityLimiter(1)
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
            _use_wal(self._db)
            self._db.execute("PRAGMA synchronous=NORMAL")
            for table in TABLES:
                self._db.execute(
                    f"CREATE TABLE IF NOT EXISTS {table.name} (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID"
                )
        except (sqlite3.Error, OSError) as error:
            raise unavailable(f"{path} cannot be opened ({error})") from error

    def close(self) -> None:
        self._db.close()

    async def get(self, table: Table, key: str) -> bytes | None:
        return await self._run(lambda: self._value(table, key))

    async def put(self, table: Table, key: str, value: bytes) -> None:
        await self._run(lambda: self._set(table, key, value))

    async def delete(self, table: Table, key: str) -> bool:
        sql = f"DELETE FROM {table.name} WHERE key = ?"  # noqa: S608 - names come from TABLES alone
        return await self._run(lambda: self._db.execute(sql, (key,)).rowcount > 0)

    async def scan(
        self, table: Table, *, after: str | None = None, reverse: bool = False, limit: int | None = None
    ) -> list[Row]:
        order, beyond = ("DESC", "<") if reverse else ("ASC", ">")
        where = "" if after is None else f"WHERE key {beyond} ?"
        sql = f"SELECT key, value FROM {table.name} {where} ORDER BY key {order} LIMIT ?"  # noqa: S608
        arguments = (*(() if after is None else (after,)), -1 if limit is None else limit)
        return await self._run(lambda: self._db.execute(sql, arguments).fetchall())

    async def count(self, table: Table) -> int:
        sql = f"SELECT count(*) FROM {table.name}"  # noqa: S608
        return await self._run(lambda: int(self._db.execute(sql).fetchone()[0]))

    async def compare_and_set(self, table: Table, key: str, expected: bytes | None, value: bytes) -> bool:
        def change() -> bool:
            with self._transaction():
                if self._value(table, key) != expected:
                    return False
                self._set(table, key, value)
                return True

        return await self._run(change)

    async def reserve(self, counter: str, n: int) -> int:
        def take() -> int:
            self._db.execute("PRAGMA synchronous=FULL")
            try:
                with self._transaction():
                    first = int(self._value(COUNTERS, counter) or b"0")
                    self._set(COUNTERS, counter, str(first + n).encode())
            finally:
                self._db.execute("PRAGMA synchronous=NORMAL")
            return first

        return await self._run(take)

    async def _run(self, work: Callable[[], T]) -> T:
        try:
            return await trio.to_thread.run_sync(work, limiter=self._one)
        except sqlite3.Error as error:
            raise unavailable(str(error)) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Takes the write lock first: a transaction that reads first could fail when it comes to write.

        One that fails, also while it is committed, is over afterwards: SQLite ends some of them itself.
        """
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        finally:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    def _value(self, table: Table, key: str) -> bytes | None:
        sql = f"SELECT value FROM {table.name} WHERE key = ?"  # noqa: S608
        row = self._db.execute(sql, (key,)).fetchone()
        return None if row is None else bytes(row[0])

    def _set(self, table: Table, key: str, value: bytes) -> None:
        sql = f"INSERT INTO {table.name} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value"  # noqa: S608
        self._db.execute(sql, (key, value))


def _use_wal(db: sqlite3.Connection) -> None:
    """Of several processes that change a new file's mode at once, SQLite lets one and tells the others at once."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return
