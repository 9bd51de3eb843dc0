"""The exchange itself: takes calls on, runs a session on each, places calls of its own, and ends in good order."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

import structlog

from markup import events
from markup.interpreter import Program
from media.errors import BusFull
from sip import events as network
from voice.address import caller_name
from voice.call import ENDED, Call, Party
from voice.effects import perform
from voice.errors import NO_SUCH_CALL, NOT_IN_PROGRESS, CallRefused, ChangeRefused
from voice.identifiers import new_sid
from voice.journal import Journal
from voice.line import Line
from voice.parameters import sip_parameters
from voice.places import Place, WaitingLine
from voice.progress import Progress
from voice.referral import answer_referral
from voice.resources import Resources
from voice.session import Session

_log = structlog.get_logger("switch")


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be placed: what ``POST /Calls`` asks for (spec section 4.6)."""

    to: str
    from_: str
    program: Program
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_event: tuple[str, ...] = ("completed",)
    timeout: int = 60
    """Seconds of ringing."""
    time_limit: int = 0
    """Seconds after answer; 0 is the server's."""
    send_digits: str = ""


class Switch:
    """All calls of one server; its methods belong to the event loop."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._emptied = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    def receive(self, event: network.Event) -> None:
        """Take what the network tells."""
        match event:
            case network.MessageSeen():
                self._resources.ladder.see(event)
            case network.Incoming():
                self._take(event)
            case _:
                self._pass_on(event)

    def place(self, order: Order) -> Call:
        """Dial, and run the order's program when the far end answers.

        Raises TargetRefused, CallRefused and BusFull.
        """
        resources = self._resources
        invitation = resources.routes.outbound(order.to, order.from_)
        resources.admission.admit()
        sid = new_sid("CA")
        journal = Journal(sid, resources.now, resources.journals.write)
        party = Party(order.from_, order.to)
        call = Call(sid, resources.account.sid, "outbound-api", party, journal, resources.now)
        self._watch(call, order.status_callback, order.status_callback_method, order.status_callback_event)
        line = Line(call, resources.endpoint, resources.studio)
        line.attach()
        line.runner = _Placed(self, line, order)
        line.dial(invitation)
        resources.registry.add(line)
        return call

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
        line = self._live(call_sid)
        if not (unanswered_only and line.call.status == "in-progress"):
            line.runner.end()
        return line.call

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

    def run(self, line: Line, program: Program, seconds: float) -> None:
        """Run a program on a line, for at most ``seconds``."""
        line.limit(seconds)
        Session(line, program, self._resources, perform).begin()

    def refuse_referral(self, line: Line) -> None:
        """Answer the REFER of a call that runs no document."""
        answer_referral(line.call, self._resources.endpoint, 603)

    def start(self, work: asyncio.Task[None]) -> None:
        """Keep a background task until it is done."""
        self._tasks.add(work)
        work.add_done_callback(self._tasks.discard)

    @property
    def call_seconds(self) -> int:
        """How long any call may last."""
        return self._resources.settings.limits.call_seconds

    def _pass_on(self, event: network.Event) -> None:
        leg = getattr(event, "leg", None)
        line = self._resources.registry.by_leg(leg) if leg is not None else None
        if line is None:
            hear = self._resources.registry.listener(leg) if leg is not None else None
            if hear is not None:
                hear(event)
            return
        if isinstance(event, network.Ended):
            if line.redial(event):
                self._resources.registry.relocate(line, event.leg)
                return
            self._resources.registry.remove(line)
        line.receive(event)
        if isinstance(event, network.Dialled):
            self._resources.ladder.adopt(event.call_id, line.call.journal)
        if not len(self._resources.registry):
            self._emptied.set()

    def _take(self, incoming: network.Incoming) -> None:
        resources = self._resources
        try:
            resources.admission.admit()
            application = self._resources.directory.find(incoming)
            line = self._line(incoming, application.called)
        except BusFull:
            self._refuse(incoming, CallRefused(503, "no audio row is free", 5))
            return
        except CallRefused as refusal:
            self._refuse(incoming, refusal)
            return
        self._watch(line.call, application.status_callback, application.status_callback_method, ("completed",))
        line.call.advance("initiated")
        line.ring()
        line.call.advance("ringing")
        program = Program(application.url, application.method, application.fallback_url, application.fallback_method)
        self.run(line, program, self.call_seconds)

    def _line(self, incoming: network.Incoming, called: str) -> Line:
        resources = self._resources
        sid = new_sid("CA")
        journal = Journal(sid, resources.now, resources.journals.write)
        extra = sip_parameters(incoming.call_id, incoming.source, incoming.headers)
        party = Party(caller_name(incoming.from_uri), called, extra)
        call = Call(
            sid, resources.account.sid, "inbound", party, journal, resources.now, sip_call_id=incoming.call_id, leg=incoming.leg
        )
        line = Line(call, resources.endpoint, resources.studio)
        line.attach()
        resources.registry.add(line)
        resources.ladder.adopt(incoming.call_id, journal)
        return line

    def _watch(self, call: Call, url: str, method: str, wanted: tuple[str, ...]) -> None:
        if url:
            call.on_status.append(Progress(self._resources.callbacks, url, method, wanted, self._resources.wall))
        call.on_status.append(self._count)

    def _count(self, call: Call) -> None:
        if call.status in ENDED:
            self._resources.metrics.calls.labels(direction=call.direction, status=call.status).inc()

    def _refuse(self, incoming: network.Incoming, refusal: CallRefused) -> None:
        headers = (("Retry-After", str(refusal.retry_after)),) if refusal.retry_after else ()
        self._resources.endpoint.refuse(incoming.leg, refusal.status, headers)
        self._resources.metrics.refused.labels(status=str(refusal.status)).inc()
        _log.info(
            "call refused", sip_call_id=incoming.call_id, status=refusal.status, reason=str(refusal), source=incoming.source
        )


class _Placed:
    """A call of ours that nobody has answered yet."""

    def __init__(self, switch: Switch, line: Line, order: Order) -> None:
        self._switch = switch
        self._line = line
        self._order = order
        self._patience = asyncio.get_running_loop().call_later(order.timeout, self._give_up)

    def hear(self, event: network.Event) -> None:
        """See Runner."""
        match event:
            case network.Answered():
                self._patience.cancel()
                self._switch.start(asyncio.get_running_loop().create_task(self._begin()))
            case network.Referred():
                self._switch.refuse_referral(self._line)
            case network.Ended():
                self._patience.cancel()

    def redirect(self, change: events.Redirected) -> None:
        """See Runner; reached while the keys of ``send_digits`` are being sent."""
        self._order = replace(self._order, program=Program(change.url, change.method, document=change.document))

    def end(self) -> None:
        """See Runner."""
        self._line.hang_up()

    def _give_up(self) -> None:
        self._line.no_answer = True
        self._line.hang_up()

    async def _begin(self) -> None:
        await self._line.send_digits(self._order.send_digits)
        if self._line.call.live:
            limit = self._switch.call_seconds
            self._switch.run(self._line, self._order.program, min(self._order.time_limit or limit, limit))
