"""A queued caller and whoever dials the queue: cut at any point, they leave nothing behind, and nobody waits for nobody."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import pytest

from markup.events import Redirected
from sip.fake import FakeCall
from tests.voice.calls.test_leaks import SETTLED, Scissors, held
from tests.voice.exchange import HOST, NUMBER, Customer, World, virtual
from voice.calls.line import Line
from voice.calls.session import Session
from voice.errors import ChangeRefused
from voice.settings import Number

AGENTS = "+15550200"
MOST_EVENTS = 60

Cut = Callable[[World, FakeCall], None]


def _hang_up(world: World, call: FakeCall) -> None:
    call.hang_up()


def _end(world: World, call: FakeCall) -> None:
    line = world.registry.by_leg(call.leg)
    if line is not None:
        world.switch.end(line.call.sid)


def _redirect(world: World, call: FakeCall) -> None:
    line = world.registry.by_leg(call.leg)
    if line is not None:
        try:
            world.switch.change(line.call.sid, Redirected(f"{HOST}/new"))
        except ChangeRefused:
            call.hang_up()  # not answered yet: there is nothing to redirect


def _customer() -> Customer:
    served = {
        "/voice": "<Enqueue action='/left' waitUrl='/wait'>support</Enqueue><Say>Left.</Say>",
        "/agent": "<Dial action='/done' timeout='5' timeLimit='2'><Queue url='/whisper'>support</Queue></Dial>",
        "/wait": "<Say>Wait.</Say>",
        "/whisper": "<Say>Psst.</Say>",
        "/left": "<Say>Left.</Say>",
        "/done": "<Say>Done.</Say>",
        "/new": "<Say>New.</Say>",
    }
    return Customer(dict(served), delays=dict.fromkeys(served, 0.1))


async def _run(world: World, scissors: Scissors, cut: Cut, who: int, after: int) -> int:
    """Two calls, of which one is cut after so many events; how many there were."""
    calls = [world.call(from_="sip:caller@carrier"), world.call(to=AGENTS, from_="sip:agent@carrier")]
    scissors.arm(after, lambda: cut(world, calls[who]))
    await asyncio.sleep(12)
    for call in calls:
        call.hang_up()
    await world.until(lambda: not len(world.registry))
    await world.callbacks.drain(5)
    await asyncio.sleep(SETTLED)
    return scissors.seen


@pytest.mark.parametrize("who", [0, 1], ids=["caller", "agent"])
@pytest.mark.parametrize("cut", [_hang_up, _end, _redirect], ids=lambda cut: cut.__name__.strip("_"))
@virtual
async def test_two_calls_of_which_one_ends_anywhere_leave_nothing(
    cut: Cut, who: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scissors = Scissors(monkeypatch)
    numbers = (
        Number(phone_number=NUMBER, voice_url=f"{HOST}/voice"),
        Number(phone_number=AGENTS, voice_url=f"{HOST}/agent"),
    )
    async with World(tmp_path, _customer(), number=numbers) as world:
        await _run(world, scissors, cut, who, after=0)  # makes the queue
        before = held(world)
        events = await _run(world, scissors, cut, who, after=0)
        assert held(world) == before, "two calls that nobody cuts"
        assert len(world.customer.visited("/whisper")) >= 1
        for after in range(1, min(events, MOST_EVENTS) + 1):
            await _run(world, scissors, cut, who, after)
            assert held(world) == before, f"cut after event {after} of {events}"
            assert next(iter(world.queues.of(world.accounts.main.sid))).idle
        gc.collect()
        assert [thing for thing in gc.get_objects() if isinstance(thing, Session | Line)] == []
