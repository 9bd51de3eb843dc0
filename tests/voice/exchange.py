"""A whole switch in one thread: fake phones, a scripted webhook, and a clock that jumps.

Everything else is the real thing: sessions, interpreter, mixer, speech. An hour of a call takes as long as its work does.
"""

from __future__ import annotations

import asyncio
import functools
import selectors
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
from starlette.applications import Starlette

from media.bus import Bus
from media.events import MediaEvent
from media.mixer import Mixer
from media.speech.ensemble import Ensemble
from media.speech.espeak import Espeak
from media.speech.speaker import Speaker
from sip.fake import FakeCall, FakeEndpoint
from tests.voice.databases import open_database
from tests.voice.pages import FakeMedia
from tests.voice.socket import FakeDialler
from voice.accounts.accounts import Account, Accounts
from voice.exchange import Exchange, Ground
from voice.listening.recognizers import Recognizer, Recognizers, configured
from voice.settings import Http, Number, Settings
from voice.sound.speech import choose_voices
from voice.story.journal import Entry
from voice.web.webhook import WebhookClient

ACCOUNT = Account("AC" + "1" * 32, "secret")
NUMBER = "+15550100"
HOST = "http://app.example"
API = "http://switch.example"
TICK = 0.02
_EPOCH = datetime(2030, 1, 1, tzinfo=UTC)

