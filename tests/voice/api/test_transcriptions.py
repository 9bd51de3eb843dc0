"""``/Transcriptions``: recordings as text (section 4.15)."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

import httpx
import pytest

from media.recognition.engine import Transcript
from tests.voice.databases import copy_database
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.listening.sounds import voice
from tests.voice.parrot import parrot
from tests.voice.recording.test_recordings import talk, tone
from voice.errors import TranscriptionFailed

ROOT = f"/2010-04-01/Accounts/{ACCOUNT.sid}"
DOCUMENT = "<Record timeout='2' action='/next' transcribe='true' transcribeCallback='/text'/>"


class Scribe:
    """A speech engine that knows what it will hear, or that it cannot hear anything."""

    def __init__(self, words: str = "") -> None:
        self.words = words

    async def transcribe(self, path: Path, language: str, seconds: float) -> Transcript:
        """See Transcriber."""
        assert path.is_file()
        if not self.words:
            raise TranscriptionFailed("nothing but noise")
        return Transcript(self.words)


@pytest.fixture
def customer() -> Customer:
    return Customer({"/next": "<Hangup/>", "/text": "", "/status": ""})


async def transcribed(world: World, scribe: Scribe) -> None:
    """A call whose message is transcribed."""
    world.resources.transcriptions._transcriber = scribe
    await talk(world, DOCUMENT, lambda call: call.say(tone(500, 4)))
    await world.callbacks.drain(5)


async def listed(client: httpx.AsyncClient, path: str) -> list[dict[str, Any]]:
    answer = await client.get(ROOT + path)
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["transcriptions"]
    return found


def kill(source: Path, target: Path) -> None:
    """What a process that is killed now leaves on the disk, in another folder."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.sqlite*"))
    copy_database(source, target)


