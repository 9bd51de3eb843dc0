"""HTTP/1.1 to customers: httpx's requests and errors on aiohttp's connections, which take a third of the processor time."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

import aiohttp
import httpx
from yarl import URL

from voice.web.networks import PublicResolver, is_private_literal

CONNECTIONS = 200
KEEP_ALIVE_SECONDS = 4.0
"""Less than the 5 seconds after which common servers close an idle connection, whose last request would be lost."""
CHUNK = 16_384
CLOSE_SECONDS = 2.0


class Wire(httpx.AsyncBaseTransport):
    """Sends one request and returns the answer as it is: no redirect is followed, nothing is decoded, no cookie is kept.

    ``public_only`` refuses loopback, private and metadata addresses.
    """

    def __init__(self, *, public_only: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self._public_only = public_only
        self._tls = tls
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """See AsyncBaseTransport. Raises httpx.TransportError."""
        if self._public_only and is_private_literal(request.url.host):
            raise httpx.ConnectError(f"{request.url.host} is not a public address")
        if self._session is None:
            self._session = self._open()
        limits = request.extensions["timeout"]
        with _translated():
            answer = await self._session.request(
                request.method,
                URL(str(request.url), encoded=True),
                headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw],
                data=request.content or None,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=limits["connect"], sock_read=limits["read"]),
            )
        return httpx.Response(answer.status, headers=answer.raw_headers, stream=_Body(answer))

    async def aclose(self) -> None:
        """Close all connections, those whose far end does not take part in that as well."""
        session, self._session = self._session, None
        if session is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(CLOSE_SECONDS):
                    await session.close()

    def _open(self) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=CONNECTIONS,
            keepalive_timeout=KEEP_ALIVE_SECONDS,
            ssl=self._tls or httpx.create_ssl_context(trust_env=False),
            resolver=PublicResolver() if self._public_only else None,
        )
        jar = aiohttp.DummyCookieJar()
        return aiohttp.ClientSession(connector=connector, cookie_jar=jar, auto_decompress=False, trust_env=False)


class _Body(httpx.AsyncByteStream):
    """The body of an answer while it comes in."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self._answer = answer

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated():
            async for chunk in self._answer.content.iter_chunked(CHUNK):
                yield chunk

    async def aclose(self) -> None:
        """Keep the connection if the body was read to its end."""
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except aiohttp.ConnectionTimeoutError as error:
        raise httpx.ConnectTimeout(str(error)) from error
    except aiohttp.ServerTimeoutError as error:
        raise httpx.ReadTimeout(str(error)) from error
    except aiohttp.ClientConnectorError as error:
        raise httpx.ConnectError(str(error)) from error.__cause__ or error
    except (aiohttp.ServerDisconnectedError, aiohttp.ClientResponseError, aiohttp.ClientPayloadError) as error:
        raise httpx.RemoteProtocolError(str(error)) from error
    except (aiohttp.ClientConnectionError, OSError) as error:
        raise httpx.ReadError(str(error)) from error
