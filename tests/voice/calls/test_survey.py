"""What is known of the audio of calls while they go on: in the journal, by REST, in the metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sip.fake import FakeCall
from sip.quality import Quality
from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from voice.calls.audio import Audio
from voice.story.journal import Entry, Journal

GOOD = Quality(500, 500, 0, 0, 0, 2.0, 20.0, "PCMU", "192.0.2.1:4000", "192.0.2.1:4000", 2.0, 20.0)


@asynccontextmanager
async def talking(folder: Path) -> AsyncIterator[tuple[World, FakeCall]]:
    async with World(folder, Customer({"/voice": "<Gather timeout='300'/>"})) as world:
        survey = asyncio.create_task(world.exchange.survey.run())
        call = world.call()
        await world.until(lambda: call.answered)
        yield world, call
        survey.cancel()


def noted(world: World) -> list[Entry]:
    return [entry for entry in world.journal() if entry.kind == "quality"]


async def asked(world: World, sid: str) -> dict[str, Any]:
    async with world.client() as client:
        answer = await client.get(f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls/{sid}/Quality.json")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


@virtual
async def test_a_live_call_is_looked_at_and_noted_when_it_changes(tmp_path: Path) -> None:
    async with talking(tmp_path) as (world, call):
        await asyncio.sleep(55)
        (first,) = noted(world)
        assert first.at < 6
        call.transmits = False
        await asyncio.sleep(21)
        _, second, *_ = noted(world)
        assert second.data["recent_received"] == 0
        assert int(str(second.data["received"])) > 2000
        assert world.exchange.survey.silent == 1
        call.transmits = True
        await asyncio.sleep(21)
        assert world.exchange.survey.silent == 0
        text = world.exchange.metrics.exposition().decode()
        looks = next(float(line.split()[1]) for line in text.splitlines() if line.startswith("strowger_live_audio_mos_count"))
        assert 8 <= looks <= 11
        assert len(noted(world)) <= 5


@virtual
async def test_rest_tells_of_this_moment(tmp_path: Path) -> None:
    async with talking(tmp_path) as (world, call):
        sid = next(iter(world.registry)).call.sid
        await asyncio.sleep(1)
        live = await asked(world, sid)
        assert live["live"] is True
        assert 40 < live["packets_received"] < 60
        assert live["explanation"].startswith("Audio goes both ways")
        assert live["recent_mos"] is None
        assert live["uri"].endswith(f"/Calls/{sid}/Quality.json")
        call.hang_up()
        await world.ended(call)
        past = await asked(world, sid)
        assert past["live"] is False
        assert "has ended without any audio" in past["explanation"]


def test_an_hour_of_steady_audio_is_an_entry_a_minute() -> None:
    written: list[Entry] = []
    audio = Audio(Journal("CA", lambda: 0.0, lambda sid, entry: written.append(entry)))
    for look in range(1, 361):
        audio.look(Quality(500 * look, 500 * look, *(0, 0, 0, 2.0, 20.0), "PCMU", "a:1", "a:1", 2.0, 20.0), 10.0 * look)
    assert len(written) == 60


def test_a_stretch_of_loss_is_seen_though_the_whole_is_good() -> None:
    before = GOOD
    after = Quality(800, 1000, 200, 0, 0, 2.0, 20.0, "PCMU", GOOD.declared, GOOD.heard_from, 30.0, 300.0)
    assert after.since(before).loss == 0.4
    assert after.loss == 0.2
    assert after.since(before).jitter_ms == 30.0
    assert after.since(before).mos < after.mos < before.mos


def test_a_stream_that_takes_the_place_of_another_goes_on_counting() -> None:
    whole = GOOD.after(GOOD)
    assert (whole.received, whole.sent) == (1000, 1000)
