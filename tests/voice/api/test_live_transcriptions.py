"""Real-time transcriptions that REST starts on a live call (section 4.10)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.voice.api.test_streams import path
from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from tests.voice.listening.sounds import voice
from tests.voice.parrot import parrot
from tests.voice.sdk import refused, sdk

TOLD = "http://app.example/told"
ENGLISH = ("en",)


def served() -> Customer:
    return Customer({"/voice": "<Gather timeout='60'/>", "/told": "", "/status": ""})


async def live(world: World, *said: str | float) -> str:
    """The SID of a call that is up."""
    alice = world.call()
    alice.say(voice(*said or (60.0,)))
    await world.until(lambda: any(line.call.status == "in-progress" for line in world.registry))
    return next(line.call.sid for line in world.registry)


@virtual
async def test_a_call_is_written_down_until_that_is_stopped_by_name(tmp_path: Path) -> None:
    customer = served()
    async with World(tmp_path, customer, engines=[parrot("hello there", languages=ENGLISH)]) as world:
        call = sdk(world).calls(await live(world, 2.0, "hello there"))
        made = await call.transcriptions.create_async(
            name="minutes",
            track="inbound_track",
            status_callback_url=TOLD,
            status_callback_method="GET",
            inbound_track_label="caller",
            outbound_track_label="desk",
            partial_results=False,
            language_code="en-GB",
            transcription_engine="deepgram",
            profanity_filter=False,
            speech_model="nova",
            hints="hello, goodbye",
            enable_automatic_punctuation=False,
            enable_provider_data=True,
        )
        assert (made.sid[:2], made.name, made.status, made.account_sid) == ("GT", "minutes", "in-progress", ACCOUNT.sid)
        assert made.uri.endswith(f"/Transcriptions/{made.sid}.json")
        await world.until(lambda: len(customer.visited("/told")) == 2)
        stopped = await call.transcriptions("minutes").update_async(status="stopped")
        assert (stopped.sid, stopped.status) == (made.sid, "stopped")
        assert await refused(call.transcriptions("minutes").update_async(status="stopped")) == (404, 20404)
        await world.until(lambda: len(customer.visited("/told")) == 3)
    started, content, stopped_form = customer.visited("/told")
    assert {visit.method for visit in customer.visits if visit.path == "/told"} == {"GET"}
    assert (started["TranscriptionSid"], started["Name"], started["LanguageCode"]) == (made.sid, "minutes", "en-GB")
    assert (started["TranscriptionEngine"], started["InboundTrackLabel"]) == ("deepgram", "caller")
    assert json.loads(started["ProviderConfiguration"])["speechModel"] == "nova"
    assert json.loads(content["TranscriptionData"])["transcript"] == "hello there"
    assert "TranscriptionProviderData" in content
    assert stopped_form["TranscriptionEvent"] == "transcription-stopped"


@virtual
async def test_without_a_name_it_is_stopped_by_its_sid(tmp_path: Path) -> None:
    async with World(tmp_path, served(), engines=[parrot()]) as world:
        call = sdk(world).calls(await live(world))
        made = await call.transcriptions.create_async()
        assert made.name is None
        assert (await call.transcriptions(made.sid).update_async(status="stopped")).status == "stopped"
        assert world.studio.ears.listening == 0


@virtual
async def test_what_rest_started_a_document_stops(tmp_path: Path) -> None:
    customer = served()
    async with World(tmp_path, customer, engines=[parrot()]) as world:
        call = sdk(world).calls(await live(world))
        await call.transcriptions.create_async(name="a", status_callback_url=TOLD)
        await call.update_async(twiml="<Response><Stop><Transcription name='a'/></Stop><Gather timeout='60'/></Response>")
        await world.until(lambda: len(customer.visited("/told")) == 2)
        assert world.reports() == []
    assert customer.visited("/told")[-1]["TranscriptionEvent"] == "transcription-stopped"


@pytest.mark.parametrize(
    ("resource", "form", "status", "code"),
    [
        ("Transcriptions", {"LanguageCode": "fr-FR"}, 400, 32651),
        ("Transcriptions", {"LanguageCode": "French, please"}, 400, 20001),
        ("Transcriptions", {"Track": "all"}, 400, 20001),
        ("Transcriptions", {"TranscriptionEngine": "parrot"}, 400, 20001),
        ("Transcriptions", {"InboundTrackLabel": "two words"}, 400, 20001),
        ("Transcriptions", {"StatusCallbackUrl": "nowhere"}, 400, 21205),
        ("Transcriptions", {"StatusCallbackMethod": "PUT"}, 400, 21209),
        ("Transcriptions/none", {"Status": "stopped"}, 404, 20404),
        ("Transcriptions/none", {"Status": "paused"}, 400, 20001),
        ("Transcriptions/none", {}, 400, 20001),
    ],
)
@virtual
async def test_what_cannot_be_started_or_stopped_has_its_code(
    tmp_path: Path, resource: str, form: dict[str, str], status: int, code: int
) -> None:
    async with World(tmp_path, served(), engines=[parrot(languages=ENGLISH)]) as world, world.client() as client:
        answer = await client.post(path(await live(world), resource), data=form)
        assert (answer.status_code, answer.json()["code"]) == (status, code)


@virtual
async def test_a_name_that_is_taken_and_a_third_track_are_refused(tmp_path: Path) -> None:
    async with World(tmp_path, served(), engines=[parrot()]) as world:
        call = sdk(world).calls(await live(world))
        await call.transcriptions.create_async(name="a", track="inbound_track")
        assert await refused(call.transcriptions.create_async(name="a", track="inbound_track")) == (400, 32650)
        await call.transcriptions.create_async(name="b", track="outbound_track")
        assert await refused(call.transcriptions.create_async(name="c", track="outbound_track")) == (400, 32650)


@virtual
async def test_there_is_nothing_to_write_down_of_a_call_that_is_not_up(tmp_path: Path) -> None:
    async with World(tmp_path, served(), engines=[parrot()]) as world, world.client() as client:
        assert (await client.post(path("CA" + "0" * 32, "Transcriptions"))).status_code == 404
        world.fake.phone("sip:bob@carrier")
        form = {"To": "sip:bob@carrier", "From": "x", "Url": "http://app.example/voice"}
        made = (await client.post(f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json", data=form)).json()
        assert (await client.post(path(made["sid"], "Transcriptions"))).status_code in (400, 404)
