"""The wire between pages and a switch, which can fall silent without anybody hanging up."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field


@dataclass(eq=False)
class _Connection:
    held: bool = False


@dataclass
class Wire:
    """Passes bytes on, encrypted as they are."""

    port: int = 0
    connections: list[_Connection] = field(default_factory=list)

    def hold(self) -> None:
        """Let nothing pass any more of what is connected now."""
        for each in self.connections:
            each.held = True


@contextlib.asynccontextmanager
async def wire(to: int) -> AsyncIterator[Wire]:
    """A wire to a port of this machine."""
    made, ends, passing = Wire(), list[asyncio.StreamWriter](), list[asyncio.Task[None]]()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", to)
        connection = _Connection()
        made.connections.append(connection)
        ends.extend((writer, far_writer))
        passing.append(asyncio.create_task(_pass(connection, reader, far_writer)))
        passing.append(asyncio.create_task(_pass(connection, far_reader, writer)))

    async with await asyncio.start_server(take, "127.0.0.1", 0) as server:
        made.port = server.sockets[0].getsockname()[1]
        try:
            yield made
        finally:
            for task in passing:
                task.cancel()
            await asyncio.gather(*passing, return_exceptions=True)
            for end in ends:
                end.transport.abort()


async def _pass(connection: _Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            if not connection.held:
                writer.write(data)
    if not connection.held:
        writer.close()
