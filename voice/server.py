"""The composition root: builds one server from its settings, runs it, and takes it down in good order."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import resource
import signal
import ssl
import sys
import time
from collections.abc import Callable, Coroutine, Iterable
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urlsplit

import structlog
import uvloop

from media.bus import Bus
from media.clock import Clock
from media.events import MediaEvent
from media.mixer import Mixer
from media.music import hold_music
from media.speech.ensemble import Ensemble
from media.speech.espeak import Espeak
from media.speech.speaker import Speaker
from media.tape import TapeWriter
from media.webrtc.peers import Peers
from sip.pjsua import leftovers, strangers
from voice.accounts.accounts import Account, Accounts
from voice.certificate import Certificate, MadeCertificate
from voice.clients.socket import MOST_PAGES
from voice.clients.terms import terms_of
from voice.doctor import examine_surroundings, open_files
from voice.errors import SettingsInvalid
from voice.exchange import Exchange, Ground
from voice.listening.recognizers import make_recognizers
from voice.network import make_endpoint, make_resolver
from voice.settings import Settings
from voice.sound.engines import make_synthesizers, open_shelf
from voice.sound.speech import choose_voices
from voice.store.database import Database
from voice.store.engine import database_url
from voice.story.metrics import Reading
from voice.trunks.care import ask, locate
from voice.trunks.ways import Ways
from voice.web.listeners import Listeners
from voice.web.webhook import WebhookClient
from voice.web.websocket import WebSocketDialler

SWITCH_INTERVAL = 0.0005
"""Seconds. Python's 5 ms would let a busy event loop delay the 20 ms tick by a quarter."""
FLUSH_SECONDS = 0.5
SPEECH_WORKERS = 8
"""Texts that are made at a time where a server makes them."""
GOODBYE_SECONDS = 2.0
"""How long the far ends have to answer our BYE."""
CALLS_PER_VOICE = 4
"""Calls for each row that speaks in conferences: beeps, announcements, keys."""
ROWS_PER_COPY = 2
"""One for each direction of a call that goes to a recording server."""
RESTART_SECONDS = 30.0
"""Until work in the background that failed begins again."""
SPARE_ROWS = 8
"""Rows beyond ``max_calls``: one that was released is free again only after the next tick."""

Work = Callable[[], Coroutine[None, None, None]]

_log = structlog.get_logger("server")


