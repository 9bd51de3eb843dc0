"""The SIP messages of each call, put into its journal.

A dialog's first messages cross the wire before anyone knows which call they belong to, and its last ones after the call has
ended; both are kept for a while. Everything here is bounded, because strangers choose the Call-IDs.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

from sip.events import MessageSeen
from sip.requests import without_keys
from voice.story.diagnosis import explain
from voice.story.journal import Entry, Journal, Value

MOST_DIALOGS = 4_096
MOST_UNCLAIMED = 512
MOST_UNCLAIMED_MESSAGES = 8


class Ladder:
    """Sorts messages by Call-ID.

    ``refused`` is told of each INVITE whose description was refused before it was a call: our answer, and why.
    """

    def __init__(self, refused: Callable[[MessageSeen, str], None] = lambda message, why: None) -> None:
        self._refused = refused
        self._journals: OrderedDict[str, Journal] = OrderedDict()
        self._unclaimed: OrderedDict[str, list[MessageSeen]] = OrderedDict()

    def adopt(self, call_id: str, journal: Journal) -> None:
        """Give a dialog its journal, and the journal what was seen of the dialog before."""
        self._journals[call_id] = journal
        if len(self._journals) > MOST_DIALOGS:
            self._journals.popitem(last=False)
        for message in self._unclaimed.pop(call_id, ()):
            _write(journal, message)

    def see(self, message: MessageSeen) -> None:
        """Take one message as it crossed the wire."""
        journal = self._journals.get(message.call_id)
        if journal is not None:
            _write(journal, message)
            return
        waiting = self._unclaimed.setdefault(message.call_id, [])
        if len(waiting) < MOST_UNCLAIMED_MESSAGES:
            waiting.append(message)
            if _is_refusal(message) and sum(map(_is_refusal, waiting)) == 1:
                self._refused(message, explain(map(_entry, waiting)))
        if len(self._unclaimed) > MOST_UNCLAIMED:
            self._unclaimed.popitem(last=False)


def _write(journal: Journal, message: MessageSeen) -> None:
    journal.add("sip", at=message.at, **_told(message))


def _told(message: MessageSeen) -> dict[str, Value]:
    return {"direction": message.direction, "peer": message.peer, "text": without_keys(message.text)}


def _entry(message: MessageSeen) -> Entry:
    return Entry(0.0, "sip", _told(message))


def _is_refusal(message: MessageSeen) -> bool:
    return message.direction == "out" and message.text.startswith("SIP/2.0 488 ")
