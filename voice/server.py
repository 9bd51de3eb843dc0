"""The composition root: builds one server from its settings, runs it, and takes it down in good order."""

from __future__ import annotations

import asyncio
import contextlib
import resource
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvicorn

from media.bus import Bus
from media.clock import Clock
from media.events import MediaEvent
from media.mixer import Mixer
from media.music import hold_music
from media.speech.espeak import Espeak
from media.speech.speaker import Speaker
from media.tape import TapeWriter
from sip.pjsua import PjsuaEndpoint
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
from voice.listening.recognizers import FileTranscriber, make_recognizers
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
from voice.settings import Settings, public_address, without_effect
from voice.siprec.client import Exchange, Forks
from voice.sound.library import MediaLibrary
from voice.sound.speech import choose_voices
from voice.sound.studio import Studio
from voice.store.database import Database
from voice.store.engine import database_url
from voice.store.retention import Retention
from voice.story.debugger import Debugger
from voice.story.journal import JournalFiles
from voice.story.ladder import Ladder
from voice.story.metrics import Metrics, Reading
from voice.story.notifications import Notifications
from voice.stream.stream import Surroundings
from voice.stream.streams import Streams
from voice.web.callbacks import CallbackSender
from voice.web.webhook import WebhookClient
from voice.web.websocket import WebSocketDialler

SWITCH_INTERVAL = 0.0005
"""Seconds. Python's 5 ms would let a busy event loop delay the 20 ms tick by a quarter."""
FLUSH_SECONDS = 0.5
CALLBACK_SECONDS = 5.0
"""How long callbacks may still be sent after the last call."""
FILES_PER_CALL = 7
"""Open files of a call: two sockets, two recordings, a stream, and what its webhook and the start of a file take."""
SPARE_FILES = 200
RECORDING_SECONDS = 10.0
"""How long recordings may take to be completed; one that takes longer is completed at the next start."""
PAYMENT_SECONDS = 15.0
"""How long the answers to payments that were sent are waited for."""
GOODBYE_SECONDS = 2.0
"""How long the far ends have to answer our BYE."""
CALLS_PER_VOICE = 4
"""Calls for each row that speaks in conferences: beeps, announcements, keys."""
ROWS_PER_COPY = 2
"""One for each direction of a call that goes to a recording server."""
SPARE_ROWS = 8
"""Rows beyond ``max_calls``: one that was released is free again only after the next tick."""

_log = structlog.get_logger("server")


