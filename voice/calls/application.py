"""The leg of a Dial with Application: an application of the same switch answers and talks with the caller (section 2.7.6)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from markup import commands, events
from markup.interpreter import Program
from markup.verbs import Application
from voice.calls.borrowed import BorrowedLine
from voice.calls.call import Call, Party
from voice.calls.leg import DialledLeg
from voice.calls.line import Line
from voice.calls.resources import Resources
from voice.calls.session import Perform, Session
from voice.errors import TargetRefused
from voice.routing.directory import Application as Service
from voice.web.parameters import Pairs
from voice.web.progress import Progress

UNREACHABLE = 13224
DEEPEST = 5
"""Applications that dial each other, one within the other."""


class ApplicationLeg(DialledLeg):
    """A child call that runs an application's documents on the caller's own line."""

    def __init__(
        self,
        parent: Line,
        command: commands.StartLeg,
        resources: Resources,
        deliver: Callable[[events.Event], None],
        run: Callable[[Line, events.Redirected], None],
        perform: Perform,
    ) -> None:
        super().__init__(parent, command, resources, deliver, run)
        self._perform = perform

    def dial(self) -> None:
        """Begin to ring; the documents are asked for at once. Raises TargetRefused."""
        line, resources, target = self.line, self._resources, self._target
        service = resources.directory.application(target.application_sid, line.call.account_sid)
        if service is None:
            raise TargetRefused(UNREACHABLE, f"no application {target.application_sid} is configured")
        if isinstance(line, BorrowedLine) and line.depth > DEEPEST:
            raise TargetRefused(UNREACHABLE, f"applications dial each other more than {DEEPEST} deep")
        call, caller = line.call, self._parent.call.party.from_
        if self._command.caller_id is not None:
            caller = resources.routes.identity(self._command.caller_id, caller)
        call.party = Party(caller, call.party.to, (("ApplicationSid", target.application_sid),))
        if service.status_callback:
            told = ("completed",)
            call.on_status.append(
                Progress(resources.callbacks, service.status_callback, service.status_callback_method, told, resources.wall)
            )
        line.runner = self
        line.attach()
        resources.registry.add(line)
        call.advance("initiated")
        asyncio.get_running_loop().call_soon(self._begin, service)

    def join(self) -> None:
        """The line is the caller's own: nothing is to be connected."""
        self._parent.call.journal.add("joined", call_sid=self.line.call.sid)

    def redirect(self, change: events.Redirected) -> None:
        """An application that is taken out of the Dial has nobody to talk with."""
        self.line.hang_up()

    def _begin(self, service: Service) -> None:
        line, target = self.line, self._target
        if not line.call.live:
            return
        line.ring()
        line.listeners.append(self.hear)
        line.limit(self._resources.settings.limits.call_seconds)
        parameters: Pairs = [
            ("CustomerId", target.customer_id or line.call.account_sid),
            *((f"Param_{each.name}", each.value) for each in target.parameters),
        ]
        program = Program(service.url, service.method, service.fallback_url, service.fallback_method)
        Session(line, program, self._resources, self._perform, parameters=lambda: parameters).begin()

    @property
    def _target(self) -> Application:
        target = self._command.target
        assert isinstance(target, Application), "the table of legs says so"
        return target

    def _line(self, call: Call) -> Line:
        resources = self._resources
        return BorrowedLine(call, resources.endpoint, resources.studio, self._parent, resources.registry)

    def _called(self) -> str:
        target = self._target
        return self._parent.call.party.to if target.copy_parent_to else target.application_sid
