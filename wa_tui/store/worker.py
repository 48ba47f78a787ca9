"""One thread that owns one SQLite connection, and runs whole functions in it.

Two private names are leaned on, here and nowhere else (read in Aiosqlite 0.22.1): ``_execute``, which hops to the
thread, and ``_conn``, the connection of `sqlite3` that it owns.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import aiosqlite

T = TypeVar("T")


class Worker(aiosqlite.Connection):
    """An aiosqlite connection that runs a function in one hop.

    aiosqlite's public methods hop to its thread and back once a statement, which costs more than the
    statements do. ``_execute`` is what they are made of.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connect, iter_chunk_size=64)

    @classmethod
    async def start(cls, connect: Callable[[], sqlite3.Connection]) -> Worker:
        """Return a worker whose thread runs and has its connection."""
        worker = cls(connect)
        await worker
        return worker

    async def run(self, function: Callable[[sqlite3.Connection], T]) -> T:
        """Return what the function returns; it has the connection to itself.

        A caller that is cancelled does not stop it.
        """

        # A closure, since aiosqlite logs what it runs: arguments would put QR codes into a debug log.
        def call() -> T:
            return function(self._conn)

        hop = cast(Callable[[Callable[[], T]], Awaitable[T]], self._execute)
        return await hop(call)