class Server:
    """One switch with its network, clock, store of journals and HTTP side."""

    def __init__(self, settings: Settings, account: Account) -> None:
        self._settings = settings
        self._make_audio(settings)
        limits = settings.limits
        self._journals = JournalFiles(settings.data_dir / "journals")
        engine = Espeak()
        self._speaker = Speaker(engine, self._bus.rate, choose_voices(settings.speech, engine.has))
        self._database = Database(database_url(settings.database_url, settings.data_dir))
        accounts = Accounts(account)
        self._phones = Phones(settings, _wall)
        self._contacts = Contacts(self._phones, self._database, self._endpoint, settings.registrar.ping_seconds, _wall)
        directory = Directory(self._phones, settings.dial.verified_caller_ids)
        self._provisioning = Provisioning(settings, self._database, accounts, directory, self._phones)
        self._webhooks = WebhookClient(accounts.token, allow_private_networks=settings.webhooks.allow_private_networks)
        self._debugger = Debugger(settings.debugger.url, self._webhooks, accounts, _wall)
        self._callbacks = CallbackSender(self._webhooks, self._database)
        self._connectors = Connectors(settings.payment_connector, WebhookClient(accounts.token))
        self._studio = Studio(
            self._bus,
            self._mixer,
            self._speaker,
            MediaLibrary(self._webhooks, self._bus.rate, ours=self._own_file),
            inband_digits=settings.media.detect_inband_digits,
        )
        self._recognizers = make_recognizers(settings.speech, settings.recognizer, self._post_media)
        self._shelf = Shelf(settings.data_dir / "recordings")
        self._recordings = Recordings(
            self._studio.taps,
            self._shelf,
            self._callbacks,
            self._database,
            public_address(settings),
            node=settings.node,
            now=time.monotonic,
            wall=_wall,
        )
        archive = Archive(self._database, settings.node)
        self._retention = Retention(settings.retention, self._database, self._recordings, self._journals, accounts, _wall)
        house = House(self._studio, self._callbacks, self._recordings, archive, _wall, limits.conference_participants)
        self._conferences = Conferences(house)
        self._registry = Registry()
        self._admission = Admission(limits, self._registry, time.monotonic)
        self._queues: WaitingLines = Queues()
        self._metrics = Metrics()
        self._metrics.watch(self._readings)
        dialler = WebSocketDialler(accounts.token, allow_private_networks=settings.webhooks.allow_private_networks)
        self._streams = Streams(Surroundings(self._studio, self._callbacks, self._metrics, dialler, _wall))
        self._resources = self._share(accounts, directory)
        self._switch = Switch(self._resources)
        self._loop: asyncio.AbstractEventLoop

    def _share(self, accounts: Accounts, directory: Directory) -> Resources:
        settings, ladder = self._settings, Ladder()
        routes = Routes(settings, self._phones, directory.owns, directory.errand)
        exchange = Exchange(self._endpoint, self._studio, self._registry, ladder, self._callbacks, routes, _wall)
        self._forks = Forks(settings.siprec, exchange)
        bureau = Bureau(self._studio, self._callbacks, self._metrics, _wall)
        self._live_transcriptions = LiveTranscriptions(self._recognizers, bureau)
        notifications = Notifications(self._database, self._debugger, _wall)
        return Resources(
            settings=settings,
            accounts=accounts,
            ledger=Ledger(self._database, settings.node, _wall, time.monotonic, notifications.note),
            database=self._database,
            endpoint=self._endpoint,
            studio=self._studio,
            webhooks=self._webhooks,
            callbacks=self._callbacks,
            recognizers=self._recognizers,
            recordings=self._recordings,
            transcriptions=self._transcriptions(),
            live_transcriptions=self._live_transcriptions,
            conferences=self._conferences,
            forks=self._forks,
            phones=self._phones,
            directory=directory,
            streams=self._streams,
            connectors=self._connectors,
            payments=Payments(Shop(self._connectors, self._callbacks, self._metrics, time.monotonic, _wall)),
            journals=self._journals,
            ladder=ladder,
            registry=self._registry,
            routes=routes,
            admission=self._admission,
            queues=self._queues,
            metrics=self._metrics,
            now=time.monotonic,
            wall=_wall,
        )

    def _make_audio(self, settings: Settings) -> None:
        """The bus, and what moves frames across it."""
        most = settings.limits.max_calls
        rows = most + SPARE_ROWS + most // CALLS_PER_VOICE + (ROWS_PER_COPY * most if settings.siprec else 0)
        self._bus = Bus(settings.media.sample_rate, rows)
        self._endpoint = _make_endpoint(settings, self._bus)
        self._writer = TapeWriter(self._post_media)
        self._mixer = Mixer(self._bus, [self._endpoint], self._post_media, self._writer)
        self._clock = Clock(self._mixer.tick, lambda: self._endpoint.register_thread("media"))

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM or SIGINT; ``ready`` is called once calls are taken.

        Raises TransportUnavailable when a port is in use.
        """
        sys.setswitchinterval(SWITCH_INTERVAL)
        _allow_open_files(self._settings.limits.max_calls * FILES_PER_CALL + SPARE_FILES)
        for key in without_effect(self._settings):
            _log.warning("this setting has no effect yet", key=key)
        self._loop = asyncio.get_running_loop()
        stop, at_once = self._signals()
        http = self._http()
        flushing = asyncio.create_task(self._flush_for_ever())
        await self._recognizers.load()
        await asyncio.to_thread(self._database.open)
        await self._provisioning.begin(_wall())
        await self._contacts.restore()
        await self._callbacks.resume()
        await QueueBook(self._database, self._queues).load()
        read = Seating(self._conferences, self._resources.directory, self._switch).read
        await recover_calls(self._resources, self._switch.outbound, read)
        self._endpoint.start(self._switch.receive)
        self._shelf.open()
        self._writer.start()
        self._clock.start()
        self._loop.run_in_executor(None, hold_music, self._bus.rate)
        background = [asyncio.create_task(work) for work in self._background()]
        serving = asyncio.create_task(http.serve())
        try:
            await self._started(http, serving)
            _log.info("ready", sip=f"{self._settings.sip.bind}:{self._settings.sip.port}", http=self._settings.http.port)
            ready()
            await stop.wait()
            await self._drain(at_once)
        finally:
            http.should_exit = True
            await serving
            for task in background:
                task.cancel()
            await self._close(flushing)

    def _background(self) -> tuple[Coroutine[None, None, None], ...]:
        """What is done beside the calls until the server ends."""
        return (
            self._contacts.run(),
            self._recover_recordings(),
            self._retention.run(),
        )

    async def _recover_recordings(self) -> None:
        await self._resources.transcriptions.recover()
        await self._recordings.recover(self._resources.transcriptions.order)

    def _transcriptions(self) -> Transcriptions:
        transcriber = FileTranscriber(self._recognizers, self._studio.ears)
        return Transcriptions(self._callbacks, transcriber, self._recordings, self._database, _wall)

    async def _own_file(self, url: str) -> Path | None:
        return await self._recordings.local(url)

    def _post_media(self, events: list[MediaEvent]) -> None:
        self._loop.call_soon_threadsafe(self._studio.receive, events)

    def _signals(self) -> tuple[asyncio.Event, asyncio.Event]:
        stop, at_once = asyncio.Event(), asyncio.Event()

        def ask() -> None:
            (at_once if stop.is_set() else stop).set()

        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, ask)
        return stop, at_once

    def _http(self) -> uvicorn.Server:
        app = make_app(
            Health(self._admission, self._metrics),
            self._resources.accounts,
            Throttle(self._settings.limits.api_requests_per_second, time.monotonic),
            make_resources(self._resources, self._switch, self._provisioning),
            public_address(self._settings),
            RequestNotes(self._switch.find, public_address(self._settings), time.monotonic).begin,
        )
        http = self._settings.http
        config = uvicorn.Config(app, host=http.bind, port=http.port, log_config=None, access_log=False, lifespan="off", ws="none")
        return _QuietServer(config)

    async def _started(self, http: uvicorn.Server, serving: asyncio.Task[None]) -> None:
        while not http.started and not serving.done():  # noqa: ASYNC110 - uvicorn offers no event
            await asyncio.sleep(0.01)
        if serving.done():
            raise OSError(f"the HTTP port {self._settings.http.bind}:{self._settings.http.port} cannot be bound")

    async def _drain(self, at_once: asyncio.Event) -> None:
        _log.info("draining", calls=len(self._registry), seconds=self._settings.limits.drain_seconds)
        draining = asyncio.create_task(self._switch.drain(self._settings.limits.drain_seconds))
        hurry = asyncio.create_task(at_once.wait())
        await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, hurry):
            task.cancel()
        if len(self._registry):
            self._switch.hang_up_all()
            await self._switch.drain(GOODBYE_SECONDS)

    async def _close(self, flushing: asyncio.Task[None]) -> None:
        await self._streams.close()
        await self._live_transcriptions.close()
        await self._recordings.close(RECORDING_SECONDS)
        await self._connectors.drain(PAYMENT_SECONDS)
        await self._connectors.close()
        await self._callbacks.drain(CALLBACK_SECONDS)
        await self._callbacks.close()
        self._clock.stop()
        self._writer.stop()
        await asyncio.to_thread(self._endpoint.close)
        await self._database.close()
        self._speaker.close()
        self._recognizers.close()
        await self._debugger.close()
        await self._webhooks.close()
        flushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flushing
        self._journals.flush()
        _log.info("stopped")

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.to_thread(self._journals.flush)

    def _readings(self) -> Iterable[Reading]:
        clock = self._clock.stats()
        yield "calls_live", "Legs that have not ended", len(self._registry)
        yield "callers_queued", "Callers who wait in a queue", self._queues.waiting
        yield "contacts_registered", "Phones that are registered", len(self._phones.locations)
        yield "calls_limit", "Legs that may be live at once", self._settings.limits.max_calls
        yield "tick_seconds_p50", "Median time of the last ticks", clock.p50
        yield "tick_seconds_p99", "99th percentile of the last ticks", clock.p99
        yield "ticks_late", "Ticks that began more than 20 ms late", clock.late
        yield "ticks_skipped", "Ticks left out to catch up", clock.skipped
        yield "playbacks", "Rows that play something", self._mixer.playing
        yield "conferences_live", "Conferences that are not over", len(self._conferences)
        yield "conference_participants", "Calls in conferences", self._conferences.participants
        yield "ears_open", "Callers who are listened to", self._studio.ears.listening
        yield "recognition_waiting", "Blocks of speech that no recogniser has taken yet", self._recognizers.waiting
        yield "transcriptions_live", "Calls of which is written down what is said", len(self._live_transcriptions)
        yield "siprec_live", "Copies of calls on their way to recording servers", len(self._forks)
        yield "streams_live", "Streams of calls to applications", len(self._streams)
        yield "stream_frames_dropped", "Frames of streams lost because application or switch were too slow", self._streams.dropped
        yield "recordings_live", "Recordings that run", self._mixer.taps.recordings
        yield "recordings_incomplete", "Recordings whose file is not complete", len(self._recordings)
        yield "recording_blocks_waiting", "Half seconds of recordings not yet on disk", self._writer.waiting
        yield "recording_blocks_dropped", "Half seconds of recordings lost because the disk was too slow", self._writer.dropped
        yield "samples_clipped", "Samples that a mix had to limit", self._mixer.clipped
        yield "callbacks_waiting", "Status callbacks not yet delivered", self._callbacks.waiting
        yield "calls_queued", "Calls that wait to be placed", len(self._switch.outbound)
        yield "store_rows_pending", "Rows not yet committed", self._database.pending
        yield "store_rows_dropped", "Rows that could not be kept", self._database.dropped
        yield "callbacks_dropped", "Status callbacks given up", self._callbacks.dropped
        yield "debugger_dropped", "Events that the debugger webhook did not take", self._debugger.dropped


def _wall() -> datetime:
    return datetime.now(UTC)


def _allow_open_files(wanted: int) -> None:
    """Raise the soft limit, which many systems set to 1024, as far as it is needed and may be raised."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    possible = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < possible:
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
    if possible < wanted:
        _log.warning("fewer files may be open than max_calls can need", allowed=hard, wanted=wanted)


def _make_endpoint(settings: Settings, bus: Bus) -> PjsuaEndpoint:
    sip = settings.sip
    return PjsuaEndpoint(
        bus.rx,
        bus.tx,
        rate=bus.rate,
        bind=sip.bind,
        port=sip.port,
        external_address=sip.external_address,
        rtp_ports=sip.rtp_ports,
        codecs=sip.codecs,
        srtp=sip.srtp,
        max_calls=settings.limits.max_calls,
    )


class _QuietServer(uvicorn.Server):
    """Leaves the signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield
