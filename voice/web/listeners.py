"""The ports on which the HTTP side is reached: plain, and encrypted beside it, because pages come by ``wss`` alone."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from starlette.applications import Starlette

from voice.certificate import Certificate
from voice.settings import Http

BACKLOG = 2048
LONGEST_MESSAGE = 524_288
"""Bytes of a WebSocket message; what reads them is stricter."""


class Listeners:
    """Serves one application on one port, or on two. ``certificate`` is for the encrypted one."""

    def __init__(self, app: Starlette, http: Http, certificate: Certificate | None) -> None:
        self._http = http
        self._certificate = certificate
        self._servers = {http.port: _QuietServer(_config(app, http, http.port))}
        if certificate is not None:
            path = str(certificate.path)
            self._servers[http.tls_port] = _QuietServer(_config(app, http, http.tls_port, path))
        self._serving: dict[int, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Listen on every port. Raises OSError for one that cannot be bound."""
        for port, server in self._servers.items():
            self._serving[port] = asyncio.create_task(server.serve([self._bind(port)]))
            while not server.started and not self._serving[port].done():  # noqa: ASYNC110 - uvicorn offers no event
                await asyncio.sleep(0.01)

    def _bind(self, port: int) -> socket.socket:
        bind = self._http.bind
        try:
            return socket.create_server((bind, port), family=_family(bind), backlog=BACKLOG)
        except OSError as error:
            raise OSError(f"the HTTP port {bind}:{port} cannot be bound: {error.strerror}") from None

    async def stop(self) -> None:
        """Take no more requests, and wait until those under way are answered."""
        for server in self._servers.values():
            server.should_exit = True
        await asyncio.gather(*self._serving.values())

    def renew(self) -> None:
        """Take the certificate that has been put in place, for the connections from now on; the start takes it anyhow."""
        for config in (server.config for server in self._servers.values()):
            if config.loaded and config.ssl is not None and self._certificate is not None:
                config.ssl.load_cert_chain(self._certificate.path)


def _config(app: Starlette, http: Http, port: int, certificate: str | None = None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=http.bind,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        forwarded_allow_ips=[str(network) for network in http.trusted_proxies],
        ws="websockets-sansio",
        ws_max_size=LONGEST_MESSAGE,
        ws_per_message_deflate=False,
        ssl_certfile=certificate,
    )


def _family(bind: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in bind else socket.AF_INET


class _QuietServer(uvicorn.Server):
    """Leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
