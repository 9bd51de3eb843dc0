from sip.events import MessageSeen
from voice.journal import Journal
from voice.ladder import MOST_UNCLAIMED, MOST_UNCLAIMED_MESSAGES, Ladder


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
