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
from media.speech.espeak import Espeak
from media.speech.speaker import Speaker
from sip.fake import FakeCall, FakeEndpoint
from tests.voice.databases import open_database
from tests.voice.socket import FakeDialler
from voice.accounts.accounts import Account, Accounts
from voice.accounts.provisioning import Provisioning
from voice.api.app import make_app
from voice.api.catalogue import make_resources
from voice.api.health import Health
from voice.api.notes import RequestNotes
from voice.api.resources.seating import Seating
from voice.api.throttle import Throttle
from voice.calls.admission import Admission
from voice.calls.ledger import Ledger
from voice.calls.recovery import recover_calls
from voice.calls.registry import Registry
from voice.calls.resources import Resources
from voice.calls.switch import Switch
from voice.conference.archive import Archive
from voice.conference.conferences import Conferences
from voice.conference.house import House
from voice.listening.live_transcription import Bureau
from voice.listening.live_transcriptions import LiveTranscriptions
from voice.listening.recognizers import FileTranscriber, Recognizer, Recognizers, configured
from voice.listening.transcription import Transcriptions
from voice.payment.connector import Connectors
from voice.payment.payments import Payments
from voice.payment.payments import Surroundings as Shop
from voice.queue.book import QueueBook
from voice.queue.places import WaitingLines
from voice.queue.queues import Queues
from voice.recording.recordings import Recordings
from voice.recording.shelf import Shelf
from voice.routing.contacts import Contacts
from voice.routing.directory import Directory
from voice.routing.phones import Phones
from voice.routing.routes import Routes
from voice.settings import Number, Settings
from voice.siprec.client import Exchange, Forks
from voice.sound.library import MediaLibrary
from voice.sound.speech import choose_voices
from voice.sound.studio import Studio
from voice.story.debugger import Debugger
from voice.story.journal import Entry, JournalFiles
from voice.story.ladder import Ladder
from voice.story.metrics import Metrics
from voice.story.notifications import Notifications
from voice.stream.stream import Surroundings
from voice.stream.streams import Streams
from voice.web.callbacks import CallbackSender
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

    def __init__(self, folder: Path, customer: Customer, *, engines: Any = (), **settings: Any) -> None:
        self.customer = customer
        loop = asyncio.get_running_loop()
        numbers = (Number(phone_number=NUMBER, voice_url=f"{HOST}/voice", status_callback=f"{HOST}/status"),)
        self.settings = Settings(data_dir=folder, **{"number": numbers, **settings})
        self.bus = Bus(self.settings.media.sample_rate, 64)
        self.fake = FakeEndpoint(self.bus.rx, self.bus.tx, self.bus.rate)
        self.mixer = Mixer(self.bus, [self.fake], self._hear)
        self.database = open_database(folder)
        self.phones = Phones(self.settings, self._wall)
        ping_seconds = self.settings.registrar.ping_seconds
        self.contacts = Contacts(self.phones, self.database, self.fake, ping_seconds, self._wall)
        self.accounts, directory = Accounts(ACCOUNT), Directory(self.phones, self.settings.dial.verified_caller_ids)
        self.provisioning = Provisioning(self.settings, self.database, self.accounts, directory, self.phones)
        self.webhooks = WebhookClient(self.accounts.token, transport=httpx.MockTransport(customer.serve))
        self.debugger = Debugger(self.settings.debugger.url, self.webhooks, self.accounts, self._wall)
        self.callbacks = CallbackSender(self.webhooks, self.database, self._wall)
        self.connectors = Connectors(self.settings.payment_connector, self.webhooks)
        self.journals = JournalFiles(folder / "journals")
        self.studio = self._make_studio()
        self.recognizers = self._recognizers(engines)
        self.recordings = self._make_recordings(Shelf(folder / "recordings"))
        most = self.settings.limits.conference_participants
        archive = Archive(self.database, self.settings.node)
        self.conferences = Conferences(House(self.studio, self.callbacks, self.recordings, archive, self._wall, most))
        self.registry = Registry()
        self.queues: WaitingLines = Queues()
        self.admission = Admission(self.settings.limits, self.registry, loop.time)
        ladder, routes = Ladder(), Routes(self.settings, self.phones, directory.owns, directory.errand)
        exchange = Exchange(self.fake, self.studio, self.registry, ladder, self.callbacks, routes, self._wall)
        self.forks = Forks(self.settings.siprec, exchange)
        notifications = Notifications(self.database, self.debugger, self._wall)
        self.dialler = FakeDialler(allow_private_networks=self.settings.webhooks.allow_private_networks)
        metrics = Metrics()
        self.streams = Streams(Surroundings(self.studio, self.callbacks, metrics, self.dialler, self._wall))
        bureau = Bureau(self.studio, self.callbacks, metrics, self._wall)
        self.live_transcriptions = LiveTranscriptions(self.recognizers, bureau)
        self.resources = Resources(
            settings=self.settings,
            accounts=self.accounts,
            ledger=Ledger(self.database, "main", self._wall, loop.time, notifications.note),
            database=self.database,
            endpoint=self.fake,
            studio=self.studio,
            webhooks=self.webhooks,
            callbacks=self.callbacks,
            recognizers=self.recognizers,
            recordings=self.recordings,
            transcriptions=Transcriptions(self.callbacks, self._transcriber(), self.recordings, self.database, self._wall),
            live_transcriptions=self.live_transcriptions,
            conferences=self.conferences,
            forks=self.forks,
            phones=self.phones,
            directory=directory,
            streams=self.streams,
            connectors=self.connectors,
            payments=Payments(Shop(self.connectors, self.callbacks, metrics, loop.time, self._wall)),
            journals=self.journals,
            ladder=ladder,
            registry=self.registry,
            routes=routes,
            admission=self.admission,
            queues=self.queues,
            metrics=metrics,
            now=loop.time,
            wall=self._wall,
        )
        self.switch = Switch(self.resources)

    def _make_studio(self) -> Studio:
        return Studio(
            self.bus,
            self.mixer,
            Speaker(_espeak(), self.bus.rate, choose_voices(self.settings.speech, _espeak().has), inline=True),
            MediaLibrary(self.webhooks, self.bus.rate, ours=self._own_file),
            inband_digits=self.settings.media.detect_inband_digits,
        )

    def _make_recordings(self, shelf: Shelf) -> Recordings:
        shelf.open()
        taps, now = self.studio.taps, asyncio.get_running_loop().time
        return Recordings(taps, shelf, self.callbacks, self.database, API, node="main", now=now, wall=self._wall)

    async def __aenter__(self) -> World:
        await self.provisioning.begin(self._wall())
        await self.contacts.restore()
        await self.callbacks.resume()
        await QueueBook(self.database, self.queues).load()
        read = Seating(self.conferences, self.resources.directory, self.switch).read
        await recover_calls(self.resources, self.switch.outbound, read)
        self.fake.start(self.switch.receive)
        self._ticking = asyncio.create_task(self._tick_for_ever())
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.streams.close()
        await self.live_transcriptions.close()
        await self.recordings.close(1)
        self._ticking.cancel()
        await self.callbacks.close()
        await self.debugger.close()
        await self.webhooks.close()
        await self.database.close()

    def app(self) -> Starlette:
        """The HTTP side."""
        now = asyncio.get_running_loop().time
        throttle = Throttle(self.settings.limits.api_requests_per_second, now)
        notes = RequestNotes(self.switch.find, API, now).begin
        resources = make_resources(self.resources, self.switch, self.provisioning)
        return make_app(Health(self.admission, self.resources.metrics), self.accounts, throttle, resources, API, notes)

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

    def _transcriber(self) -> FileTranscriber:
        return FileTranscriber(self.recognizers, self.studio.ears)

    def _hear(self, events: list[MediaEvent]) -> None:
        self.studio.receive(events)

    async def _own_file(self, url: str) -> Path | None:
        return await self.recordings.local(url)

    def _wall(self) -> datetime:
        return _EPOCH + timedelta(seconds=asyncio.get_running_loop().time())

    async def _tick_for_ever(self) -> None:
        while True:
            self.mixer.tick()
            await asyncio.sleep(TICK)


@functools.cache
def _espeak() -> Espeak:
    return Espeak()
