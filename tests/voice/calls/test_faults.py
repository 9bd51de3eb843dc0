"""What is wrong with one call, one event or one row is of no concern to the others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.source import Clip
from sip.fake import answers
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from voice.calls.line import Line
from voice.sound.studio import Listener

CALLS = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls"
BROKEN, GOOD = "sip:broken@carrier", "sip:good@carrier"


def breaking(act: Callable[..., Any], wrong: Callable[..., bool]) -> Callable[..., Any]:
    """``act``, which raises something that nobody has thought of for some arguments."""

    def perform(*arguments: Any, **more: Any) -> Any:
        if wrong(*arguments):
            raise ZeroDivisionError("nobody has thought of this")
        return act(*arguments, **more)

    return perform


@virtual
async def test_a_call_that_cannot_be_placed_fails_and_those_behind_it_are_placed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer = Customer({"/voice": "<Hangup/>"})
    async with World(tmp_path, customer) as world, world.client() as client:
        claimed = world.bus.claimed
        monkeypatch.setattr(Line, "dial", breaking(Line.dial, lambda line, *more: line.call.party.to == BROKEN))
        world.fake.phone(GOOD, answers())
        placed = []
        for to in (BROKEN, GOOD):
            form = {"To": to, "From": "+15550001", "Url": f"{HOST}/voice"}
            placed.append((await client.post(f"{CALLS}.json", data=form)).json()["sid"])
        await asyncio.sleep(10)
        statuses = [(await client.get(f"{CALLS}/{sid}.json")).json()["status"] for sid in placed]
        assert statuses == ["failed", "completed"]
        assert world.bus.claimed == claimed


@virtual
async def test_a_caller_hears_of_a_fault_before_his_application_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with World(tmp_path, Customer({"/voice": "<Hangup/>"})) as world:
        directory = world.exchange.directory
        monkeypatch.setattr(directory, "find", breaking(directory.find, lambda incoming: "odd" in incoming.from_uri))
        odd, even = world.call(from_="sip:odd@carrier"), world.call(from_="sip:even@carrier")
        await world.ended(odd)
        await world.ended(even)
        assert (odd.ended_code, even.ended_code) == (500, 200)


@virtual
async def test_a_listener_that_fails_keeps_no_other_from_the_end_of_its_playback(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        over: list[str] = []
        rows = [world.studio.claim() for _ in range(2)]
        for row, finished in zip(rows, (breaking(over.append, lambda error: True), over.append), strict=True):
            world.studio.play(row, Clip(np.zeros(800, np.int16)), Listener(lambda: None, finished))
        await asyncio.sleep(2)
        assert over == [""]
