"""The messages of RFC 4475, read from ``messages/*.txt``, and somebody who sends them.

Each begins with ``=== section name answers``. What cannot be printed is written as in section 2 of the RFC: ``<hex>``, ``<repeat>``;
``<length/>`` is the length of the body. Lines end with CRLF on the wire.
"""

from __future__ import annotations

import contextlib
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from sip.message import Message, parse_message
from tests.sip.wire import SECONDS, Wire

FOLDER = Path(__file__).parent / "messages"
SILENCE = 0
ADDRESS = ("127.0.0.77", 5060)
"""Where answers go to: the port that a Via means which names none (RFC 3261 section 18.2.2)."""
BRIEF = 0.3
"""Seconds that silence is listened to."""

_BLOCK = re.compile(r"^=== (\S+) (\S+) (.*)\n", re.MULTILINE)
_REPEAT = re.compile(r"<repeat count=(\d+)>(.*?)</repeat>")
_BRANCH = re.compile(rb"(branch\s*=\s*z9hG4bK[\w.-])", re.IGNORECASE)
_HEX = re.compile(rb"<hex>([0-9A-F]*)</hex>")


@dataclass(frozen=True, slots=True)
class Torture:
    """One message; ``answers`` are statuses that are right, ``SILENCE`` among them."""

    section: str
    name: str
    answers: frozenset[int]
    data: bytes

    @property
    def call_id(self) -> str:
        """Empty when it has none."""
        return parse_message(self.data.decode(errors="replace")).header("call-id")

    @property
    def patience(self) -> float:
        """Seconds to wait for an answer."""
        return BRIEF if SILENCE in self.answers else SECONDS

    def is_answered_by(self, message: Message) -> bool:
        """Whether this is the final answer."""
        return message.code >= 200 and message.header("call-id") == self.call_id


def read_messages() -> list[Torture]:
    """All of them, in the order of the RFC."""
    found = []
    for name in ("valid", "invalid", "semantics"):
        parts = _BLOCK.split((FOLDER / f"{name}.txt").read_text())[1:]
        for section, short, answers, text in zip(*(iter(parts),) * 4, strict=True):
            codes = frozenset(SILENCE if answer == "silence" else int(answer) for answer in answers.split())
            found.append(Torture(section, short, codes, _to_wire(text, short)))
    return found


def say_by_datagram(wire: Wire, torture: Torture) -> int:
    """Send a message from ``ADDRESS``; the status of its final answer, or ``SILENCE``."""
    wire.send(torture.data)
    due = time.monotonic() + torture.patience
    while (left := due - time.monotonic()) > 0:
        wire.socket.settimeout(left)
        with contextlib.suppress(TimeoutError):
            answer = wire.receive()
            if acknowledgement := _acknowledge(answer):
                wire.send(acknowledgement)
            if torture.is_answered_by(answer):
                return answer.code
    return SILENCE


def say_by_stream(address: tuple[str, int], torture: Torture) -> int:
    """The same on a connection of its own."""
    with socket.create_connection(address, SECONDS) as connection:
        connection.sendall(torture.data)
        due, received, answers = time.monotonic() + torture.patience, b"", list[Message]()
        while (left := due - time.monotonic()) > 0 and not any(torture.is_answered_by(answer) for answer in answers):
            connection.settimeout(left)
            with contextlib.suppress(TimeoutError, ConnectionResetError):
                received += (chunk := connection.recv(65_535))
                answers = [parse_message(text) for text in re.split(r"(?=^SIP/2\.0 )", received.decode(), flags=re.MULTILINE)]
                if not chunk:
                    break
        for answer in answers:
            connection.sendall(_acknowledge(answer))
        return next((answer.code for answer in answers if torture.is_answered_by(answer)), SILENCE)


def open_wire(address: tuple[str, int]) -> Wire:
    """At ``ADDRESS``."""
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.bind(ADDRESS)
    return Wire(address, made)


def _acknowledge(answer: Message) -> bytes:
    """The ACK to the refusal of an INVITE, without which it is remembered for half a minute; empty for another answer."""
    number, _, method = answer.header("cseq").partition(" ")
    if answer.code < 300 or method != "INVITE":
        return b""
    kept = [f"{name}: {answer.header(name)}" for name in ("via", "from", "to", "call-id")]
    return "\r\n".join(["ACK sip:torture SIP/2.0", *kept, f"CSeq: {number} ACK", "Content-Length: 0", "", ""]).encode()


def _to_wire(text: str, name: str) -> bytes:
    """Several messages of the RFC have one branch, from different hosts. pjsip tells transactions by branch and method alone,
    so each gets a branch of its own."""
    data = _REPEAT.sub(lambda found: found[2] * int(found[1]), text).replace("\n", "\r\n").encode()
    data = _HEX.sub(lambda found: bytes.fromhex(found[1].decode()), data)
    data = _BRANCH.sub(lambda found: found[1] + name.encode(), data)
    return data.replace(b"<length/>", str(len(data.partition(b"\r\n\r\n")[2])).encode())
