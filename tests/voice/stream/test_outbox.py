"""What waits for the network of a stream: the oldest frames go first, nothing else is lost."""

from __future__ import annotations

from voice.stream.messages import End, Frame, Key, Mark, Outgoing
from voice.stream.outbox import MOST_FRAMES, MOST_OTHERS, Outbox


def frame(chunk: int) -> Frame:
    return Frame("inbound", chunk, 0, b"")


class Network:
    """Takes ``room`` messages, then one more."""

    def __init__(self, room: int = 1_000_000) -> None:
        self.room = room
        self.sent: list[Outgoing] = []
        self.empty = 0

    def send(self, message: Outgoing) -> bool:
        self.sent.append(message)
        self.room -= 1
        return self.room > 0

    def emptied(self) -> None:
        self.empty += 1


def outbox_of(network: Network) -> Outbox:
    return Outbox(network.send, network.emptied)


def test_messages_go_out_at_once_while_there_is_room() -> None:
    network = Network()
    outbox = outbox_of(network)
    outbox.go_on()
    messages: list[Outgoing] = [frame(1), Key("1"), frame(2), Mark("a"), End()]
    for number, message in enumerate(messages, 1):
        assert outbox.put(message)
        assert len(network.sent) == number


def test_nothing_is_sent_before_there_is_a_network() -> None:
    network = Network()
    outbox = outbox_of(network)
    outbox.put(frame(1))
    outbox.put(Mark("a"))
    assert network.sent == []
    outbox.go_on()
    assert network.sent == [frame(1), Mark("a")]


def test_messages_wait_in_order_for_a_network_that_is_full() -> None:
    network = Network(room=2)
    outbox = outbox_of(network)
    outbox.go_on()
    for chunk in range(1, 7):
        outbox.put(frame(chunk))
    assert network.sent == [frame(1), frame(2)]
    network.room = 3
    outbox.go_on()
    assert network.sent == [frame(chunk) for chunk in range(1, 6)]
    network.room = 3
    outbox.go_on()
    outbox.put(frame(7))
    assert network.sent == [frame(chunk) for chunk in range(1, 8)]


def test_the_oldest_frame_makes_room_and_nothing_else_does() -> None:
    network = Network()
    outbox = outbox_of(network)
    outbox.put(Key("1"))
    chunks = range(1, MOST_FRAMES + 3)
    assert [outbox.put(frame(chunk)) for chunk in chunks] == [True] * MOST_FRAMES + [False, False]
    outbox.put(Mark("a"))
    outbox.go_on()
    assert network.sent == [Key("1"), *map(frame, chunks[2:]), Mark("a")]
    assert outbox.dropped == 2


def test_who_closes_is_told_when_the_last_message_is_sent() -> None:
    network = Network()
    outbox = outbox_of(network)
    outbox.put(End())
    outbox.close()
    assert network.empty == 0
    outbox.go_on()
    assert network.sent == [End()]
    assert network.empty == 1
    outbox.go_on()
    assert network.empty == 1


def test_there_is_room_until_too_many_marks_wait() -> None:
    network = Network()
    outbox = outbox_of(network)
    for number in range(MOST_OTHERS):
        assert not outbox.full
        outbox.put(Mark(str(number)))
        outbox.put(frame(number))
    assert outbox.full
    outbox.go_on()
    assert not outbox.full
