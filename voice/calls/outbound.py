"""Calls that are placed: taken on at once, written down, and dialled one after the other (spec sections 4.1 and 4.6)."""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from markup.commands import Report
from media.errors import BusFull
from sip import events as network
from voice.calls.branches import Turn
from voice.calls.call import Call, Party
from voice.calls.line import Line
from voice.calls.placing import Order, Placed, Run
from voice.calls.resources import Resources
from voice.calls.session import INTERNAL_FAILURE
from voice.errors import CallRefused, TargetRefused, TrunksFull
from voice.identifiers import new_sid
from voice.story.journal import Journal
from voice.story.reports import report
from voice.web.parameters import platform_headers
from voice.web.progress import Progress

MOST_QUEUED = 10_000
"""Calls of one account that wait."""
NO_LEG, SERVER_ERROR = -1, 500
FULL_SECONDS = 0.05
"""How soon a call is tried again that the switch had no room for."""

Watch = Callable[[Call, Order], None]
_Waiting = OrderedDict[str, tuple[Call, Order]]


class Outbound:
    """The queues of all accounts. ``watch`` has the steps of a call told to whoever wants them, ``run`` starts its documents."""

    def __init__(self, resources: Resources, watch: Watch, run: Run, keep: Callable[[asyncio.Task[None]], None]) -> None:
        self._resources = resources
        self._watch = watch
        self._run = run
        self._keep = keep
        self._queues: dict[str, _Waiting] = {}
        """By account; a call with a delay of its own has a queue of its own."""
        self._free_at: dict[str, float] = {}
        """When the next call of each queue may be placed."""
        self._pause = 1 / resources.settings.limits.account_calls_per_second

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def place(self, order: Order) -> Call:
        """Take a call on; it is dialled when it is its turn. Raises TargetRefused and CallRefused."""
        resources = self._resources
        with contextlib.suppress(TrunksFull):  # for that it waits
            self._invite(order)
        if resources.admission.draining:
            raise CallRefused(503, "the switch is being stopped", 5)
        if len(self._queues if order.delay else self._queues.get(order.account_sid, ())) >= MOST_QUEUED:
            raise CallRefused(429, f"{MOST_QUEUED} calls are queued already", 5)
        sid = new_sid("CA")
        call = self._call(sid, order)
        resources.ledger.open(call, order=order.form, phone_number_sid=resources.directory.number_sid(order.from_))
        for objection in order.objections:
            report(call, resources.metrics, objection)
        self._enqueue(call, order)
        return call

    def resume(self, row: Mapping[str, Any], order: Order) -> None:
        """Queue a call again that an earlier process had taken on."""
        call = self._call(row["sid"], order)
        self._resources.ledger.reopen(call, row)
        self._enqueue(call, order)

    def find(self, call_sid: str) -> Call | None:
        """A call that still waits."""
        for queue in self._queues.values():
            if call_sid in queue:
                return queue[call_sid][0]
        return None

    def waiting(self, account_sid: str) -> list[str]:
        """The calls of an account that still wait."""
        return [sid for queue in self._queues.values() for sid, (call, _) in queue.items() if call.account_sid == account_sid]

    def remaining(self, account_sid: str) -> float:
        """Seconds that the last call in an account's queue will wait."""
        rest = self._free_at.get(account_sid, 0.0) - self._resources.now()
        return max(0.0, rest) + self._pause * (len(self._queues.get(account_sid, ())) - 1)

    def cancel(self, call_sid: str) -> Call | None:
        """Take a call out of its queue; nobody is told (spec section 3.6). None when it does not wait."""
        for queue in self._queues.values():
            found = queue.pop(call_sid, None)
            if found is not None:
                call, _ = found
                call.on_status = [each for each in call.on_status if not isinstance(each, Progress)]
                call.advance("canceled")
                return call
        return None

    def _call(self, sid: str, order: Order) -> Call:
        resources = self._resources
        journal = Journal(sid, resources.now, resources.journals.write)
        call = Call(sid, order.account_sid, "outbound-api", Party(order.from_, order.to), journal, resources.now)
        self._watch(call, order)
        if order.attendant is not None:
            order.attendant.expect(call)
        return call

    def _enqueue(self, call: Call, order: Order) -> None:
        name = call.sid if order.delay else order.account_sid
        queue = self._queues.get(name)
        if queue is not None:
            queue[call.sid] = call, order
            return
        self._queues[name] = OrderedDict({call.sid: (call, order)})
        self._keep(asyncio.get_running_loop().create_task(self._work_off(name, order.delay)))

    async def _work_off(self, name: str, delay: int) -> None:
        queue = self._queues[name]
        await asyncio.sleep(delay)
        while queue:
            sid, (call, order) = next(iter(queue.items()))
            if self._try(call, order):
                queue.pop(sid, None)
                self._free_at[name] = self._resources.now() + self._pause
                await asyncio.sleep(self._pause)
            else:
                await asyncio.sleep(FULL_SECONDS)
        del self._queues[name]
        self._free_at.pop(name, None)

    def _try(self, call: Call, order: Order) -> bool:
        """Whether it has had its turn: a call that cannot be placed must not hold up those behind it."""
        line = Line(call, self._resources.endpoint, self._resources.studio)
        try:
            return self._dial(line, order)
        except Exception as error:
            call.log.error("internal failure", exc_info=error)
            report(call, self._resources.metrics, Report(INTERNAL_FAILURE, f"{type(error).__name__}: {error}", "error"))
            line.receive(network.Ended(NO_LEG, SERVER_ERROR, "internal failure", by_peer=False))
            return True

    def _dial(self, line: Line, order: Order) -> bool:
        """Whether there was room for it."""
        call, resources = line.call, self._resources
        try:
            resources.admission.admit()
            resources.allowances.check(order.account_sid)
            turns = self._invite(order, call)
            line.attach()
        except (CallRefused, BusFull, TrunksFull):
            return False
        except TargetRefused as refusal:
            report(call, resources.metrics, Report(refusal.code, str(refusal), "error"))
            call.advance("failed")
            return True
        line.runner = Placed(line, order, resources, self._run, self._keep)
        line.dial(turns, resources.trunks, resources.routes.redirected)
        resources.registry.add(line)
        return True

    def _invite(self, order: Order, call: Call | None = None) -> tuple[Turn, ...]:
        shown, secret = order.caller_id or order.from_, (order.username, order.password)
        headers = platform_headers(call) if call is not None else ()
        turns = self._resources.routes.outbound(order.to, shown, *secret, account_sid=order.account_sid, headers=headers)
        return tuple(tuple(replace(each, from_display=order.display_name) for each in turn) for turn in turns)
