"""What only the fake network offers."""

from __future__ import annotations

import asyncio

import numpy as np

from sip.endpoint import Endpoint, Invitation
from sip.events import Answered, Ended, Event, Ringing
from sip.fake import FakeEndpoint, answers, busy, declines, not_found
from tests.sip.near import matrix

ME = "sip:+15550100@127.0.0.1"


async def settle() -> None:
    """Let everything that is due happen."""
    for _ in range(5):
        await asyncio.sleep(0)


def make() -> tuple[FakeEndpoint, list[Event]]:
    events: list[Event] = []
    fake = FakeEndpoint(matrix(), matrix())
    fake.start(events.append)
    return fake, events


async def test_it_is_an_endpoint() -> None:
    endpoint: Endpoint = make()[0]
    assert endpoint


async def test_nothing_is_reported_before_the_method_returns() -> None:
    fake, events = make()
    fake.phone("sip:al@carrier").dial(ME)
    assert events == []
    await settle()
    assert events


async def test_unknown_target_is_not_found() -> None:
    fake, events = make()
    fake.invite(Invitation("sip:nobody@carrier", ME), 0)
    await settle()
    assert [event.code for event in events if isinstance(event, Ended)] == [404]


async def test_policy_takes_calls_for_nobody() -> None:
    fake, events = make()
    fake.on_invite(busy())
    fake.invite(Invitation("sip:nobody@carrier", ME), 0)
    await settle()
    assert [event.code for event in events if isinstance(event, Ended)] == [486]


async def test_phone_is_found_by_user_and_behaviour_can_change() -> None:
    fake, events = make()
    bob = fake.phone("sip:bob@carrier", declines())
    fake.invite(Invitation("sip:bob@10.0.0.1:5080;transport=tcp", ME), 0)
    await settle()
    bob.behaviour = not_found()
    fake.invite(Invitation("sip:bob@carrier", ME), 0)
    await settle()
    assert [event.code for event in events if isinstance(event, Ended)] == [603, 404]
    assert len(bob.calls) == 2


async def test_answer_can_wait() -> None:
    fake, events = make()
    bob = fake.phone("sip:bob@carrier", answers(after=0.001))
    fake.invite(Invitation("sip:bob@carrier", ME), 0)
    await settle()
    assert [type(event) for event in events if isinstance(event, Ringing | Answered)] == [Ringing]
    await asyncio.wait_for(bob.calls[0].until(lambda call: call.answered), 10)


async def test_said_samples_come_in_frames_and_heard_ones_go_out() -> None:
    rx, tx = matrix(), matrix()
    events: list[Event] = []
    fake = FakeEndpoint(rx, tx)
    fake.start(events.append)
    call = fake.phone("sip:al@carrier").dial(ME)
    fake.attach(call.leg, 3)
    fake.answer(call.leg)
    said = np.arange(1, 401, dtype=np.int16)
    call.say(said)
    tx[3] = 7
    heard = []
    for _ in range(3):
        fake.exchange()
        heard.append(rx[3].copy())
    np.testing.assert_array_equal(np.concatenate(heard), np.pad(said, (0, 80)))
    np.testing.assert_array_equal(call.heard, np.full(480, 7, np.int16))


async def test_availability_can_be_read() -> None:
    fake, _ = make()
    fake.set_available(False)
    assert not fake.available
