"""``/Recordings/{RE}``: what was recorded, as facts and as audio (sections 3.10 and 4.8)."""

from __future__ import annotations

import asyncio
import io
import wave
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from media.files import decode
from media.frame import Samples
from media.wav import header
from tests.voice.exchange import ACCOUNT, API, Customer, World, virtual
from voice.recording.conversions import MOST_CONVERSIONS
from voice.recording.recording import Recording
from voice.recording.shelf import Shelf
from voice.settings import Recordings
from voice.store.tables.recordings import RECORDINGS

SID = "RE" + "a" * 32
ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Recordings"
HERE = f"{ALL}/{SID}"


def tone(hertz: int, seconds: float) -> Samples:
    return (6000 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * 8000)) / 8000)).astype(np.int16)


async def keep(world: World, *channels: Samples) -> Recording:
    """A complete recording."""
    shelf = Shelf(world.settings.data_dir / "recordings")
    recording = Recording(
        SID,
        ACCOUNT.sid,
        "CA" + "b" * 32,
        "DialVerb",
        datetime(2030, 1, 2, tzinfo=UTC),
        channels=len(channels),
        status="processing",
    )
    audio = np.stack(channels, axis=1).astype("<i2").tobytes()
    shelf.path(SID).write_bytes(header(8000, len(channels), len(channels[0])) + audio)
    shelf.complete(recording)
    world.database.put(RECORDINGS, recording.row())
    await world.database.settle()
    return recording


def client(world: World, *, auth: tuple[str, str] | None = (ACCOUNT.sid, ACCOUNT.auth_token)) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(world.app()), base_url=API, auth=auth)


def read(body: bytes) -> Samples:
    with wave.open(io.BytesIO(body)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").reshape(-1, file.getnchannels()).T.astype(np.int16)


@pytest.mark.parametrize("ending", ["", ".wav"])
@virtual
async def test_the_audio_is_a_wav_file(tmp_path: Path, ending: str) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1), tone(900, 1))
        answer = await http.get(HERE + ending)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "audio/x-wav")
    assert read(answer.content).tolist() == [tone(500, 1).tolist(), tone(900, 1).tolist()]


@virtual
async def test_a_part_of_the_audio_can_be_had(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1))
        whole = await http.get(HERE)
        part = await http.get(HERE, headers={"Range": "bytes=44-143"})
        head = await http.head(HERE)
        beyond = await http.get(HERE, headers={"Range": "bytes=99999999-"})
    assert (part.status_code, part.headers["content-range"]) == (206, f"bytes 44-143/{len(whole.content)}")
    assert part.content == whole.content[44:144]
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(len(whole.content)), b"")
    assert beyond.status_code == 416


@virtual
async def test_an_mp3_is_made_once_and_kept(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 3))
        first, second = await http.get(HERE + ".mp3"), await http.get(HERE + ".mp3")
    assert (first.status_code, first.headers["content-type"]) == (200, "audio/mpeg")
    assert first.content == second.content
    assert first.headers["etag"] == second.headers["etag"]
    heard = decode(first.content, "audio/mpeg", 8000, 10)
    assert np.abs(np.fft.rfft(heard)).argmax() * 8000 / heard.size == pytest.approx(500, abs=1)


@virtual
async def test_two_channels_can_be_had_as_one_but_not_one_as_two(tmp_path: Path) -> None:
    """2 of a mono recording → 400 / 16113."""
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1), tone(900, 1))
        mono = await http.get(HERE + ".wav?RequestedChannels=1")
        dual = await http.get(HERE + "?RequestedChannels=2")
        small = await http.get(HERE + ".mp3?RequestedChannels=1")
        wrong = await http.get(HERE + "?RequestedChannels=3")
    assert np.abs(read(mono.content)[0] - (tone(500, 1) + tone(900, 1))).max() == 0
    assert read(dual.content).shape == (2, 8000)
    assert small.status_code == 200
    assert (wrong.status_code, wrong.json()["code"]) == (400, 20001)
    async with World(tmp_path / "mono", Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1))
        refused = await http.get(HERE + "?RequestedChannels=2")
        granted = await http.get(HERE + "?RequestedChannels=1")
    assert (refused.status_code, refused.json()["code"]) == (400, 16113)
    assert granted.status_code == 200


@virtual
async def test_the_facts_are_those_of_the_api(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 2.6))
        answer = (await http.get(HERE + ".json")).json()
    assert answer == {
        "sid": SID,
        "account_sid": ACCOUNT.sid,
        "call_sid": "CA" + "b" * 32,
        "conference_sid": None,
        "api_version": "2010-04-01",
        "status": "completed",
        "source": "DialVerb",
        "channels": 1,
        "duration": "3",
        "start_time": "Wed, 02 Jan 2030 00:00:00 +0000",
        "price": None,
        "price_unit": "USD",
        "error_code": None,
        "encryption_details": None,
        "date_created": "Wed, 02 Jan 2030 00:00:00 +0000",
        "date_updated": "Wed, 02 Jan 2030 00:00:00 +0000",
        "uri": HERE + ".json",
        "media_url": API + HERE,
        "subresource_uris": {"add_on_results": HERE + "/AddOnResults.json", "transcriptions": HERE + "/Transcriptions.json"},
    }


