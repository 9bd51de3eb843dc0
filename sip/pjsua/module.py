"""A pjsip module in front of everything else: it sees every message, and answers what is not for pjsua.

Its hooks run on pjsip's threads. What they need of a message they copy; the rest happens on the event loop, which also answers
every REGISTER.
"""

from __future__ import annotations

import ctypes
import logging
import time
from collections.abc import Callable
from typing import Literal

from sip.events import Digit, Event, LegId, MessageSeen, Pinged, Registering
from sip.message import Message, find_call_id, method_of, parse_message, transport_of
from sip.pjsua.binding import MessageHook, Module, follow_source, is_secure, lib, received, sent, text
from sip.pjsua.dialogs import Dialog, Dialogs
from sip.pjsua.owner import Mailbox
from sip.pjsua.referrals import METHODS, Referrals
from sip.pjsua.stateless import PING, respond, settle
from sip.pjsua.waiting import WaitingRequests
from sip.requests import FAULTS, RETRY_SECONDS, Reply, Standing, is_hostile_response, judge, read_info
from sip.shunned import Shunned

BEFORE_TRANSACTIONS = 7
"""Module priority: between the transports (which have printed what is sent) and everything that reads what arrives."""
LONGEST_TEXT = 8_000
SPARE_CALLS = 8
MULTIPLE_CHOICES = 300
GONE = 481
TARGETING = frozenset({"INVITE", "UPDATE"})
"""Methods whose Contact is where the requests of a dialog go to from then on (RFC 3261 section 12.2)."""

_log = logging.getLogger("sip.pjsua.module")


class MessageModule:
    """The module; ``waiting`` holds the requests that the event loop answers, ``shunned`` who is not heard at all."""

    def __init__(
        self, mailbox: Mailbox, dialogs: Dialogs, referrals: Referrals, shunned: Shunned, drop: Callable[[LegId], None]
    ) -> None:
        self.standing = Standing()
        self.waiting = WaitingRequests()
        self._shunned = shunned
        self._dialogs = dialogs
        self._referrals = referrals
        self._mailbox = mailbox
        self._drop = drop
        self._library: int | None = None
        self._capacity = 0
        self._module = Module(
            name=text("strowger"),
            id=-1,
            priority=BEFORE_TRANSACTIONS,
            on_rx_request=MessageHook(self._on_request),
            on_rx_response=MessageHook(self._on_response),
            on_tx_request=MessageHook(self._on_sent),
            on_tx_response=MessageHook(self._on_sent),
        )

    def open(self) -> None:
        """Take the place in front; raises RuntimeError when pjsip refuses."""
        self._library = lib.pjsua_get_pjsip_endpt()
        self._capacity = lib.pjsua_call_get_max_count()
        if lib.pjsip_endpt_register_module(self._library, ctypes.byref(self._module)):
            raise RuntimeError("pjsip takes no more modules")

    def close(self) -> None:
        """Leave, while the library still lives."""
        self.waiting.close()
        lib.pjsip_endpt_unregister_module(self._library, ctypes.byref(self._module))

    def _on_request(self, pointer: int) -> int:
        try:
            return self._take_request(pointer)
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("a request could not be judged")
            return 1

    def _on_response(self, pointer: int) -> int:
        try:
            return self._take_response(pointer)
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("a response could not be judged")
            return 1

    def _on_sent(self, pointer: int) -> int:
        try:
            self._see("out", *sent(pointer))
        except Exception:  # noqa: BLE001 - nothing may be raised into C
            _log.exception("a sent message could not be read")
        return 0

    def _take_request(self, pointer: int) -> int:
        raw, source = received(pointer)
        if self._shunned.holds(source):
            return 1
        self._see("in", raw, source)
        message = parse_message(raw)
        dialog = self._dialogs.of_request(message)
        reply = self._judge(message, dialog)
        if message.method in METHODS and message.in_dialog and (reply is None or reply.code not in FAULTS):
            reply = self._referrals.take(pointer, message, dialog.leg if dialog is not None else None)
            if reply is None:
                return 1
        if message.method == "REGISTER" and reply is None:
            reply = self._wait(pointer, message, source)
            if reply is None:
                return 1
        if reply is None:
            if message.method in TARGETING:
                follow_source(pointer)
            return 0
        respond(pointer, reply)
        return 1

    def _wait(self, pointer: int, message: Message, source: str) -> Reply | None:
        number = self.waiting.keep(pointer)
        if number is None:
            return Reply(503, (("Retry-After", str(RETRY_SECONDS)),))
        transport = transport_of(message, is_secure(pointer))
        self._mailbox.put(Registering(number, message.request_uri, message.headers, source, transport))
        return None

    def _judge(self, message: Message, dialog: Dialog | None) -> Reply | None:
        if message.method == "INVITE":
            self.standing.full = lib.pjsua_call_get_count() + min(SPARE_CALLS, self._capacity // 32) >= self._capacity
        reply = judge(message, self.standing)
        if message.method == "INFO" and (reply is None or reply.code in (405, 415)):
            return self._take_info(message, dialog)
        if reply is None and dialog is not None:
            if dialog.would_downgrade(message.body):
                return Reply(488)
            dialog.read_request(message)
        return reply

    def _take_info(self, message: Message, dialog: Dialog | None) -> Reply:
        if dialog is None or not message.in_dialog:
            return Reply(481)
        reply, key = read_info(message)
        if key and dialog.is_new(message):
            self._mailbox.put(Digit(dialog.leg, key))
        return reply

    def _take_response(self, pointer: int) -> int:
        raw, source = received(pointer)
        self._see("in", raw, source)
        message = parse_message(raw)
        if message.header("call-id").startswith(PING):
            self._mailbox.put(Pinged(message.header("call-id"), message.code))
            return 1
        dialog = self._dialogs.of_response(message)
        if is_hostile_response(message) or (dialog is not None and dialog.is_downgraded_by(message)):
            if dialog is not None:
                self._drop(dialog.leg)
            return 1
        if dialog is not None and message.code == GONE and method_of(message) == "NOTIFY":
            # pjsip would end the call, where no more than the subscription has ended (RFC 5057 section 5.1).
            self._referrals.refuse_notices(dialog.leg)
            settle(pointer, "NOTIFY")
            return 1
        if dialog is not None:
            dialog.read_response(message)
        if message.code < MULTIPLE_CHOICES and method_of(message) in TARGETING:
            follow_source(pointer)
        return 0

    def _see(self, way: Literal["in", "out"], raw: str, peer: str) -> None:
        at = time.monotonic()
        kept = raw[:LONGEST_TEXT]

        def make() -> Event:
            return MessageSeen(find_call_id(kept), way, peer, kept, at)

        self._mailbox.put_later(make)
