"""The SIP messages of each call, put into its journal.

A dialog's first messages cross the wire before anyone knows which call they belong to, and its last ones after the call has
ended; both are kept for a while. Everything here is bounded, because strangers choose the Call-IDs.
"""

from __future__ import annotations

from collections import OrderedDict

from sip.events import MessageSeen
from sip.requests import without_keys
from voice.story.journal import Journal

MOST_DIALOGS = 4_096
MOST_UNCLAIMED = 512
MOST_UNCLAIMED_MESSAGES = 8


class Ladder:
    """Sorts messages by Call-ID."""

    def __init__(self) -> None:
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
        if len(self._unclaimed) > MOST_UNCLAIMED:
            self._unclaimed.popitem(last=False)


def _write(journal: Journal, message: MessageSeen) -> None:
    journal.add("sip", at=message.at, direction=message.direction, peer=message.peer, text=without_keys(message.text))
