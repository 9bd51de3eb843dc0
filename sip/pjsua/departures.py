"""Outbound legs between the wish and the INVITE: names are looked up beforehand, and who cannot be reached is passed over.

A name may lead to several addresses (RFC 3263); the leg keeps its number while they are tried. Without a leg there is nothing
pjsip could hang up: what waits here is cancelled here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from sip.endpoint import Invitation
from sip.events import Ended, LegId
from sip.headers import clean_headers
from sip.phrases import phrase_of
from sip.pjsua.accounts import Accounts
from sip.pjsua.attachment import attach
from sip.pjsua.binding import Error, pj
from sip.pjsua.departure import Departure
from sip.pjsua.desk import LegDesk
from sip.pjsua.dialogs import Dialogs
from sip.pjsua.leg import Leg, new_operation
from sip.pjsua.owner import Owner
from sip.uri import parse_uri

Locate = Callable[[str], Awaitable[tuple[str, ...]]]
"""The proxies (``Invitation.route``) that a URI with a name leads to, in the order in which they are to be tried; none when it
has to be dialled as it is. Raises nothing."""

PATIENCE_SECONDS = 4.0
"""How long an address may say nothing while there are others."""
UNREACHED = frozenset({408, 502, 503})
INVALID_URI = frozenset({171039, 171040, 171042})
"""PJSIP_EINVALIDURI, PJSIP_EINVALIDSCHEME, PJSIP_EINVALIDREQURI."""


class Departures:
    """All of them. ``begin`` belongs to the event loop, ``cancel`` to the owner thread, which sends the INVITEs."""

    def __init__(self, owner: Owner, desk: LegDesk, dialogs: Dialogs, accounts: Accounts, locate: Locate | None) -> None:
        self._owner, self._desk, self._dialogs, self._accounts = owner, desk, dialogs, accounts
        self._locate = locate
        self._waiting: dict[LegId, Departure] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.loop: asyncio.AbstractEventLoop
        """To be set before the first leg."""

    def begin(self, number: LegId, invitation: Invitation, rows: tuple[int, ...]) -> None:
        """Dial; the end is reported in any case."""
        departure = self._waiting[number] = Departure(invitation, rows)
        hop = (*invitation.route, invitation.target or invitation.uri)[0]
        uri = parse_uri(hop)
        if self._locate is None or uri is None or uri.address is not None:
            self._owner.do(lambda: self._dial(number))
            return
        task = self.loop.create_task(self._look_up(self._locate, number, departure, hop))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def cancel(self, number: LegId) -> bool:
        """Forget a leg that is not dialled yet, or not yet again; whether it was one."""
        return self._waiting.pop(number, None) is not None

    def find_next(self, leg: Leg, ended: Ended) -> Callable[[], None] | None:
        """What dials the next address after a leg has ended, if there is one; ``cancel`` ends it from now on. On any thread."""
        departure, number = leg.departure, leg.number
        if departure is None or not departure.hops or ended.code not in UNREACHED:
            return None
        self._waiting[number] = departure
        # Who hangs up says so before he looks here: one of the two is seen.
        if leg.closing and self.cancel(number):
            return None
        return lambda: self._owner.do(lambda: self._dial(number))

    async def _look_up(self, locate: Locate, number: LegId, departure: Departure, hop: str) -> None:
        departure.hops.extend(await locate(hop))
        self._owner.do(lambda: self._dial(number))

    # On the owner thread.

    def _dial(self, number: LegId) -> None:
        departure = self._waiting.pop(number, None)
        if departure is None:
            return
        departure.attempts += 1
        invitation = departure.invitation
        if departure.hops:
            invitation = replace(invitation, route=(departure.hops.popleft(), *invitation.route))
        self._be_patient(number, departure)
        try:
            account = self._accounts.take(invitation)
        except Error as error:
            self._desk.post(Ended(number, 400, f"From {invitation.from_uri!r} is not a SIP URI: {error.reason}", by_peer=False))
            return
        leg = self._desk.legs[number] = Leg(account, self._desk, number)
        leg.row, leg.more_rows, leg.labels = departure.rows[0], departure.rows[1:], invitation.labels
        leg.departure = departure
        try:
            leg.makeCall(f"<{invitation.uri}>", _offer(invitation))
        except Error as error:
            code = 400 if error.status in INVALID_URI else 503
            leg.fail(code, f"{phrase_of(code)}: {error.reason}")

    def _be_patient(self, number: LegId, departure: Departure) -> None:
        seconds = departure.invitation.patience_seconds or (PATIENCE_SECONDS if departure.hops else 0)
        attempt = departure.attempts

        def expire(leg: Leg) -> None:
            dialog = self._dialogs.of_leg(number)
            if dialog is not None and not dialog.heard and departure.attempts == attempt:
                leg.expire()

        if seconds:
            self.loop.call_soon_threadsafe(self.loop.call_later, seconds, lambda: self._desk.act(number, expire))


def _offer(invitation: Invitation) -> Any:
    operation = new_operation(0, clean_headers(invitation.headers))
    if invitation.target:
        operation.txOption.targetUri = f"<{invitation.target}>"
    if invitation.labels:
        operation.opt.audioCount = len(invitation.labels)
        operation.opt.flag |= pj.PJSUA_CALL_SET_MEDIA_DIR
        operation.opt.mediaDir = pj.IntVector([pj.PJMEDIA_DIR_ENCODING] * len(invitation.labels))
    if invitation.attachment is not None:
        attach(operation.txOption, invitation.attachment)
    return operation
