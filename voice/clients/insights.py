"""Where pages report to, in place of Twilio's Insights: what their SDK notices goes into the journal of the call.

The SDK posts to ``https://eventgw.<home>.twilio.com/v4/...`` and takes ``home`` from us. As in the edge, a query in it swallows
the rest: ``pbx.example.com/insights?`` makes it ``https://eventgw.pbx.example.com/insights?.twilio.com/v4/...``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sip.addresses import bracketed
from voice.bucket import Bucket
from voice.calls.registry import Registry
from voice.clients.devices import Identity
from voice.clients.edge import SUFFIX
from voice.clients.failures import AUTHORISATION
from voice.clients.messages import MessageInvalid
from voice.clients.observations import LONGEST_BODY, Observation, read
from voice.clients.reception import Reception
from voice.clients.tokens import TokenRefused
from voice.story.journal import Journal

PATH = "/insights"
ENDPOINTS = ("/v4/EndpointEvents", "/v4/EndpointMetrics")
TOKEN = "X-Twilio-Token"
HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": f"Content-Type, {TOKEN}",
    "Access-Control-Max-Age": "86400",
}
MOST_NOTES = 2_000
"""Of one call: samples of five hours, beside the events."""
NOTES_PER_SECOND, BURST = 10, 100
EARLY_SECONDS, EARLY_STEP = 2.0, 0.1
"""How long what is told before its call has come, on the other connection, waits for it."""
MOST_EARLY = 100
"""That wait so at a time; more are refused at once."""
LINGERING_SECONDS = 30.0
"""How long after its end a call may be told of."""


def home_of(host: str) -> str | None:
    """The ``home`` that makes pages report to ``eventgw.<host>``; None leaves them to Twilio. Pure."""
    return f"{host}{PATH}?" if host else None


@dataclass(slots=True)
class _Known:
    """A call of a page that has been told of."""

    identity: Identity
    journal: Journal
    credit: Bucket
    left: int


class Insights:
    """Takes what pages tell of their calls; ``now`` is monotonic."""

    def __init__(self, reception: Reception, registry: Registry, now: Callable[[], float]) -> None:
        self._tokens, self._strangers, self._calls = reception.tokens, reception.strangers, reception.calls
        self._registry = registry
        self._now = now
        self._known: dict[str, _Known] = {}
        """By CallSid: those that live, and for a moment those that have ended."""
        self._early = asyncio.Semaphore(MOST_EARLY)

    async def serve(self, request: Request) -> Response:
        """``POST`` and the question before it that browsers ask for pages of another origin."""
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=HEADERS)
        if request.url.path.endswith(PATH) and request.url.query not in [SUFFIX + each for each in ENDPOINTS]:
            return _answer(404, "There is nothing here.")
        host, port = request.client or ("", 0)
        source = f"{bracketed(host)}:{port}"
        try:
            identity = self._identify(source, request)
            observation = read(await _read(request))
        except TokenRefused as refusal:
            return _answer(401, str(refusal))
        except MessageInvalid as error:
            return _answer(400, str(error))
        return await self._note(identity, observation)

    def _identify(self, source: str, request: Request) -> Identity:
        """Whose page it is. Raises TokenRefused."""
        if not self._strangers.asks(source, request.headers.get("user-agent", "")):
            raise TokenRefused(AUTHORISATION, "You have tried too often.")
        try:
            grant = self._tokens.read(request.headers.get(TOKEN, ""))
        except TokenRefused as refusal:
            if refusal.code == AUTHORISATION:
                self._strangers.fails(source)
            raise
        return grant.account_sid, grant.identity

    async def _note(self, identity: Identity, observation: Observation) -> Response:
        known = self._find(identity, observation.call)
        if known is None and not self._early.locked():
            async with self._early:
                known = await self._expect(identity, observation.call)
        if known is None:
            return _answer(404, "There is no such call of yours.")
        if known.left <= 0 or not known.credit.take(self._now()):
            return _answer(429, "You have told enough of this call.")
        known.left -= 1
        known.journal.add(observation.kind, **observation.data)
        return Response(status_code=204, headers=HEADERS)

    async def _expect(self, identity: Identity, name: str) -> _Known | None:
        patience = self._now() + EARLY_SECONDS
        while (known := self._find(identity, name)) is None and self._now() < patience:  # noqa: ASYNC110 - few wait, and seldom
            await asyncio.sleep(EARLY_STEP)
        return known

    def _find(self, identity: Identity, name: str) -> _Known | None:
        leg = self._calls.called(identity, name)
        sid = leg.call_sid if leg is not None else name
        known = self._known.get(sid)
        if known is None and leg is not None:
            known = self._remember(identity, sid)
        return known if known is not None and known.identity == identity else None

    def _remember(self, identity: Identity, sid: str) -> _Known | None:
        line = self._registry.by_sid(sid)
        if line is None:
            return None
        known = self._known[sid] = _Known(identity, line.call.journal, Bucket(NOTES_PER_SECOND, BURST, self._now()), MOST_NOTES)
        line.on_end.append(partial(self._forget, sid))
        return known

    def _forget(self, sid: str) -> None:
        asyncio.get_running_loop().call_later(LINGERING_SECONDS, self._known.pop, sid, None)


def make_insights(insights: Insights) -> list[BaseRoute]:
    """The routes of the sink, also below a prefix."""
    paths = [prefix + path for prefix in ("", "/{prefix:path}") for path in (PATH, *ENDPOINTS)]
    return [Route(path, insights.serve, methods=["POST", "OPTIONS"]) for path in paths]


async def _read(request: Request) -> bytes:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            raise MessageInvalid(f"a body has more than {LONGEST_BODY} bytes")
    return body


def _answer(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status, HEADERS)
