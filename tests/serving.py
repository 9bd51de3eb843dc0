"""An ASGI application on a port of this machine, in the loop of the test."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette


@asynccontextmanager
async def serving(app: Starlette, **options: Any) -> AsyncIterator[int]:
    """Serve an application until the block ends, with ``options`` of uvicorn; gives the port."""
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", **{"ws": "none", **options})
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await server.startup(sockets=[listener])
        loop = asyncio.create_task(server.main_loop())
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await loop
            await server.shutdown(sockets=[listener])
