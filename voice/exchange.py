"""One exchange: all that answers calls, joined together on the network, the clock and the threads that it is given.

A server gives it real ones, a test those of its own; what is between is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from starlette.applications import Starlette

from media.bus import Bus
from media.mixer import Mixer
from media.speech.speaker import Speaker
from sip.endpoint import Endpoint
from sip.events import MessageSeen
from voice.accounts.accounts import Accounts
from voice.accounts.allowances import Allowances
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
from voice.calls.selfcall import SelfCall
from voice.calls.survey import Survey
from voice.calls.switch import Switch
from voice.clients.calls import ClientCalls
from voice.clients.devices import Devices
from voice.clients.insights import Insights, home_of, make_insights
from voice.clients.joint import JointEndpoint
from voice.clients.letters import Letters
from voice.clients.media import Media
from voice.clients.reception import Reception
from voice.clients.socket import make_signalling
from voice.clients.sounds import make_sounds
from voice.clients.terms import patience_of
from voice.clients.tokens import Tokens
from voice.conference.archive import Archive
from voice.conference.conferences import Conferences
from voice.conference.house import House
from voice.console.console import make_console
from voice.listening.live_transcription import Bureau
from voice.listening.live_transcriptions import LiveTranscriptions
from voice.listening.recognizers import FileTranscriber, Recognizers
from voice.listening.transcription import Transcriptions
from voice.payment.connector import Connectors
from voice.payment.payments import Payments
from voice.payment.payments import Surroundings as Shop
from voice.queue.book import QueueBook
from voice.queue.queues import Queues
from voice.recording.recordings import Recordings
from voice.recording.shelf import Shelf
from voice.relay.agents import Agents
from voice.routing.contacts import Contacts
from voice.routing.directory import Directory
from voice.routing.phones import Phones
from voice.routing.routes import Routes
from voice.routing.strangers import Strangers
from voice.settings import Settings, own_address, own_host, public_address
from voice.siprec.client import Forks
from voice.siprec.client import Surroundings as Archives
from voice.sound.library import MediaLibrary
from voice.sound.studio import Studio
from voice.store.database import Database
from voice.store.retention import Retention
from voice.story.debugger import Debugger
from voice.story.journal import JournalFiles
from voice.story.ladder import Ladder
from voice.story.metrics import Metrics, Reading
from voice.story.notifications import Notifications
from voice.stream.stream import Surroundings
from voice.stream.streams import Streams
from voice.trunks.trunks import Trunks
from voice.web.callbacks import CallbackSender
from voice.web.peer import Dialler
from voice.web.webhook import WebhookClient

_log = structlog.get_logger("exchange")

CALLBACK_SECONDS = 5.0
"""How long callbacks may still be sent after the last call."""
RECORDING_SECONDS = 10.0
"""How long recordings may take to be completed; one that takes longer is completed at the next start."""
PAYMENT_SECONDS = 15.0
"""How long the answers to payments that were sent are waited for."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What an exchange stands on."""

    bus: Bus
    mixer: Mixer
    endpoint: Endpoint
    speaker: Speaker
    recognizers: Recognizers
    database: Database
    accounts: Accounts
    webhooks: WebhookClient
    """Asks the customers."""
    charges: WebhookClient
    """Asks the payment connectors and the agents, which the operator has chosen."""
    dialler: Dialler
    agents: Dialler
    """Calls the agents that the operator has chosen."""
    pages: Media
    """The audio of pages."""
    now: Callable[[], float]
    """Monotonic seconds."""
    wall: Callable[[], datetime]
    """The time of day, in UTC."""


