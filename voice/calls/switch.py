"""The exchange itself: takes calls on, runs a session on each, places calls of its own, and ends in good order."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from markup import events
from markup.interpreter import Program
from media.errors import BusFull
from sip import events as network
from sip.digest import PROXY
from voice.calls.arrival import Arrival, Signalled
from voice.calls.call import ENDED, Call, Party
from voice.calls.line import Line
from voice.calls.outbound import Outbound
from voice.calls.placing import Order
from voice.calls.resources import Resources
from voice.calls.session import Session
from voice.effects.table import perform
from voice.errors import NO_SUCH_CALL, NOT_IN_PROGRESS, CallRefused, ChangeRefused
from voice.identifiers import new_sid
from voice.queue.places import Place, WaitingLine
from voice.routing.address import caller_name, short_name
from voice.routing.directory import Application
from voice.story.journal import Journal
from voice.web.parameters import Pairs, origin_parameters, sip_parameters
from voice.web.progress import Progress

OK, FORBIDDEN, NOT_FOUND, SERVER_ERROR, UNAVAILABLE = 200, 403, 404, 500, 503

_log = structlog.get_logger("switch")


class Switch:
    """All calls of one server; its methods belong to the event loop."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._emptied = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self.outbound = Outbound(resources, self._watch_order, self.run, self.start)
        """Calls that wait to be placed."""

    def receive(self, event: network.Event) -> None:
        """Take what the network tells."""
        match event:
            case network.MessageSeen():
                self._resources.ladder.see(event)
            case network.Incoming():
                self._take(event)
            case Arrival():
                self._welcome(event)
            case Signalled():
                _note(self._resources.registry.by_leg(event.leg), event)
            case network.Registering():
                self._register(event)
            case network.Enrolled():
                self._resources.trunks.enrolled(event)
            case network.Surveyed():
                self._resources.survey.take(event)
            case network.Pinged():
                self._resources.trunks.pinged(event)
            case _:
                self._pass_on(event)

    def place(self, order: Order) -> Call:
        """Take a call on; it is dialled when it is its turn, and runs the order's program when the far end answers.

        Raises TargetRefused and CallRefused.
        """
        return self.outbound.place(order)

    def change(self, call_sid: str, change: events.Redirected) -> Call:
        """Let a live call run another document. Raises ChangeRefused."""
        line = self._live(call_sid)
        if line.call.status != "in-progress":
            raise ChangeRefused(NOT_IN_PROGRESS, f"Call is not in-progress. Cannot redirect: it is {line.call.status}")
        line.runner.redirect(change)
        return line.call

    def dequeue(self, queue: WaitingLine, which: str, change: events.Redirected) -> Place:
        """Let the ``Front`` of a queue, or the member with a CallSid, run another document (spec section 4.9).

        Raises QueueRefused and ChangeRefused.
        """
        place = queue.member(which)
        self.change(place.call_sid, change)
        return place

    def end(self, call_sid: str, *, unanswered_only: bool = False) -> Call:
        """End a live call; with ``unanswered_only`` one in progress goes on. Raises ChangeRefused."""
        waiting = self.outbound.cancel(call_sid)
        if waiting is not None:
            return waiting
        line = self._live(call_sid)
        if not (unanswered_only and line.call.status == "in-progress"):
            line.runner.end()
        return line.call

    def end_all(self, account_sid: str) -> None:
        """End every call of an account, those that wait to be placed included."""
        live = [line.call.sid for line in self._resources.registry if line.call.account_sid == account_sid]
        for call_sid in (*self.outbound.waiting(account_sid), *live):
            with contextlib.suppress(ChangeRefused):  # its end may have ended others
                self.end(call_sid)

    def tell(self, call_sid: str, url: str, method: str) -> None:
        """Have the further steps of a live call told to another URL. Raises ChangeRefused."""
        waiting = self.outbound.find(call_sid)
        call = waiting if waiting is not None else self._live(call_sid).call
        told = next((each for each in call.on_status if isinstance(each, Progress)), None)
        if told is not None:
            told.redirect(url, method)
        else:
            call.on_status.insert(0, Progress(self._resources.callbacks, url, method, ("completed",), self._resources.wall))
        self._resources.ledger.note(call)

    def limit(self, call_sid: str, seconds: float) -> None:
        """End a live call this long after its answer. Raises ChangeRefused."""
        line = self._live(call_sid)
        line.limit(max(0.0, seconds - line.call.duration))

    def find(self, call_sid: str) -> Call | None:
        """A call that is live or waits to be placed."""
        line = self._resources.registry.by_sid(call_sid)
        return line.call if line is not None else self.outbound.find(call_sid)

    def _live(self, call_sid: str) -> Line:
        line = self._resources.registry.by_sid(call_sid)
        if line is None:
            raise ChangeRefused(NO_SUCH_CALL, f"there is no live call {call_sid[:34]}")
        return line

    async def drain(self, seconds: float) -> None:
        """Take no new calls and wait until the live ones have ended, at most ``seconds``."""
        self._resources.admission.draining = True
        self._resources.endpoint.set_available(False)
        self._emptied.clear()
        if len(self._resources.registry):
            try:
                async with asyncio.timeout(seconds):
                    await self._emptied.wait()
            except TimeoutError:
                _log.warning("calls outlived the drain", calls=len(self._resources.registry))

    def hang_up_all(self) -> None:
        """Say BYE to everyone."""
        for line in self._resources.registry:
            line.hang_up()

    def run(self, line: Line, program: Program, seconds: float, parameters: Pairs) -> None:
        """Run a program on a line, for at most ``seconds``; ``parameters`` are added to the requests of its documents."""
        line.limit(seconds)
        Session(line, program, self._resources, perform, parameters=lambda: parameters).begin()

    def start(self, work: asyncio.Task[None]) -> None:
        """Keep a background task until it is done."""
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    def _pass_on(self, event: network.Event) -> None:
        leg = getattr(event, "leg", None)
        line = self._resources.registry.by_leg(leg) if leg is not None else None
        if line is None:
            hear = self._resources.registry.listener(leg) if leg is not None else None
            if hear is not None:
                hear(event)
            return
        heard = line.sift(event)
        if isinstance(event, network.Ended):
            self._resources.registry.release(event.leg)
            if event.quality is not None:
                self._resources.metrics.audio.observe(event.quality)
        self._resources.registry.follow(line)
        if isinstance(heard, network.Ended):
            self._resources.registry.remove(line)
        if heard is not None:
            line.receive(heard)
        if isinstance(event, network.Dialled):
            self._resources.ladder.adopt(event.call_id, line.call.journal)
        if not len(self._resources.registry):
            self._emptied.set()

    def _register(self, asked: network.Registering) -> None:
        strangers = self._resources.strangers
        if not strangers.asks(asked.source, _agent(asked.headers)):
            self._resources.endpoint.reply(asked.request, FORBIDDEN)
            return
        reply = self._resources.phones.register(asked)
        self._resources.endpoint.reply(asked.request, reply.code, reply.headers)
        if reply.code == FORBIDDEN:
            strangers.fails(asked.source)
        elif reply.code == OK:
            strangers.proves(asked.source)

    def _take(self, incoming: network.Incoming) -> None:
        resources = self._resources
        if resources.selfcall.takes(incoming):
            return
        if not resources.strangers.asks(incoming.source, _agent(incoming.headers)):
            resources.endpoint.refuse(incoming.leg, FORBIDDEN)
            return
        try:
            self._admit(_arrival(incoming, resources.directory.find(incoming)))
        except BusFull:
            self._refuse(incoming, CallRefused(503, "no audio row is free", 5))
        except CallRefused as refusal:
            self._refuse(incoming, refusal)
        except Exception as error:  # noqa: BLE001 - whoever calls has to hear something
            _log.error("internal failure", sip_call_id=incoming.call_id, exc_info=error)
            self._refuse(incoming, CallRefused(SERVER_ERROR, "internal failure"))

    def _welcome(self, arrival: Arrival) -> None:
        """Take a call whose caller has proven already who it is."""
        resources = self._resources
        try:
            self._admit(arrival)
        except (BusFull, CallRefused) as refusal:
            status = refusal.status if isinstance(refusal, CallRefused) else UNAVAILABLE
            resources.endpoint.refuse(arrival.leg, status)
            resources.metrics.refused.labels(status=str(status)).inc()
            _log.info("call refused", caller=arrival.party.from_, status=status, reason=str(refusal))

    def _admit(self, arrival: Arrival) -> None:
        """Give a call a line, and run its application. Raises CallRefused and BusFull."""
        resources, application = self._resources, arrival.application
        if not resources.accounts.is_active(application.account_sid):
            raise CallRefused(403, f"account {application.account_sid} is not active")
        resources.admission.admit()
        line = self._line(arrival)
        line.call.advance("initiated")
        line.ring()
        line.call.advance("ringing")
        program = Program(
            application.url,
            application.method,
            application.fallback_url,
            application.fallback_method,
            application.document,
        )
        self.run(line, program, resources.settings.limits.call_seconds, list(arrival.parameters))

    def _line(self, arrival: Arrival) -> Line:
        resources, application, sid = self._resources, arrival.application, arrival.call_sid
        journal = Journal(sid, resources.now, resources.journals.write)
        account, call_id = application.account_sid or resources.accounts.main.sid, arrival.sip_call_id
        call = Call(sid, account, "inbound", arrival.party, journal, resources.now, sip_call_id=call_id, leg=arrival.leg)
        line = Line(call, resources.endpoint, resources.studio)
        line.attach()
        resources.registry.add(line)
        if call_id:
            resources.ladder.adopt(call_id, journal)
        self._watch(call, application.status_callback, application.status_callback_method, ("completed",))
        resources.ledger.open(call, phone_number_sid=application.sid if application.sid.startswith("PN") else "")
        return line

    def _watch_order(self, call: Call, order: Order) -> None:
        self._watch(call, order.status_callback, order.status_callback_method, order.status_callback_event)

    def _watch(self, call: Call, url: str, method: str, wanted: tuple[str, ...]) -> None:
        if url:
            call.on_status.append(Progress(self._resources.callbacks, url, method, wanted, self._resources.wall))
        call.on_status.append(self._count)

    def _count(self, call: Call) -> None:
        self._resources.allowances.count(call)
        if call.status in ENDED:
            self._resources.metrics.calls.labels(direction=call.direction, status=call.status).inc()

    def _refuse(self, incoming: network.Incoming, refusal: CallRefused) -> None:
        self._resources.endpoint.refuse(incoming.leg, refusal.status, refusal.headers)
        if refusal.status == PROXY.code:
            return  # Every call of a phone begins like that.
        if refusal.status in (FORBIDDEN, NOT_FOUND):
            self._resources.strangers.fails(incoming.source)
        self._resources.metrics.refused.labels(status=str(refusal.status)).inc()
        _log.info(
            "call refused", sip_call_id=incoming.call_id, status=refusal.status, reason=str(refusal), source=incoming.source
        )


def _arrival(incoming: network.Incoming, application: Application) -> Arrival:
    """A call of the telephone network that an application answers."""
    origin = origin_parameters(incoming.headers, incoming.from_display if application.names_callers else "")
    extra = (*application.extra, *origin, *sip_parameters(incoming.call_id, incoming.source, incoming.headers))
    caller = short_name(incoming.from_uri) if application.domain else caller_name(incoming.from_uri)
    return Arrival(
        incoming.leg, new_sid("CA"), application, Party(caller, application.called, extra), sip_call_id=incoming.call_id
    )


def _note(line: Line | None, seen: Signalled) -> None:
    if line is not None:
        line.call.journal.add("page", direction=seen.direction, peer=seen.peer, name=seen.name, text=seen.text)


def _agent(headers: network.Headers) -> str:
    return next((value for name, value in headers if name.lower() == "user-agent"), "")
