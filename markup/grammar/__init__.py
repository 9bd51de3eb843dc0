"""Which elements there are, their attributes and children: the table that the parser follows (spec sections 1.8 and 2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from markup.grammar.control import ECHO, HANGUP, REDIRECT, REFER, REJECT, SMS
from markup.grammar.dialling import DIAL
from markup.grammar.elements import SCHEMA_WARNING, Attribute, Child, Element
from markup.grammar.input import GATHER
from markup.grammar.payment import PAY
from markup.grammar.recording import RECORD
from markup.grammar.rooms import ENQUEUE, LEAVE
from markup.grammar.sessions import CONNECT, START, STOP
from markup.grammar.speech import PAUSE, PLAY, SAY
from markup.vocabulary import PHRASING

__all__ = ["HOMES", "SCHEMA_WARNING", "VERBS", "Attribute", "Child", "Element"]

VERBS: Mapping[str, Element] = {
    "Say": SAY,
    "Play": PLAY,
    "Pause": PAUSE,
    "Gather": GATHER,
    "Record": RECORD,
    "Dial": DIAL,
    "Enqueue": ENQUEUE,
    "Leave": LEAVE,
    "Redirect": REDIRECT,
    "Refer": REFER,
    "Reject": REJECT,
    "Hangup": HANGUP,
    "Pay": PAY,
    "Connect": CONNECT,
    "Start": START,
    "Stop": STOP,
    "Echo": ECHO,
    "Sms": SMS,
}
"""What may stand in ``<Response>``."""


def _homes(parent: str, names: Mapping[str, Element]) -> Iterator[tuple[str, str]]:
    for name, element in names.items():
        yield name, parent
        yield from _homes(name, {inner: child.element for inner, child in element.children.items()})


HOMES: dict[str, tuple[str, ...]] = dict.fromkeys(PHRASING, ("Say",))
"""Element to the elements it may stand in."""
for _name, _home in _homes("Response", VERBS):
    HOMES[_name] = tuple(dict.fromkeys((*HOMES.get(_name, ()), _home)))
