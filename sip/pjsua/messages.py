"""A pjsip module that sees every message before pjsua does and after everyone else has finished it."""

from __future__ import annotations

import ctypes
import logging
import time
from collections.abc import Callable

from sip.events import MessageSeen
from sip.guard import is_harmless_response, judge_request
from sip.message import call_id_of, split_message
from sip.pjsua.native import Module, OnMessage, Text, lib, received, respond, transmitted

PRIORITY = 7
"""Just below the transport layer's 8: requests are new, and what we send is printed already."""
LONGEST_TEXT = 8000
ALLOW = "INVITE, ACK, BYE, CANCEL, UPDATE, INFO, PRACK, REFER, OPTIONS"
RETRY_SECONDS = "5"

_PASS, _TAKEN = 0, 1

_log = logging.getLogger("sip")


class Messages:
    """Reports each message, answers those that concern no call, and keeps dangerous ones from pjsua.

    ``see`` takes the report and ``described`` the Call-ID and text of each received message with a session description.
    """

    def __init__(self, see: Callable[[MessageSeen], None], described: Callable[[str, str], None]) -> None:
        self.available = True
        self._see = see
        self._described = described
        self._name = Text.of("mod-strowger")
        self._module = Module(
            name=self._name,
            id=-1,
            priority=PRIORITY,
            on_rx_request=OnMessage(self._request_received),
            on_rx_response=OnMessage(self._response_received),
            on_tx_request=OnMessage(self._transmitted),
            on_tx_response=OnMessage(self._transmitted),
        )

    def register(self) -> None:
        """Enter pjsip's chain of modules."""
        status = lib.pjsip_endpt_register_module(lib.pjsua_get_pjsip_endpt(), ctypes.byref(self._module))
        if status != 0:
            raise RuntimeError(f"pjsip refuses our module: status {status}")

    def _request_received(self, rdata: int) -> int:
        try:
            text, source = received(rdata)
            self._report("in", source, text)
            if text.startswith("OPTIONS "):
                self._answer_options(rdata)
                return _TAKEN
            status = judge_request(text)
            if status == 0:
                return _PASS
            if not text.startswith("ACK "):
                respond(rdata, status, (("Allow", ALLOW),) if status == 405 else ())
        except Exception:  # noqa: BLE001 - an exception cannot cross into C
            _log.exception("a request could not be looked at")
        return _TAKEN

    def _response_received(self, rdata: int) -> int:
        try:
            text, source = received(rdata)
            self._report("in", source, text)
            return _PASS if is_harmless_response(text) else _TAKEN
        except Exception:  # noqa: BLE001 - an exception cannot cross into C
            _log.exception("a response could not be looked at")
            return _TAKEN

    def _transmitted(self, tdata: int) -> int:
        try:
            text, destination = transmitted(tdata)
            self._report("out", destination, text)
        except Exception:  # noqa: BLE001 - an exception cannot cross into C
            _log.exception("a message of ours could not be looked at")
        return _PASS

    def _report(self, direction: str, peer: str, text: str) -> None:
        call_id = call_id_of(text)
        if not call_id:
            return
        if direction == "in" and "m=audio" in split_message(text)[2]:
            self._described(call_id, text)
        self._see(MessageSeen(call_id, direction, peer, text[:LONGEST_TEXT], time.monotonic()))  # type: ignore[arg-type]

    def _answer_options(self, rdata: int) -> None:
        if self.available:
            respond(rdata, 200, (("Allow", ALLOW), ("Accept", "application/sdp"), ("Supported", "replaces, 100rel, timer")))
        else:
            respond(rdata, 503, (("Retry-After", RETRY_SECONDS),))
