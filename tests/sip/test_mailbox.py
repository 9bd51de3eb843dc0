from __future__ import annotations

import asyncio

from sip.events import Event, Surveyed
from sip.pjsua.owner import Mailbox


async def test_an_event_that_cannot_be_taken_keeps_no_other_back() -> None:
    taken: list[Event] = []

    def post(event: Event) -> None:
        if not taken:
            taken.append(event)
            raise ZeroDivisionError("nobody has thought of this")
        taken.append(event)

    mailbox = Mailbox(asyncio.get_running_loop(), post)
    events = [Surveyed(()) for _ in range(3)]
    for event in events:
        mailbox.put(event)
    await asyncio.sleep(0)
    assert taken == events