@virtual
async def test_a_recording_that_still_runs_has_facts_and_no_audio(tmp_path: Path) -> None:
    """Not completed or deleted: 404 / 20404. While running: `duration` is null."""
    customer = Customer({"/voice": "<Record playBeep='false' timeout='0'/>", "/status": ""})
    async with World(tmp_path, customer) as world, client(world) as http:
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        (sid,) = world.recordings._live
        facts = await http.get(f"{HERE.removesuffix(SID)}{sid}.json")
        audio = await http.get(f"{HERE.removesuffix(SID)}{sid}.wav")
        call.hang_up()
        await world.ended(call)
    assert (facts.json()["status"], facts.json()["duration"]) == ("in-progress", None)
    assert (audio.status_code, audio.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(
    "path",
    [
        HERE.replace("a" * 32, "b" * 32),
        HERE + ".ogg",
        HERE.replace(ACCOUNT.sid, "AC" + "2" * 32),
        HERE.replace(SID, "..%2F..%2Faccount.json"),
        HERE.replace(SID, SID.upper()),
    ],
)
@virtual
async def test_what_there_is_not_is_not_found(tmp_path: Path, path: str) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1))
        answer = await http.get(path)
    assert answer.status_code == 404


@virtual
async def test_the_audio_is_for_who_knows_the_token_unless_the_operator_opens_it(tmp_path: Path) -> None:
    """Basic auth required by default (account setting may open it)."""
    async with World(tmp_path, Customer()) as world:
        await keep(world, tone(500, 1))
        async with client(world, auth=None) as http:
            assert [(await http.get(HERE + ending)).status_code for ending in ("", ".mp3", ".json")] == [401, 401, 401]
        async with client(world, auth=(ACCOUNT.sid, "guess")) as http:
            assert (await http.get(HERE)).status_code == 401
    open = Recordings(authentication=False)
    async with World(tmp_path, Customer(), recordings=open) as world, client(world, auth=None) as http:
        assert [(await http.get(HERE + ending)).status_code for ending in ("", ".mp3", ".json")] == [200, 200, 401]


@virtual
async def test_a_file_that_is_gone_is_an_error_of_ours(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1), tone(900, 1))
        (tmp_path / "recordings" / f"{SID}.wav").unlink()
        answers = [await http.get(HERE + ending) for ending in (".wav", ".mp3", ".wav?RequestedChannels=1")]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(500, 20500)] * 3


async def test_too_many_who_wait_for_a_conversion_are_told_to_come_back(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        recording = await keep(world, tone(500, 120))
        asked = [world.recordings.conversions.audio(recording, "mp3", 1) for _ in range(MOST_CONVERSIONS + 3)]
        paths = await asyncio.gather(*asked)
    assert len([path for path in paths if path is None]) == 3
    assert {path.suffix for path in paths if path is not None} == {".mp3"}


@virtual
async def test_recordings_are_listed_by_call_conference_and_day(tmp_path: Path) -> None:
    conference = {"call_sid": None, "conference_sid": "CF" + "c" * 32}
    async with World(tmp_path, Customer()) as world, client(world) as http:
        first = (await keep(world, tone(500, 1))).row()
        others: list[dict[str, Any]] = [{}, conference, {"account_sid": "AC" + "9" * 32}]
        for number, more in enumerate(others):
            made = datetime(2030, 1, 3 + number, tzinfo=UTC)
            world.database.put(RECORDINGS, {**first, "sid": f"RE{number:032}", "date_created": made, **more})

        async def listed(query: str = "") -> list[str]:
            answer = (await http.get(f"{ALL}.json?{query}")).json()
            return [recording["sid"] for recording in answer["recordings"]]

        assert await listed() == [f"RE{1:032}", f"RE{0:032}", SID]
        assert await listed("PageSize=1&Page=0") == [f"RE{1:032}"]
        assert await listed(f"CallSid={first['call_sid']}") == [f"RE{0:032}", SID]
        assert await listed(f"ConferenceSid=CF{'c' * 32}") == [f"RE{1:032}"]
        assert await listed("DateCreated=2030-01-02") == [SID]
        assert await listed("DateCreated%3E=2030-01-03T00:00:00Z") == [f"RE{1:032}", f"RE{0:032}"]
        assert (await http.get(f"{ALL}/RE{2:032}.json")).status_code == 404
        assert (await http.get(f"{ALL}.json?CallSid=somebody")).json()["code"] == 20001


@virtual
async def test_what_is_deleted_is_known_for_a_while_and_never_heard_again(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client(world) as http:
        await keep(world, tone(500, 1), tone(900, 1))
        for ending in (".mp3", ".wav?RequestedChannels=1"):
            assert (await http.get(HERE + ending)).status_code == 200
        assert (await http.delete(HERE + ".json")).status_code == 204
        assert not list((tmp_path / "recordings").iterdir())
        for path in (HERE, HERE + ".mp3", HERE + ".json"):
            assert (await http.get(path)).status_code == 404
        assert (await http.delete(HERE + ".json")).status_code == 404
        assert (await http.get(ALL + ".json")).json()["recordings"] == []
        kept = (await http.get(HERE + ".json?IncludeSoftDeleted=true")).json()
        assert (kept["status"], kept["duration"]) == ("deleted", "1")
        assert (await http.get(ALL + ".json?IncludeSoftDeleted=true")).json()["recordings"] == [kept]


@virtual
async def test_a_recording_that_runs_cannot_be_deleted(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Record playBeep='false' timeout='0'/>", "/status": ""})
    async with World(tmp_path, customer) as world, client(world) as http:
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        (running,) = (await http.get(ALL + ".json")).json()["recordings"]
        refused = await http.delete(f"{ALL}/{running['sid']}.json")
        call.hang_up()
        await world.ended(call)
    assert (running["status"], running["price_unit"]) == ("in-progress", None)
    assert (refused.status_code, refused.json()["code"]) == (400, 20009)
