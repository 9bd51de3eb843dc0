"""A customer's web server for tests: real HTTP on a free port, documents as data, every request remembered."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass, field

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Form = Mapping[str, str]
Answer = str | bytes | Response | Callable[[Form], "str | Response"]


@dataclass(frozen=True, slots=True)
class Visit:
    """One request as it arrived."""

    method: str
    path: str
    url: str
    form: dict[str, str]
    headers: dict[str, str]
    raw: list[tuple[str, str]]


@dataclass(slots=True)
class Webhook:
    """Answers by path; a path that nobody set is 404."""

    answers: dict[str, Answer] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    port: int = 0
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def url(self, path: str) -> str:
        """The absolute address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def visited(self, path: str) -> list[Visit]:
        """The requests of one path, oldest first."""
        return [visit for visit in self.visits if visit.path == path]

    async def wait_for(self, path: str, count: int = 1, seconds: float = 15) -> Visit:
        """Wait until a path was requested ``count`` times; returns that visit."""
        async with asyncio.timeout(seconds), self._arrived:
            await self._arrived.wait_for(lambda: len(self.visited(path)) >= count)
        return self.visited(path)[count - 1]

    async def serve(self, request: Request) -> Response:
        """The one endpoint."""
        if request.method == "POST":
            async with request.form() as posted:
                raw = [(name, str(value)) for name, value in posted.multi_items()]
        else:
            raw = list(request.query_params.multi_items())
        visit = Visit(request.method, request.url.path, str(request.url), dict(raw), dict(request.headers), raw)
        async with self._arrived:
            self.visits.append(visit)
            self._arrived.notify_all()
        answer = self.answers.get(visit.path)
        if callable(answer) and not isinstance(answer, Response):
            answer = answer(visit.form)
        if answer is None:
            return Response(status_code=404)
        if isinstance(answer, Response):
            return answer
        if isinstance(answer, bytes):
            return Response(answer, media_type="audio/wav")
        return Response(f"<Response>{answer}</Response>", media_type="text/xml")


class _QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def running_webhook() -> AsyncIterator[Webhook]:
    """A webhook that listens until the block ends."""
    webhook = Webhook()
    app = Starlette(routes=[Route("/{path:path}", webhook.serve, methods=["GET", "POST"])])
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        webhook.port = listener.getsockname()[1]
        server = _QuietServer(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none"))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield webhook
        finally:
            server.should_exit = True
            await serving