class Exchange:
    """Calls, what they share, and the HTTP side; begun from the store and put back into it."""

    def __init__(self, settings: Settings, ground: Ground) -> None:
        self._settings, self._ground = settings, ground
        self.address = public_address(settings)
        """How customers reach us."""
        self.metrics = Metrics()
        self.tokens = Tokens(ground.accounts, lambda: ground.wall().timestamp())
        self.registry = Registry()
        self.admission = Admission(settings.limits, self.registry, ground.now)
        self.callbacks = CallbackSender(ground.webhooks, ground.database, ground.wall)
        self.debugger = Debugger(settings.debugger.url, ground.webhooks, ground.accounts, ground.wall)
        self.journals = JournalFiles(settings.data_dir / "journals")
        self.shelf = Shelf(settings.data_dir / "recordings")
        self.studio = self._make_studio()
        self.recordings = self._make_recordings()
        self.phones = Phones(settings, ground.wall, is_active=ground.accounts.is_active)
        self.contacts = Contacts(
            self.phones, ground.database, ground.endpoint.peers, settings.registrar.ping_seconds, ground.wall
        )
        self.trunks = Trunks(settings.trunk, own_host(settings), ground.now)
        self.directory = Directory(self.phones, self.trunks, settings.dial.verified_caller_ids)
        self.provisioning = Provisioning(settings, ground.database, ground.accounts, self.directory, self.phones)
        self.retention = Retention(
            settings.retention, ground.database, self.recordings, self.journals, ground.accounts, ground.wall
        )
        self.allowances = Allowances(settings.dial, self.registry.going_out, ground.wall, self.metrics.alert)
        self.metrics.watch_trunks(self.trunks.readings)
        self.clients = ClientCalls(ground.pages, patience_of(settings.webrtc))
        self.devices = Devices()
        self.endpoint = JointEndpoint(ground.endpoint, self.clients)
        self.survey = Survey(self.registry, self.endpoint, self.metrics, ground.now)
        self.selfcall = SelfCall(own_address(settings), self.endpoint, self.studio, self.registry)
        self.resources = self._share()
        self.switch = Switch(self.resources)

    async def begin(self) -> None:
        """Take up from the store what outlived the last process. Raises StoreUnavailable, SettingsInvalid."""
        self.shelf.open()
        await self.provisioning.begin(self._ground.wall())
        await self.contacts.restore()
        for _, bindings in self.phones.locations:
            for binding in bindings:
                self.resources.strangers.proves(binding.source)
        await self.callbacks.resume()
        await self.allowances.begin(self._ground.database)
        await QueueBook(self._ground.database, self.resources.queues).load()
        read = Seating(self.resources.conferences, self.directory, self.switch).read
        await recover_calls(self.resources, self.switch.outbound, read)

    async def recover_recordings(self) -> None:
        """Complete the recordings and transcriptions that the last process left behind."""
        await self.resources.transcriptions.recover()
        await self.recordings.recover(self.resources.transcriptions.order)

    async def finish(self) -> None:
        """Let go of what goes on beside calls, and wait, within bounds, for what is on its way."""
        await self.resources.streams.close()
        await self.resources.live_transcriptions.close()
        await self.recordings.close(RECORDING_SECONDS)
        await self.resources.connectors.drain(PAYMENT_SECONDS)
        await self.resources.connectors.close()
        await self.callbacks.drain(CALLBACK_SECONDS)
        await self.callbacks.close()

    async def close(self) -> None:
        """Close the store and the connections; the network has to be closed before."""
        await self._ground.database.close()
        await self.debugger.close()
        await self._ground.webhooks.close()

    def app(self) -> Starlette:
        """The HTTP side."""
        now = self._ground.now
        reception = self.reception
        insights = Insights(reception, self.registry, now)
        console = make_console(self.resources, self.switch, self._ground.accounts, self.tokens, self.address, now)
        return make_app(
            Health(self.admission, self.metrics),
            self._ground.accounts,
            Throttle(self._settings.limits.api_requests_per_second, now),
            make_resources(self.resources, self.switch, self.provisioning),
            self.address,
            RequestNotes(self.switch.find, self.address, now).begin,
            [*make_signalling(reception), *make_insights(insights), *make_sounds(), *console.routes],
            console.doors,
        )

    @property
    def reception(self) -> Reception:
        """Where pages sign in."""
        shared = self.resources
        home = home_of(self._settings.webrtc.insights)
        return Reception(self.tokens, self.devices, self.clients, self.directory, shared.letters, shared.strangers, home)

    def readings(self) -> Iterable[Reading]:
        """What is the case at this moment, for ``/metrics``."""
        shared, studio, database = self.resources, self.studio, self._ground.database
        streams = shared.streams
        yield "calls_live", "Legs that have not ended", len(self.registry)
        yield "legs_silent", "Live legs of which no packet has come lately, those on hold included", self.survey.silent
        yield "callers_queued", "Callers who wait in a queue", shared.queues.waiting
        yield "contacts_registered", "Phones that are registered", len(self.phones.locations)
        yield "pages_registered", "Pages that can be called", len(self.devices)
        yield "calls_limit", "Legs that may be live at once", self._settings.limits.max_calls
        yield "conferences_live", "Conferences that are not over", len(shared.conferences)
        yield "conference_participants", "Calls in conferences", shared.conferences.participants
        yield "ears_open", "Callers who are listened to", studio.ears.listening
        yield "recognition_waiting", "Blocks of speech that no recogniser has taken yet", shared.recognizers.waiting
        yield "transcriptions_live", "Calls of which is written down what is said", len(shared.live_transcriptions)
        yield "siprec_live", "Copies of calls on their way to recording servers", len(shared.forks)
        yield "streams_live", "Streams of calls to applications", len(streams)
        yield (
            "stream_frames_dropped_total",
            "Frames of streams lost because application or switch were too slow",
            shared.streams.dropped,
        )
        yield "recordings_incomplete", "Recordings whose file is not complete", len(self.recordings)
        yield "callbacks_waiting", "Status callbacks not yet delivered", self.callbacks.waiting
        yield "callbacks_dropped_total", "Status callbacks given up", self.callbacks.dropped
        yield "calls_queued", "Calls that wait to be placed", len(self.switch.outbound)
        yield "store_rows_pending", "Rows not yet committed", database.pending
        yield "store_rows_dropped_total", "Rows that could not be kept", database.dropped
        yield "debugger_events_dropped_total", "Events that the debugger webhook did not take", self.debugger.dropped

    def _make_studio(self) -> Studio:
        ground = self._ground
        return Studio(
            ground.bus,
            ground.mixer,
            ground.speaker,
            MediaLibrary(ground.webhooks, ground.bus.rate, ours=self._own_file),
            inband_digits=self._settings.media.detect_inband_digits,
            levels=self._settings.console.enabled and self._settings.console.levels,
        )

    async def _own_file(self, url: str) -> Path | None:
        return await self.recordings.local(url)

    def _make_recordings(self) -> Recordings:
        ground = self._ground
        return Recordings(
            self.studio.taps,
            self.shelf,
            self.callbacks,
            ground.database,
            self.address,
            node=self._settings.node,
            now=ground.now,
            wall=ground.wall,
        )

    def _share(self) -> Resources:
        settings, ground, ladder = self._settings, self._ground, Ladder(self._note_refusal)
        now, wall = ground.now, ground.wall
        own = self.directory
        routes = Routes(settings, self.phones, self.trunks, own.owns, own.errand, devices=self.devices, alert=self.metrics.alert)
        archives = Archives(self.endpoint, self.studio, self.registry, ladder, self.callbacks, routes, wall)
        trusted = tuple(network for trunk in settings.trunk for network in trunk.networks)
        rules = settings.strangers.model_copy(update={"trusted": settings.strangers.trusted + trusted})
        notifications = Notifications(ground.database, self.debugger, wall)
        transcriber = FileTranscriber(ground.recognizers, self.studio.ears)
        connectors = Connectors(settings.payment_connector, ground.charges)
        return Resources(
            settings=settings,
            accounts=ground.accounts,
            ledger=Ledger(ground.database, settings.node, wall, now, notifications.note),
            database=ground.database,
            endpoint=self.endpoint,
            studio=self.studio,
            webhooks=ground.webhooks,
            callbacks=self.callbacks,
            recognizers=ground.recognizers,
            recordings=self.recordings,
            transcriptions=Transcriptions(self.callbacks, transcriber, self.recordings, ground.database, wall),
            live_transcriptions=LiveTranscriptions(ground.recognizers, Bureau(self.studio, self.callbacks, self.metrics, wall)),
            conferences=self._make_conferences(),
            forks=Forks(settings.siprec, archives),
            phones=self.phones,
            directory=self.directory,
            streams=Streams(Surroundings(self.studio, self.callbacks, self.metrics, ground.dialler, wall)),
            dialler=ground.dialler,
            agents=Agents(settings.agent, ground.charges, ground.agents),
            connectors=connectors,
            payments=Payments(Shop(connectors, self.callbacks, self.metrics, now, wall)),
            journals=self.journals,
            ladder=ladder,
            registry=self.registry,
            survey=self.survey,
            selfcall=self.selfcall,
            routes=routes,
            letters=Letters(self.registry, self.clients, self.callbacks, wall),
            trunks=self.trunks,
            strangers=Strangers(rules, ground.endpoint.peers.shun, self.metrics.alert, now),
            allowances=self.allowances,
            admission=self.admission,
            queues=Queues(),
            metrics=self.metrics,
            now=now,
            wall=wall,
        )

    def _note_refusal(self, answer: MessageSeen, why: str) -> None:
        self.metrics.refused.labels(status="488").inc()
        _log.info("call refused", sip_call_id=answer.call_id, status=488, reason=why, source=answer.peer)

    def _make_conferences(self) -> Conferences:
        archive = Archive(self._ground.database, self._settings.node)
        most = self._settings.limits.conference_participants
        return Conferences(House(self.studio, self.callbacks, self.recordings, archive, self._ground.wall, most))