class Server:
    """One exchange with its network, clock, threads and HTTP side."""

    def __init__(self, settings: Settings, account: Account) -> None:
        self._settings = settings
        sip = settings.sip
        sips = settings.data_dir / "tls.pem"
        self._certificate = Certificate(sip.tls_certificate, sip.tls_private_key, sips) if sip.tls_certificate else None
        self._https = _https_certificate(settings)
        for certificate in (self._certificate, self._https):
            if certificate is not None:
                certificate.install()
        self._resolver = make_resolver(settings)
        self._make_audio(settings)
        others = make_synthesizers(settings.synthesizer)
        engine = Ensemble(Espeak(), others, self._bus.rate)
        voices = choose_voices(settings.speech, engine.has)
        shelf = open_shelf(settings, self._bus.rate)
        self._speaker = Speaker(engine, self._bus.rate, voices, shelf=shelf, workers=SPEECH_WORKERS if others else 1)
        self._recognizers = make_recognizers(settings.speech, settings.recognizer, self._post_media)
        self._database = Database(database_url(settings.database_url, settings.data_dir))
        self._exchange = Exchange(settings, self._ground(Accounts(account)))
        self._exchange.metrics.watch(self._readings)
        self._exchange.metrics.watch(self._exchange.readings)
        self._loop: asyncio.AbstractEventLoop

    def _ground(self, accounts: Accounts) -> Ground:
        private = self._settings.webhooks.allow_private_networks
        tls = ssl.create_default_context()
        return Ground(
            bus=self._bus,
            mixer=self._mixer,
            endpoint=self._endpoint,
            speaker=self._speaker,
            recognizers=self._recognizers,
            database=self._database,
            accounts=accounts,
            webhooks=WebhookClient(accounts.token, allow_private_networks=private),
            charges=WebhookClient(accounts.token),
            dialler=WebSocketDialler(accounts.token, allow_private_networks=private, tls=tls),
            agents=WebSocketDialler(accounts.token, tls=tls),
            pages=self._pages,
            now=time.monotonic,
            wall=_wall,
        )

    def _make_audio(self, settings: Settings) -> None:
        """The bus, and what moves frames across it."""
        most = settings.limits.max_calls
        rows = most + SPARE_ROWS + most // CALLS_PER_VOICE + (ROWS_PER_COPY * most if settings.siprec else 0)
        self._bus = Bus(settings.media.sample_rate, rows)
        self._endpoint = make_endpoint(settings, self._bus, self._certificate, Ways(self._resolver, time.monotonic))
        self._writer = TapeWriter(self._post_media)
        self._pages = Peers(self._bus, terms_of(settings.webrtc), uvloop.new_event_loop)
        self._mixer = Mixer(self._bus, [self._endpoint, self._pages], self._post_media, self._writer)
        self._clock = Clock(self._mixer.tick, lambda: self._endpoint.register_thread("media"))

    async def run(self, ready: Callable[[], None] = lambda: None) -> None:
        """Serve until SIGTERM or SIGINT; ``ready`` is called once calls are taken.

        Raises TransportUnavailable when a port is in use.
        """
        sys.setswitchinterval(SWITCH_INTERVAL)
        _allow_open_files(open_files(self._settings), MOST_PAGES)
        self._loop = asyncio.get_running_loop()
        http = Listeners(self._exchange.app(), self._settings.http, self._https)
        stop, at_once = self._signals(http)
        flushing = asyncio.create_task(self._flush_for_ever())
        await self._recognizers.load()
        await asyncio.to_thread(self._database.open)
        await self._exchange.begin()
        self._exchange.endpoint.start(self._exchange.switch.receive)
        self._writer.start()
        self._clock.start()
        self._exchange.trunks.enrol(self._endpoint.peers)
        background = [asyncio.create_task(keep_up(work)) for work in self._background()]
        try:
            await http.start()
            _spare_collections()
            _log.info("ready", sip=self._settings.sip.bind, port=self._settings.sip.port, http=self._settings.http.port)
            ready()
            self._loop.run_in_executor(None, hold_music, self._bus.rate)
            await stop.wait()
            await self._drain(at_once)
        finally:
            await http.stop()
            for task in background:
                task.cancel()
            await self._close(flushing)

    def _background(self) -> tuple[Work, ...]:
        """What is done beside the calls, most of it until the server ends."""
        exchange = self._exchange
        return (
            exchange.contacts.run,
            exchange.survey.run,
            self._check,
            partial(ask, exchange.trunks, self._endpoint.peers),
            partial(locate, exchange.trunks, self._resolver),
            exchange.recover_recordings,
            exchange.retention.run,
        )

    async def _check(self) -> None:
        """Say once what would keep calls or audio from working; see ``strowger doctor``."""
        if not self._settings.sip.check_at_start:
            return
        for finding in await asyncio.to_thread(lambda: list(examine_surroundings(self._settings))):
            if finding.grade != "good":
                _log.warning("check", said=finding.said)
        verdict = await self._exchange.selfcall.run()
        (_log.info if verdict.passed else _log.error)("check", said=f"audio: {verdict.said}")

    def _post_media(self, events: list[MediaEvent]) -> None:
        self._loop.call_soon_threadsafe(self._exchange.studio.receive, events)

    def _signals(self, http: Listeners) -> tuple[asyncio.Event, asyncio.Event]:
        stop, at_once = asyncio.Event(), asyncio.Event()

        def ask() -> None:
            (at_once if stop.is_set() else stop).set()

        for number in (signal.SIGTERM, signal.SIGINT):
            self._loop.add_signal_handler(number, ask)
        self._loop.add_signal_handler(signal.SIGHUP, self._renew, http)
        return stop, at_once

    def _renew(self, http: Listeners) -> None:
        """Take new certificates, for the connections from now on."""
        for certificate in (self._certificate, self._https):
            if certificate is None:
                continue
            try:
                certificate.install()
            except SettingsInvalid as error:
                _log.error("the old certificate stays", error=str(error))
            else:
                _log.info("the certificate is renewed", path=str(certificate.path))
        http.renew()

    async def _drain(self, at_once: asyncio.Event) -> None:
        exchange, seconds = self._exchange, self._settings.limits.drain_seconds
        _log.info("draining", calls=len(exchange.registry), seconds=seconds)
        draining = asyncio.create_task(exchange.switch.drain(seconds))
        hurry = asyncio.create_task(at_once.wait())
        await asyncio.wait({draining, hurry}, return_when=asyncio.FIRST_COMPLETED)
        for task in (draining, hurry):
            task.cancel()
        if len(exchange.registry):
            exchange.switch.hang_up_all()
            await exchange.switch.drain(GOODBYE_SECONDS)

    async def _close(self, flushing: asyncio.Task[None]) -> None:
        await self._exchange.finish()
        self._clock.stop()
        self._writer.stop()
        await asyncio.to_thread(self._exchange.endpoint.close)
        await self._exchange.close()
        self._speaker.close()
        self._recognizers.close()
        flushing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flushing
        self._exchange.journals.flush()
        _log.info("stopped")

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            await asyncio.to_thread(self._exchange.journals.flush)

    def _readings(self) -> Iterable[Reading]:
        clock = self._clock.stats()
        yield "tick_p50_seconds", "Median time of the last ticks", clock.p50
        yield "tick_p99_seconds", "99th percentile of the last ticks", clock.p99
        yield "ticks_late_total", "Ticks that began more than 20 ms late", clock.late
        yield "ticks_skipped_total", "Ticks left out to catch up", clock.skipped
        yield "playbacks", "Rows that play something", self._mixer.playing
        yield "recordings_live", "Recordings that run", self._mixer.taps.recordings
        yield "recording_blocks_waiting", "Half seconds of recordings not yet on disk", self._writer.waiting
        yield (
            "recording_blocks_dropped_total",
            "Half seconds of recordings lost because the disk was too slow",
            self._writer.dropped,
        )
        yield "rtp_strangers_dropped_total", "Media packets dropped because they came from nobody who calls", strangers()
        yield "rtp_leftovers_dropped_total", "Those of them that were meant for the call before", leftovers()
        yield "browser_ticks_dropped_total", "Ticks of audio not sent to browsers in time", self._pages.dropped
        yield "samples_clipped_total", "Samples that a mix had to limit", self._mixer.clipped


