"""The legs of a Dial: dialled, ringing, screened, joined, gone; each step is told to the session that dialled it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol

from markup import commands, events
from markup.verbs import Client, Number, Sip, Telephone
from sip import events as network
from voice.calls.call import Call, Party
from voice.calls.detection import Detection, plan_for
from voice.calls.line import Line
from voice.calls.resources import Resources
from voice.errors import TargetRefused
from voice.identifiers import new_sid
from voice.routing.address import caller_name
from voice.story.journal import Journal
from voice.web.parameters import header_parameters, platform_headers
from voice.web.progress import Progress

BAD_CALLER = 13214
DEFAULT_EVENTS = ("completed",)
"""What a noun's ``statusCallback`` is told when there is no ``statusCallbackEvent``."""


class Leg(Protocol):
    """Whoever is connected by a Dial, as its session sees it."""

    @property
    def line(self) -> Line:
        """Where the party is heard."""

    def join(self) -> None:
        """Connect the session's caller and this party."""

    def hang_up(self, timed_out: bool = False) -> None:
        """Give the party up in whatever state it is; its ``LegEnded`` follows."""

    def redirect(self, change: events.Redirected) -> None:
        """Let the party go on by itself, with another document; ``LegEnded`` of no duration follows."""


class DialledLeg(ABC):
    """A child call and its place in the parent's Dial.

    ``deliver`` takes the markup events of this leg; ``run`` gives the leg a document of its own when it is taken out of the Dial.
    """

    def __init__(
        self,
        parent: Line,
        command: commands.StartLeg,
        resources: Resources,
        deliver: Callable[[events.Event], None],
        run: Callable[[Line, events.Redirected], None],
    ) -> None:
        self.id = command.id
        self._run = run
        self._parent = parent
        self._command = command
        self._resources = resources
        self._deliver = deliver
        self.line = self._line(self._child(new_sid("CA")))

    @abstractmethod
    def dial(self) -> None:
        """Begin; the end of the leg is always reported. Raises TargetRefused and BusFull."""

    def join(self) -> None:
        """Connect the caller and this leg."""
        if self.line.peer is None:
            self.line.bridge(self._parent)
            self._parent.call.journal.add("joined", call_sid=self.line.call.sid)

    def hang_up(self, timed_out: bool = False) -> None:
        """End the leg in whatever state it is."""
        self.line.no_answer = timed_out
        self.line.hang_up()

    def move(
        self,
        id: events.OperationId,
        parent: Line,
        deliver: Callable[[events.Event], None],
        run: Callable[[Line, events.Redirected], None],
    ) -> None:
        """Belong to another Dial from now on."""
        self.id, self._parent, self._deliver, self._run = id, parent, deliver, run

    def redirect(self, change: events.Redirected) -> None:
        """See Runner: the Dial is over for the caller, and the leg goes on by itself."""
        self.line.unbridge()
        self._run(self.line, change)
        self._deliver(events.LegEnded(self.id, "completed", self.line.call.sid, None))

    def end(self) -> None:
        """See Runner."""
        self.line.hang_up()

    def hear(self, event: network.Event) -> None:
        """See Runner."""
        match event:
            case network.Ringing(early_media=early_media):
                self._deliver(events.LegRinging(self.id, early_media))
            case network.Answered():
                self._deliver(events.LegAnswered(self.id))
            case network.Referred(target=target):
                self._deliver(events.Referred(self.id, target))
            case network.Ended():
                call = self.line.call
                self._deliver(events.LegEnded(self.id, leg_status(call), call.sid, call.duration, parameters=self._result()))

    def _child(self, sid: str) -> Call:
        parent, resources, target = self._parent.call, self._resources, self._command.target
        to = self._called()
        journal = Journal(sid, resources.now, resources.journals.write)
        call = Call(sid, parent.account_sid, "outbound-dial", Party("", to), journal, resources.now, parent_sid=parent.sid)
        parent.journal.add("dial", call_sid=sid, to=to)
        journal.add("parent", call_sid=parent.sid)
        if target.status_callback:
            wanted = target.status_callback_event or DEFAULT_EVENTS
            progress = Progress(
                resources.callbacks, target.status_callback, target.status_callback_method, wanted, resources.wall
            )
            call.on_status.append(progress)
        call.on_status.append(resources.allowances.count)
        resources.ledger.open(call)
        return call

    def _line(self, call: Call) -> Line:
        return Line(call, self._resources.endpoint, self._resources.studio)

    @abstractmethod
    def _called(self) -> str:
        """The ``To`` of the leg."""

    def _result(self) -> events.Parameters:
        """What the action of the Dial is told beside the status."""
        return ()


class NetworkLeg(DialledLeg):
    """A leg to a telephone."""

    def hear(self, event: network.Event) -> None:
        """See Runner; who has answered is found out meanwhile."""
        target = self._target
        plan = plan_for(target) if isinstance(event, network.Answered) and isinstance(target, Telephone) else None
        if plan is not None:
            Detection(self.line, plan, self._resources)
        super().hear(event)

    def dial(self) -> None:
        """Route and send the INVITE. See DialledLeg."""
        line, resources, command = self.line, self._resources, self._command
        call = line.call
        self._check_caller(command.caller_id)
        resources.allowances.check(call.account_sid)
        caller, headers = self._parent.call.party.from_, platform_headers(call)
        turns = resources.routes.turns(self._target, command.caller_id, caller, headers, account_sid=call.account_sid)
        resources.allowances.dial(call.account_sid)
        call.party = Party(caller_name(turns[0][0].from_uri), call.party.to)
        line.runner = self
        line.attach()
        line.dial(turns, resources.trunks, resources.routes.redirected)
        resources.registry.add(line)

    def _check_caller(self, caller_id: str | None) -> None:
        """Whether the account may call with a ``callerId`` (spec section 2.7). Raises TargetRefused."""
        parent = self._parent.call
        if caller_id is None or caller_id in (parent.party.from_, parent.party.to):
            return
        if not self._resources.directory.may_show(parent.account_sid, caller_id):
            raise TargetRefused(BAD_CALLER, f"callerId {caller_id[:80]!r} is not a number of this account, nor verified")

    @property
    def _target(self) -> Number | Sip | Client:
        target = self._command.target
        assert isinstance(target, Number | Sip | Client), "the table of legs says so"
        return target

    def _called(self) -> str:
        target = self._target
        if isinstance(target, Number):
            return target.number
        if isinstance(target, Client):
            return f"client:{target.identity}"
        return (target.uri or target.uris[0].uri).partition("?")[0]

    def _result(self) -> events.Parameters:
        if not isinstance(self._target, Sip):
            return ()
        call = self.line.call
        return (
            ("DialSipCallId", call.sip_call_id),
            ("DialSipResponseCode", str(call.response_code)),
            *header_parameters(call.response_headers, "DialSipHeader_"),
        )


def leg_status(call: Call) -> events.LegStatus:
    """How a finished call reads as ``DialCallStatus``."""
    match call.status:
        case "completed" | "busy" | "no-answer" | "canceled":
            return call.status
        case _:
            return "failed"
