"""The switch is killed at random moments while fifty calls come and go; its next process loses nothing that was promised."""

from __future__ import annotations

import asyncio
import contextlib
import io
import random
import wave
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.interop.sipp import play
from tests.interop.switch import SID, TOKEN, RunningSwitch, running_switch
from tests.ports import free_port, taken
from tests.webhook import Webhook

CALLS = 50
KILLS_PER_TEST = 5
LIMITS = "[limits]\naccount_calls_per_second = 25"
FINAL = {"completed", "failed"}
EVENTS = ["initiated", "ringing", "answered", "completed"]
API = f"/2010-04-01/Accounts/{SID}"
LOGIN = (SID, TOKEN)


@pytest.mark.parametrize("seed", range(4))
async def test_a_killed_switch_loses_nothing(seed: int, tmp_path: Path, webhook: Webhook) -> None:
    moments = random.Random(seed)
    webhook.answers = {"/outbound": "<Pause length='1'/><Hangup/>", "/told": "", "/recorded": ""}
    phones, known = free_port(), set[str]()
    for _ in range(KILLS_PER_TEST):
        async with answering(phones, tmp_path):
            async with running_switch(tmp_path, {}, LIMITS) as switch:
                placing = asyncio.create_task(place(switch, webhook, phones, known))
                await asyncio.sleep(moments.uniform(0.05, 4))
                switch.process.kill()
                await switch.process.wait()
                await asyncio.gather(placing, return_exceptions=True)
            before = final_statuses(webhook)
        async with answering(phones, tmp_path), running_switch(tmp_path, {}, LIMITS) as switch:
            await all_is_over(switch, webhook, known)
            await check(switch, webhook, known, before)
    assert len(known) > CALLS, "it was killed before anything had happened"


@contextlib.asynccontextmanager
async def answering(port: int, folder: Path) -> AsyncIterator[None]:
    """SIPp takes any number of calls on a port."""
    answerer = asyncio.create_task(play("answer", folder, port=port, calls=10_000, seconds=120))
    await taken(port)
    try:
        yield
    finally:
        answerer.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await answerer


async def place(switch: RunningSwitch, webhook: Webhook, phones: int, known: set[str]) -> None:
    """Place calls until the switch is gone; those that were taken on are ``known``."""
    form = {
        "To": f"sip:bob@127.0.0.1:{phones}",
        "From": "+15550199",
        "Url": webhook.url("/outbound"),
        "Record": "true",
        "RecordingStatusCallback": webhook.url("/recorded"),
        "RecordingStatusCallbackEvent": ["in-progress", "completed", "absent"],
        "StatusCallback": webhook.url("/told"),
        "StatusCallbackEvent": EVENTS,
    }
    for _ in range(CALLS):
        answer = await switch.client.post(f"{API}/Calls.json", data=form, auth=LOGIN)
        assert answer.status_code == 201, answer.text
        known.add(answer.json()["sid"])


def final_statuses(webhook: Webhook) -> dict[str, str]:
    """What was told of the end of calls."""
    told = [visit.form for visit in webhook.visited("/told")]
    return {form["CallSid"]: form["CallStatus"] for form in told if form["CallStatus"] in FINAL}


async def all_is_over(switch: RunningSwitch, webhook: Webhook, known: set[str]) -> None:
    """Wait until every call has been told to be over and nothing waits to be told."""
    async with asyncio.timeout(60):
        while not known <= set(final_statuses(webhook)) or await waiting(switch):
            await asyncio.sleep(0.2)


async def waiting(switch: RunningSwitch) -> float:
    """Calls, recordings and callbacks that are not done yet."""
    names = ("calls_live", "calls_queued", "recordings_incomplete", "callbacks_waiting")
    return sum([await switch.metric(f"strowger_{name}") for name in names])


async def check(switch: RunningSwitch, webhook: Webhook, known: set[str], before: dict[str, str]) -> None:
    """Count what the store has and what was told."""
    rows = {row["sid"]: row for row in await everything(switch.client, f"{API}/Calls.json", "calls")}
    assert known <= set(rows)
    told = final_statuses(webhook)
    assert {sid: row["status"] for sid, row in rows.items()} == told
    assert {sid: told[sid] for sid in before} == before, "what was over stays as it was told"
    by_call = defaultdict(list)
    for visit in webhook.visited("/told"):
        by_call[visit.form["CallSid"]].append(int(visit.form["SequenceNumber"]))
    for sid, numbers in by_call.items():
        assert numbers == sorted(numbers), f"{sid} was told out of order: {numbers}"
        assert set(numbers) == set(range(max(numbers) + 1)), f"{sid} was not told of a step: {numbers}"
    recordings = {row["sid"]: row for row in await everything(switch.client, f"{API}/Recordings.json", "recordings")}
    begun = {visit.form["RecordingSid"] for visit in webhook.visited("/recorded")}
    ended = {
        visit.form["RecordingSid"] for visit in webhook.visited("/recorded") if visit.form["RecordingStatus"] != "in-progress"
    }
    assert begun <= set(recordings)
    assert ended == set(recordings)
    for sid, row in recordings.items():
        assert row["status"] in ("completed", "absent")
        if row["status"] == "completed":
            await check_audio(switch, sid, int(row["duration"]))


async def check_audio(switch: RunningSwitch, sid: str, seconds: int) -> None:
    audio = await switch.client.get(f"{API}/Recordings/{sid}.wav", auth=LOGIN)
    with wave.open(io.BytesIO(audio.content)) as file:
        assert abs(file.getnframes() / file.getframerate() - seconds) <= 0.6


async def everything(client: httpx.AsyncClient, path: str, key: str) -> list[dict[str, Any]]:
    """All pages of a list."""
    rows: list[dict[str, Any]] = []
    next_page: str | None = f"{path}?PageSize=100"
    while next_page:
        page = (await client.get(next_page, auth=LOGIN)).json()
        rows += page[key]
        next_page = page["next_page_uri"]
    return rows
