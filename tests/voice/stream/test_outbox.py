"""What waits for the network of a stream: the oldest frames go first, nothing else is lost."""

from __future__ import annotations

import asyncio

from voice.stream.messages import End, Frame, Key, Mark, Outgoing
from voice.stream.outbox import MOST_OTHERS, Outbox


def frame(chunk: int) -> Frame:
    return Frame("inbound", chunk, 0, b"")


async def taken(outbox: Outbox) -> list[Outgoing]:
    messages = []
    while (message := await outbox.take()) is not None:
        messages.append(message)
    return messages


async def test_messages_come_out_in_order() -> None:
    outbox = Outbox()
    for message in (frame(1), Key("1"), frame(2), Mark("a"), End()):
        assert outbox.put(message)
    outbox.close()
    assert await taken(outbox) == [frame(1), Key("1"), frame(2), Mark("a"), End()]


async def test_the_oldest_frame_makes_room_and_nothing_else_does() -> None:
    outbox = Outbox(most_frames=2)
    outbox.put(Key("1"))
    assert [outbox.put(frame(chunk)) for chunk in (1, 2, 3, 4)] == [True, True, False, False]
    outbox.put(Mark("a"))
    outbox.close()
    assert await taken(outbox) == [Key("1"), frame(3), frame(4), Mark("a")]
    assert outbox.dropped == 2


async def test_who_takes_waits_for_who_puts() -> None:
    outbox = Outbox()
    taking = asyncio.create_task(taken(outbox))
    for chunk in (1, 2):
        await asyncio.sleep(0)
        outbox.put(frame(chunk))
    await asyncio.sleep(0)
    outbox.close()
    assert await taking == [frame(1), frame(2)]


async def test_there_is_room_until_too_many_marks_wait() -> None:
    outbox = Outbox()
    for number in range(MOST_OTHERS):
        await asyncio.wait_for(outbox.room(), 1)
        outbox.put(Mark(str(number)))
    waiting = asyncio.create_task(outbox.room())
    await asyncio.sleep(0)
    assert not waiting.done()
    await outbox.take()
    await asyncio.wait_for(waiting, 1)
