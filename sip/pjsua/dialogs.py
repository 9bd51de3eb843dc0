"""What the messages of a dialog told us that pjsua does not: its tags, who takes telephone-events, who agreed to SRTP."""

from __future__ import annotations

import re
import threading
from collections import deque
from dataclasses import dataclass

from sip.events import DialogId, LegId
from sip.guard import takes_events, uses_srtp
from sip.message import Message, method_of, sequence_of

MOST_EARLY = 64
"""Responses that may belong to a dialog which is about to open."""
_TAG = re.compile(r";\s*tag\s*=\s*([^;\s]+)", re.IGNORECASE)


@dataclass(slots=True)
class Dialog:
    """One leg's dialog."""

    leg: LegId
    call_id: str
    outbound: bool
    near_tag: str = ""
    """Ours; known once the leg is answered."""
    far_tag: str = ""
    """The far end's; known from the INVITE of an inbound leg, from the answer of an outbound one."""
    takes_digits: bool = False
    """The far end's last description names telephone-event (RFC 4733)."""
    heard: bool = False
    """Something has come back from the far end of an outbound leg."""
    informed: int = -1
    """The number of the last INFO (CSeq)."""
    encrypted: bool = False
    """SRTP was agreed: a plain offer is then an attack (CVE-2022-39269)."""

    def read_invitation(self, message: Message) -> None:
        """Read the INVITE of an inbound leg."""
        self.far_tag = tag_of(message.header("from"))
        self._learn(message.body)

    def read_request(self, message: Message) -> None:
        """Read a request of the far end inside the dialog."""
        if message.method == "ACK" and not self.outbound:
            self.near_tag = tag_of(message.header("to"))
        self._learn(message.body)

    def read_response(self, message: Message) -> None:
        """Read what the far end answered."""
        self.heard = True
        if self.outbound and 200 <= message.code < 300 and method_of(message) == "INVITE":
            self.near_tag, self.far_tag = tag_of(message.header("from")), tag_of(message.header("to"))
        self._learn(message.body)

    def is_new(self, message: Message) -> bool:
        """Whether an INFO is not one that is sent again because our answer was lost."""
        before, self.informed = self.informed, sequence_of(message)
        return before != self.informed

    def _learn(self, body: str) -> None:
        """Read the far end's session description."""
        if "m=audio" in body:
            self.takes_digits = takes_events(body)
            self.encrypted = self.encrypted or uses_srtp(body)

    def would_downgrade(self, body: str) -> bool:
        """Whether a description gives up the encryption that was agreed."""
        return self.encrypted and "m=audio" in body and not uses_srtp(body)

    def is_downgraded_by(self, response: Message) -> bool:
        """Whether an answer inside the established dialog does so."""
        return bool(self.near_tag) and 200 <= response.code < 300 and self.would_downgrade(response.body)


class Dialogs:
    """Dialogs of live legs. A switch that calls itself has two legs with one Call-ID: they differ in direction."""

    def __init__(self) -> None:
        self._by_leg: dict[LegId, Dialog] = {}
        self._by_call_id: dict[tuple[str, bool], Dialog] = {}
        self._early: deque[Message] = deque(maxlen=MOST_EARLY)
        self._lock = threading.Lock()

    def open(self, leg: LegId, call_id: str, *, outbound: bool) -> Dialog:
        """Begin to follow a leg, with the responses that came before its Call-ID was known."""
        dialog = Dialog(leg, call_id, outbound)
        with self._lock:
            self._by_leg[leg] = self._by_call_id[call_id, outbound] = dialog
            early = [message for message in self._early if message.header("call-id") == call_id] if outbound else ()
        for message in early:
            dialog.read_response(message)
        return dialog

    def close(self, leg: LegId) -> None:
        """Forget a leg."""
        dialog = self._by_leg.pop(leg, None)
        if dialog is not None and self._by_call_id.get((dialog.call_id, dialog.outbound)) is dialog:
            del self._by_call_id[dialog.call_id, dialog.outbound]

    def of_leg(self, leg: LegId) -> Dialog | None:
        """The dialog of a leg."""
        return self._by_leg.get(leg)

    def find(self, named: DialogId) -> Dialog | None:
        """The answered dialog with these tags (RFC 3891 section 3)."""
        for outbound in (False, True):
            dialog = self._by_call_id.get((named.call_id, outbound))
            if (
                dialog is not None
                and dialog.near_tag
                and (dialog.near_tag, dialog.far_tag) == (named.local_tag, named.remote_tag)
            ):
                return dialog
        return None

    def of_request(self, message: Message) -> Dialog | None:
        """The dialog a received request belongs to."""
        call_id = message.header("call-id")
        inbound = self._by_call_id.get((call_id, False))
        if inbound is not None and inbound.far_tag == tag_of(message.header("from")):
            return inbound
        return self._by_call_id.get((call_id, True))

    def of_response(self, message: Message) -> Dialog | None:
        """The dialog a received response belongs to.

        None for that of an INVITE whose leg has no Call-ID yet, too: it tells that on one thread, while a fast answer is
        read on another. Such a response is read as soon as the dialog opens.
        """
        call_id = message.header("call-id")
        with self._lock:
            dialog = self._by_call_id.get((call_id, True)) or self._by_call_id.get((call_id, False))
            if dialog is None and method_of(message) == "INVITE":
                self._early.append(message)
        return dialog


def tag_of(value: str) -> str:
    """The tag of a From or To value; empty when there is none."""
    found = _TAG.search(value.rpartition(">")[2])
    return found[1] if found else ""
