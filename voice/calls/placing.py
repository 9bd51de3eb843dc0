"""Calls of our own: what is asked for, and what happens from the INVITE until the document is run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from markup import events
from markup.commands import Report
from markup.interpreter import Program
from media.answering import Verdict
from sip import events as network
from voice.calls.call import Call
from voice.calls.detection import Detection, Plan, detection_parameters
from voice.calls.line import Line
from voice.calls.resources import Resources
from voice.effects.referral import answer_referral
from voice.recording.recordings import record_line
from voice.recording.take import Wish
from voice.web.parameters import Pairs


@dataclass(frozen=True, slots=True)
class Order:
    """A call to be placed: what ``POST /Calls`` asks for (spec section 4.6)."""

    account_sid: str
    to: str
    from_: str
    """Who calls, as webhooks name it."""
    program: Program
    caller_id: str = ""
    """What the far end is shown instead of ``from_``."""
    username: str = field(default="", repr=False)
    """For digest authentication of the INVITE to a SIP address."""
    password: str = field(default="", repr=False)
    record: Wish | None = None
    """How it is recorded from its answer on."""
    status_callback: str = ""
    status_callback_method: str = "POST"
    status_callback_event: tuple[str, ...] = ("completed",)
    timeout: int = 60
    """Seconds of ringing."""
    time_limit: int = 0
    """Seconds after answer; 0 is the server's."""
    send_digits: str = ""
    detection: Plan | None = None
    """How the answer is examined."""
    objections: tuple[Report, ...] = ()
    """What was wrong with the order and is left out."""
    delay: int = 0
    """Seconds that it waits, whatever else waits."""
    run: Run | None = None
    """What runs the program, if not the switch as usual."""
    display_name: str = ""
    """What a SIP phone shows beside who calls."""
    attendant: Attendant | None = None
    """Who follows the call until its program is run."""
    form: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """What was asked for, so that the order can be read again after a restart."""


class Attendant(Protocol):
    """Who wants to know what becomes of a call that is placed, see ``voice.conference.seat.Seat``."""

    def expect(self, call: Call) -> None:
        """The call is taken on."""

    def hear(self, line: Line, event: network.Event) -> None:
        """Something happens on its line before its program is run."""


class Run(Protocol):
    """Runs a program on a line, for at most some seconds, with further parameters in the requests of its documents."""

    def __call__(self, line: Line, program: Program, seconds: float, parameters: Pairs) -> None: ...


class Placed:
    """A call of ours until its document is run: it rings, is sent keys, its answer is examined. See Runner.

    ``start`` keeps a task until it is done.
    """

    def __init__(
        self, line: Line, order: Order, resources: Resources, run: Run, start: Callable[[asyncio.Task[None]], None]
    ) -> None:
        self._line = line
        self._order = order
        self._resources = resources
        self._start_program = order.run or run
        self._start = start
        self._patience = asyncio.get_running_loop().call_later(order.timeout, self._give_up)
        self._detection: Detection | None = None
        """The one that is waited for."""

    def hear(self, event: network.Event) -> None:
        """See Runner."""
        if self._order.attendant is not None:
            self._order.attendant.hear(self._line, event)
        match event:
            case network.Answered():
                self._patience.cancel()
                self._start(asyncio.get_running_loop().create_task(self._begin()))
            case network.Referred():
                answer_referral(self._line.call, self._resources.endpoint, 603)
            case network.Ended():
                self._patience.cancel()

    def redirect(self, change: events.Redirected) -> None:
        """See Runner; nobody waits for a verdict any more, but keys that are being sent are sent to their end."""
        self._order = replace(self._order, program=Program(change.url, change.method, document=change.document))
        if self._detection is not None:
            self._detection.cancel()
            self._run()

    def end(self) -> None:
        """See Runner."""
        self._line.hang_up()

    def _give_up(self) -> None:
        self._line.no_answer = True
        self._line.hang_up()

    async def _begin(self) -> None:
        if self._order.record is not None and self._line.open:
            record_line(self._line, self._order.record, self._resources.recordings)
        await self._line.send_digits(self._order.send_digits)
        if not self._line.call.live:
            return
        plan = self._order.detection
        if plan is None:
            self._run()
        elif plan.waits:
            self._line.limit(self._seconds)
            self._detection = Detection(self._line, plan, self._resources, self._know)
        else:
            Detection(self._line, plan, self._resources)
            self._run()

    def _know(self, verdict: Verdict) -> None:
        self._run(detection_parameters(verdict))

    def _run(self, parameters: Pairs | None = None) -> None:
        self._start_program(self._line, self._order.program, self._seconds, parameters or [])

    @property
    def _seconds(self) -> float:
        """How long the call may still last."""
        most = self._resources.settings.limits.call_seconds
        answered = self._line.call.answered
        spent = 0.0 if answered is None else self._resources.now() - answered
        return max(0.0, min(self._order.time_limit or most, most) - spent)