@virtual
async def test_what_was_said_can_be_read_and_deleted(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        await transcribed(world, Scribe("please call me back"))
        (told,) = customer.visited("/text")
        (one,) = await listed(client, "/Transcriptions.json")
        own = f"/Recordings/{told['RecordingSid']}/Transcriptions"
        (same,) = await listed(client, own + ".json")
        assert (await client.get(one["uri"])).json() == one
        assert (await client.get(same["uri"])).json() == same
        assert same == {**one, "uri": f"{ROOT}{own}/{one['sid']}.json"}
        assert (await client.get(f"{ROOT}/Recordings/RE{'0' * 32}/Transcriptions.json")).status_code == 404
        assert (await client.get(f"{ROOT}/Recordings/RE{'0' * 32}/Transcriptions/{one['sid']}.json")).status_code == 404
        assert (await client.delete(same["uri"])).status_code == 204
        assert (await client.delete(one["uri"])).status_code == 404
        assert await listed(client, "/Transcriptions.json") == []
    assert (told["TranscriptionStatus"], told["TranscriptionText"]) == ("completed", "please call me back")
    assert (one["sid"], one["recording_sid"]) == (told["TranscriptionSid"], told["RecordingSid"])
    assert (one["status"], one["type"], one["duration"], one["transcription_text"]) == (
        "completed",
        "fast",
        "4",
        "please call me back",
    )
    assert told["TranscriptionUrl"].endswith(f"{own}/{one['sid']}")


@virtual
async def test_a_transcription_that_failed_is_blank(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path, customer) as world, world.client() as client:
        await transcribed(world, Scribe())
        (one,) = await listed(client, "/Transcriptions.json")
        assert world.reports() == [13619]
    assert (one["status"], one["transcription_text"]) == ("failed", "(blank)")


@virtual
async def test_a_transcription_that_a_restart_cut_off_is_made_and_told_afterwards(tmp_path: Path, customer: Customer) -> None:
    async with World(tmp_path / "killed", customer) as world, world.client() as client:
        slow = Slow()
        world.resources.transcriptions._transcriber = slow
        await talk(world, DOCUMENT, lambda call: call.say(tone(500, 4)))
        await world.until(lambda: slow.asked)
        await world.database.settle()
        (waiting,) = await listed(client, "/Transcriptions.json")
        assert (await client.delete(waiting["uri"])).json()["code"] == 20009
        kill(tmp_path / "killed", tmp_path / "next")
    assert waiting["status"] == "in-progress"
    assert not customer.visited("/text")
    async with World(tmp_path / "next", customer) as world, world.client() as client:
        world.resources.transcriptions._transcriber = Scribe("better late than never")
        await world.resources.transcriptions.recover()
        await world.until(lambda: bool(customer.visited("/text")))
        (done,) = await listed(client, "/Transcriptions.json")
    (told,) = customer.visited("/text")
    assert (told["TranscriptionSid"], told["TranscriptionText"]) == (waiting["sid"], "better late than never")
    assert (told["From"], told["Direction"]) == ("+15550001", "inbound")
    assert (done["sid"], done["status"]) == (waiting["sid"], "completed")


@virtual
async def test_a_recording_that_a_crash_cut_off_is_transcribed_too(tmp_path: Path, customer: Customer) -> None:
    customer.answers["/voice"] = DOCUMENT
    async with World(tmp_path / "killed", customer) as world:
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        call.say(tone(500, 60))
        await asyncio.sleep(5)
        kill(tmp_path / "killed", tmp_path / "next")
        call.hang_up()
        await world.ended(call)
    customer.visits.clear()
    async with World(tmp_path / "next", customer) as world:
        world.resources.transcriptions._transcriber = Scribe("hello")
        await world.recordings.recover(world.resources.transcriptions.order)
        await world.until(lambda: bool(customer.visited("/text")))
    (told,) = customer.visited("/text")
    assert (told["TranscriptionText"], told["From"]) == ("hello", "+15550001")


BOTH = "<Start><Recording channels='dual' trim='do-not-trim'/></Start><Say>Who is calling, please?</Say><Pause length='8'/>"


@virtual
async def test_a_whole_call_is_transcribed_by_speaker(tmp_path: Path, customer: Customer) -> None:
    engines = [parrot("who is calling please", "good morning operator", "it is me")]
    async with World(tmp_path, customer, engines=engines) as world, world.client() as client:
        await talk(world, BOTH, lambda call: call.say(voice(3.0, "good morning operator", 1.5, "it is me")))
        (recording,) = (await client.get(ROOT + "/Recordings.json")).json()["recordings"]
        assert recording["channels"] == 2
        path = f"{ROOT}/Recordings/{recording['sid']}/Transcriptions.json"
        form = {"TranscribeCallback": f"{HOST}/text", "Language": "en-GB"}
        asked = await client.post(path, data=form)
        assert (asked.status_code, asked.json()["status"]) == (201, "in-progress")
        await world.until(lambda: bool(customer.visited("/text")))
        (one,) = await listed(client, "/Transcriptions.json")
        sentences = (await client.get(f"{ROOT}/Transcriptions/{one['sid']}/Sentences.json")).json()["sentences"]
        assert [(each["sentence_index"], each["media_channel"], each["speaker"], each["transcript"]) for each in sentences] == [
            (0, 2, "outbound", "who is calling please"),
            (1, 1, "inbound", "good morning operator"),
            (2, 1, "inbound", "it is me"),
        ]
        starts = [each["start_time"] for each in sentences]
        assert starts == sorted(starts)
        assert all(each["start_time"] < each["end_time"] for each in sentences)
        assert one["transcription_text"] == "who is calling please good morning operator it is me"
        assert (await client.delete(one["uri"])).status_code == 204
        assert (await client.get(f"{ROOT}/Transcriptions/{one['sid']}/Sentences.json")).status_code == 404
    (told,) = customer.visited("/text")
    assert (told["TranscriptionText"], told["CallSid"]) == (one["transcription_text"], recording["call_sid"])


@virtual
async def test_what_cannot_be_transcribed_is_refused(tmp_path: Path, customer: Customer) -> None:
    engines = [parrot("hello", languages=("en",))]
    async with World(tmp_path, customer, engines=engines) as world, world.client() as client:
        missing = f"{ROOT}/Recordings/RE{'0' * 32}/Transcriptions.json"
        assert (await client.post(missing)).status_code == 404
        customer.answers["/voice"] = BOTH
        call = world.call()
        await world.until(lambda: world.mixer.taps.recordings > 0)
        (recording,) = (await client.get(ROOT + "/Recordings.json")).json()["recordings"]
        path = f"{ROOT}/Recordings/{recording['sid']}/Transcriptions.json"
        assert (await client.post(path)).json()["code"] == 20009
        await asyncio.sleep(3)
        call.hang_up()
        await world.ended(call)
        await world.until(lambda: not len(world.recordings))
        assert (await client.post(path, data={"Language": "fi-FI"})).json()["code"] == 20001
        assert (await client.post(path, data={"Language": "<b>"})).status_code == 400
        assert (await client.post(path, data={"TranscribeCallback": "nonsense"})).status_code == 400
        assert await listed(client, "/Transcriptions.json") == []


class Slow:
    """A speech engine that never comes to an end."""

    asked = False

    async def transcribe(self, path: Path, language: str, seconds: float) -> Transcript:
        """See Transcriber."""
        self.asked = True
        await asyncio.sleep(3600)
        return Transcript()