Form = Mapping[str, str]
Answer = str | httpx.Response | Callable[[Form], "str | httpx.Response"]


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when there is nothing to do, and then at once."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds."""
        return self._jumping.now

    def run_in_executor(self, executor: Executor | None, work: Callable[..., Any], *arguments: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Work of threads is done on the spot: a jump of the clock must not overtake it."""
        future = self.create_future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:  # noqa: BLE001 - handed to whoever awaits
            future.set_exception(error)
        return future


class _JumpingSelector(selectors.SelectSelector):
    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("the world has come to a stop: nobody waits for anything")
        self.now += max(0.0, timeout)
        return super().select(0)


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Run an asynchronous test on a JumpingLoop."""

    @functools.wraps(test)
    def run(*arguments: Any, **fixtures: Any) -> None:
        with asyncio.Runner(loop_factory=JumpingLoop) as runner:
            runner.run(test(*arguments, **fixtures))

    return run


@dataclass
class Visit:
    """One request of the switch."""

    method: str
    path: str
    form: dict[str, str]
    headers: Mapping[str, str]
    url: str = ""
    body: str = ""


@dataclass
class Customer:
    """The webhook: documents by path; a missing one is 404."""

    answers: dict[str, Answer] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    delays: dict[str, float] = field(default_factory=dict)
    """Seconds that a path takes to answer."""

    def visited(self, path: str) -> list[dict[str, str]]:
        """The parameters of each request of a path."""
        return [visit.form for visit in self.visits if visit.path == path]

    async def serve(self, request: httpx.Request) -> httpx.Response:
        """Take one request."""
        text = request.content.decode() if request.method == "POST" else request.url.query.decode()
        visit = Visit(request.method, request.url.path, dict(parse_qsl(text, keep_blank_values=True)), request.headers)
        visit.url, visit.body = str(request.url), request.content.decode()
        self.visits.append(visit)
        await asyncio.sleep(self.delays.get(visit.path, 0))
        answer = self.answers.get(visit.path, httpx.Response(404))
        if callable(answer):
            answer = answer(visit.form)
        if isinstance(answer, httpx.Response):
            return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
        return httpx.Response(200, headers={"Content-Type": "text/xml"}, text=f"<Response>{answer}</Response>")


class World:
    """A running switch with its phones; made inside the loop, one per test."""

    def __init__(
        self,
        folder: Path,
        customer: Customer,
        *,
        engines: Any = (),
        speakers: Any = None,
        **settings: Any,
    ) -> None:
        self.customer = customer
        numbers = (Number(phone_number=NUMBER, voice_url=f"{HOST}/voice", status_callback=f"{HOST}/status"),)
        self.settings = Settings(data_dir=folder, **{"number": numbers, "http": Http(public_url=API), **settings})
        self.bus = Bus(self.settings.media.sample_rate, 64)
        self._speech = Ensemble(_espeak(), speakers or {}, self.bus.rate)
        self.fake = FakeEndpoint(self.bus.rx, self.bus.tx, self.bus.rate)
        self.media = FakeMedia(self.bus.rx, self.bus.tx)
        self.mixer = Mixer(self.bus, [self.fake, self.media], self._hear)
        self.database = open_database(folder)
        self.accounts = Accounts(ACCOUNT)
        self.dialler = FakeDialler(allow_private_networks=self.settings.webhooks.allow_private_networks)
        self.exchange = exchange = Exchange(self.settings, self._ground(engines))
        self.provisioning, self.phones, self.registry = exchange.provisioning, exchange.phones, exchange.registry
        self.callbacks, self.journals, self.debugger = exchange.callbacks, exchange.journals, exchange.debugger
        self.studio, self.recordings, self.admission = exchange.studio, exchange.recordings, exchange.admission
        self.resources, self.switch = exchange.resources, exchange.switch
        self.conferences, self.queues, self.forks = self.resources.conferences, self.resources.queues, self.resources.forks
        self.streams, self.connectors = self.resources.streams, self.resources.connectors
        self.live_transcriptions = self.resources.live_transcriptions

    def _ground(self, engines: Iterable[Recognizer]) -> Ground:
        transport = httpx.MockTransport(self.customer.serve)
        voices = choose_voices(self.settings.speech, self._speech.has)
        return Ground(
            bus=self.bus,
            mixer=self.mixer,
            endpoint=self.fake,
            speaker=Speaker(self._speech, self.bus.rate, voices, inline=True),
            recognizers=self._recognizers(engines),
            database=self.database,
            accounts=self.accounts,
            webhooks=WebhookClient(self.accounts.token, transport=transport),
            charges=WebhookClient(self.accounts.token, transport=transport),
            dialler=self.dialler,
            agents=self.dialler,
            pages=self.media,
            now=asyncio.get_running_loop().time,
            wall=self.wall,
        )

    async def __aenter__(self) -> World:
        await self.exchange.begin()
        self.exchange.endpoint.start(self.switch.receive)
        self._ticking = asyncio.create_task(self._tick_for_ever())
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.exchange.finish()
        self._ticking.cancel()
        await self.exchange.close()

    def app(self) -> Starlette:
        """The HTTP side."""
        return self.exchange.app()

    def call(self, to: str = NUMBER, from_: str = "sip:+15550001@carrier", headers: tuple[tuple[str, str], ...] = ()) -> FakeCall:
        """A phone dials the switch."""
        return self.fake.phone(from_).dial(f"sip:{to}@127.0.0.1", headers)

    def client(self) -> httpx.AsyncClient:
        """Who uses its REST API as the owner of the account."""
        login = (ACCOUNT.sid, ACCOUNT.auth_token)
        return httpx.AsyncClient(transport=httpx.ASGITransport(self.app()), base_url="http://switch", auth=login)

    async def until(self, holds: Callable[[], bool], seconds: float = 120) -> None:
        """Let time pass until something is true."""
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(TICK)

    async def ended(self, call: FakeCall, seconds: float = 120) -> None:
        """Let time pass until a call is over and its callbacks are sent."""
        await self.until(lambda: call.ended, seconds)
        await asyncio.sleep(0.1)

    def journal(self, path: str = "/voice") -> list[Entry]:
        """The journal of the call that requested a path first."""
        self.journals.flush()
        return self.journals.read(self.customer.visited(path)[0]["CallSid"])

    def reports(self, path: str = "/voice") -> list[int]:
        """The error codes in that journal."""
        return [int(str(entry.data["code"])) for entry in self.journal(path) if entry.kind == "report"]

    def _recognizers(self, engines: Iterable[Recognizer]) -> Recognizers:
        named = list(engines) or configured(self.settings.recognizer)
        usual = named[0].name if engines else self.settings.speech.asr
        return Recognizers(named, usual, self._hear, inline=True)

    def _hear(self, events: list[MediaEvent]) -> None:
        self.studio.receive(events)

    def now(self) -> float:
        """Seconds of the clock that jumps."""
        return asyncio.get_running_loop().time()

    def wall(self) -> datetime:
        """The time of day."""
        return _EPOCH + timedelta(seconds=asyncio.get_running_loop().time())

    async def _tick_for_ever(self) -> None:
        while True:
            self.mixer.tick()
            await asyncio.sleep(TICK)


@functools.cache
def _espeak() -> Espeak:
    return Espeak()