async def keep_up(work: Work, pause: float = RESTART_SECONDS) -> None:
    """Do something that nobody waits for, again from its beginning if it fails."""
    while True:
        try:
            return await work()
        except Exception as error:  # noqa: BLE001 - whatever it is, nobody else would look after it
            _log.error("background work failed and begins again", exc_info=error)
            await asyncio.sleep(pause)


def _wall() -> datetime:
    return datetime.now(UTC)


def _spare_collections() -> None:
    """Let collections of garbage pass over what lives as long as the server: to look at all of it halts every thread for long."""
    gc.collect()
    gc.freeze()


def _allow_open_files(needed: int, pages: int) -> None:
    """Raise the soft limit, which many systems set to 1024, as far as it may be: pages must not take the files of calls."""
    wanted = needed + pages
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    possible = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < possible:
        resource.setrlimit(resource.RLIMIT_NOFILE, (possible, hard))
    if possible < needed:
        _log.warning("fewer files may be open than max_calls can need", allowed=hard, wanted=needed)


def _https_certificate(settings: Settings) -> Certificate | None:
    """That of the HTTP side, if it is encrypted."""
    http, path = settings.http, settings.data_dir / "https.pem"
    if not http.tls_port:
        return None
    if http.tls_certificate:
        return Certificate(http.tls_certificate, http.tls_private_key, path, "http")
    host = urlsplit(http.public_url).hostname
    named = [name for name in (http.bind, host) if name and name not in ("0.0.0.0", "::")]
    return MadeCertificate(path, named)
