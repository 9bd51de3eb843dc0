import pytest

from sip.events import MessageSeen
from voice.story.journal import Journal
from voice.story.ladder import MOST_UNCLAIMED, MOST_UNCLAIMED_MESSAGES, Ladder


def _journal() -> Journal:
    return Journal("CA" + "0" * 32, lambda: 0.0, lambda sid, entry: None)


def _message(call_id: str, text: str = "INVITE") -> MessageSeen:
    return MessageSeen(call_id, "in", "127.0.0.1:5060", text, 1.0)


def _texts(journal: Journal) -> list[object]:
    return [entry.data["text"] for entry in journal.entries]


def test_messages_seen_before_the_call_was_known_come_first() -> None:
    ladder, journal = Ladder(), _journal()
    ladder.see(_message("a", "INVITE"))
    ladder.see(_message("b", "OPTIONS"))
    ladder.adopt("a", journal)
    ladder.see(_message("a", "BYE"))
    assert _texts(journal) == ["INVITE", "BYE"]


INFO = "INFO sip:us SIP/2.0\r\nContent-Type: application/dtmf-relay\r\n\r\n"


@pytest.mark.parametrize(
    ("sent", "written"),
    [
        (INFO + "Signal=4\r\nDuration=160", INFO + "(left out)"),
        ("\r\n" + INFO + "Signal=4", "\r\n" + INFO + "(left out)"),
        (INFO.replace("\r\n", "\n") + "Signal=4", INFO.replace("\r\n", "\n") + "(left out)"),
        (INFO, INFO),
        ("INVITE sip:us SIP/2.0\r\n\r\nv=0", "INVITE sip:us SIP/2.0\r\n\r\nv=0"),
    ],
)
def test_the_key_of_an_info_is_not_written_down(sent: str, written: str) -> None:
    """It may be one of a card number; the journal has the keys that are not."""
    ladder, journal = Ladder(), _journal()
    ladder.adopt("a", journal)
    ladder.see(_message("a", sent))
    assert _texts(journal) == [written]


def test_strangers_cannot_fill_the_memory() -> None:
    ladder, journal = Ladder(), _journal()
    for number in range(MOST_UNCLAIMED + 100):
        ladder.see(_message(str(number)))
    ladder.adopt("0", journal)
    assert _texts(journal) == []
    for _ in range(100):
        ladder.see(_message("flood"))
    ladder.adopt("flood", journal)
    assert len(journal.entries) == MOST_UNCLAIMED_MESSAGES
