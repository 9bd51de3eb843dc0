"""Calls that prove who a number belongs to: who answers keys in six digits that only the account was told (spec 4.13)."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from markup import commands, events
from markup.document import Document
from markup.interpreter import Program
from markup.speech import plain
from markup.verbs import Gather, Hangup, Say
from voice.accounts.provisioning import Provisioning
from voice.calls.call import ENDED, Call
from voice.calls.line import Line
from voice.calls.placing import Order
from voice.calls.resources import Resources
from voice.calls.session import Session
from voice.calls.switch import Switch
from voice.effects.table import perform
from voice.errors import StoreUnavailable
from voice.identifiers import new_sid
from voice.store.tables.numbers import OUTGOING_CALLER_IDS
from voice.web.parameters import Pairs, callback_parameters

DIGITS = 6
ATTEMPTS = 3
WAIT_SECONDS = 10
"""For the next key."""
REQUEST = "This is a call to verify your telephone number. Please enter your code of six digits."
AGAIN = "That is not your code. Please enter the six digits."
THANKS = "Thank you. Your number is verified. Goodbye."
FAILED = "Your number could not be verified. Goodbye."

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that an account says is its own."""

    account_sid: str
    phone_number: str
    """E.164."""
    friendly_name: str
    extension: str = ""
    """Keys that are sent once the call is answered."""
    delay: int = 0
    """Seconds before it is called."""
    status_callback: str = ""
    status_callback_method: str = "POST"


class Verification:
    """One call and its outcome. ``place`` dials it."""

    def __init__(self, candidate: Candidate, resources: Resources, switch: Switch, provisioning: Provisioning) -> None:
        self.code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        self._candidate = candidate
        self._resources = resources
        self._switch = switch
        self._provisioning = provisioning
        self._address = f"http://{secrets.token_hex(16)}.invalid/"
        """Where the keys go. It is answered here and known to nobody, so that no document of a customer can ask in our place."""
        self._left = ATTEMPTS
        self._kept: asyncio.Task[str] | None = None
        """Keeps the number, once it is verified, and tells its SID."""

    def place(self) -> Call:
        """Call the number. Raises TargetRefused and CallRefused."""
        candidate = self._candidate
        caller = self._resources.settings.dial.default_caller_id or "anonymous"
        order = Order(
            candidate.account_sid,
            candidate.phone_number,
            caller,
            Program(self._address, document=_ask(REQUEST)),
            send_digits=candidate.extension,
            delay=candidate.delay,
            run=self._run,
        )
        call = self._switch.place(order)
        call.on_status.append(self._watch)
        return call

    def _run(self, line: Line, program: Program, seconds: float, parameters: Pairs) -> None:
        line.limit(seconds)
        Session(line, program, self._resources, self._perform).begin()

    def _perform(self, session: Session, command: commands.Command) -> None:
        """What any call does, except that the answer to the keys is written here."""
        if not isinstance(command, commands.FetchDocument) or command.url != self._address:
            perform(session, command)
            return
        document = self._judge(dict(command.parameters).get("Digits", ""))
        session.live[command.id] = lambda: None
        fetched = events.DocumentFetched(command.id, self._address, document)
        asyncio.get_running_loop().call_soon(session.finish, command.id, fetched)

    def _judge(self, digits: str) -> Document:
        self._left -= 1
        if digits == self.code:
            if self._kept is None:
                self._kept = asyncio.get_running_loop().create_task(self._keep())
            return _say(THANKS)
        return _ask(AGAIN) if self._left > 0 else _say(FAILED)

    async def _keep(self) -> str:
        candidate, now = self._candidate, self._resources.wall()
        row = {
            "sid": new_sid("PN"),
            "account_sid": candidate.account_sid,
            "phone_number": candidate.phone_number,
            "friendly_name": candidate.friendly_name,
            "date_created": now,
            "date_updated": now,
        }
        return await self._provisioning.change(_keep_once(row))

    def _watch(self, call: Call) -> None:
        if call.status in ENDED:
            self._switch.start(asyncio.get_running_loop().create_task(self._tell(call)))

    async def _tell(self, call: Call) -> None:
        candidate, outcome = self._candidate, await self._outcome(call)
        if candidate.status_callback:
            pairs = [*callback_parameters(call, 0, self._resources.wall()), *outcome]
            self._resources.callbacks.send(call.sid, candidate.status_callback, candidate.status_callback_method, pairs)

    async def _outcome(self, call: Call) -> Pairs:
        """What the callback says."""
        if self._kept is not None:
            try:
                return [("VerificationStatus", "success"), ("OutgoingCallerIdSid", await self._kept)]
            except StoreUnavailable as error:
                call.log.error("a verified caller id is lost", error=str(error))
        return [("VerificationStatus", "failed")]


def _ask(text: str) -> Document:
    prompt = (Say(text=plain(text)),)
    return Document((Gather(prompt, num_digits=DIGITS, timeout=WAIT_SECONDS, action_on_empty_result=True),))


def _say(text: str) -> Document:
    return Document((Say(text=plain(text)), Hangup()))


def _keep_once(row: Row) -> Callable[[Connection], str]:
    """A transaction that adds a caller id, unless another call has verified it meanwhile; it returns its SID."""
    table = OUTGOING_CALLER_IDS
    known = select(table.c.sid).where(table.c.account_sid == row["account_sid"], table.c.phone_number == row["phone_number"])

    def work(connection: Connection) -> str:
        found = connection.execute(known).scalar()
        if found is None:
            connection.execute(insert(table).values(dict(row)))
        return found or str(row["sid"])

    return work
