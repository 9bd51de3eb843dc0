"""Real-time transcription (section 2.14), on whole calls."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.voice.exchange import NUMBER, Customer, World, virtual
from tests.voice.listening.sounds import voice
from tests.voice.parrot import parrot
from voice.story.follower import collect
from voice.story.trace import render

BOB = "sip:bob@carrier"
START = "<Start><Transcription name='a' statusCallbackUrl='/told' {}/></Start>"
WAIT = "<Gather timeout='60'/>"
COMMON = {"AccountSid", "CallSid", "TranscriptionSid", "Timestamp", "SequenceId", "TranscriptionEvent"}


def customer(attributes: str = "", then: str = WAIT) -> Customer:
    return Customer({"/voice": START.format(attributes) + then, "/told": "", "/status": ""})


def told(served: Customer) -> list[str]:
    return [form["TranscriptionEvent"].removeprefix("transcription-") for form in served.visited("/told")]


def said(served: Customer) -> list[tuple[str, str]]:
    """The track and the text of what was told for good."""
    forms = [form for form in served.visited("/told") if form.get("Final") == "true"]
    return [(form["Track"], json.loads(form["TranscriptionData"])["transcript"]) for form in forms]


@virtual
async def test_what_a_caller_says_is_told_as_text_while_the_call_goes_on(tmp_path: Path) -> None:
    """Table of the callbacks."""
    served = customer("track='inbound_track' inboundTrackLabel='agent' hints='sales, support'")
    async with World(tmp_path, served, engines=[parrot("sales please", "thank you", confidence=0.9375)]) as world:
        call = world.call()
        call.say(voice(1.0, "sales please", 2.0, "thank you"))
        await world.until(lambda: len(said(served)) == 2)
        assert not call.ended
        call.hang_up()
        await world.ended(call)
        journal = world.journal()
    started, first, second, stopped = served.visited("/told")
    assert told(served) == ["started", "content", "content", "stopped"]
    assert [int(form["SequenceId"]) for form in served.visited("/told")] == [1, 2, 3, 4]
    assert {form["TranscriptionSid"][:2] for form in served.visited("/told")} == {"GT"}
    assert set(stopped) == COMMON
    assert set(first) == COMMON | {"LanguageCode", "Track", "TranscriptionData", "Final"}
    assert (first["LanguageCode"], first["Track"], first["Final"]) == ("en-US", "inbound_track", "true")
    assert json.loads(first["TranscriptionData"]) == {"transcript": "sales please", "confidence": 0.9375}
    assert json.loads(second["TranscriptionData"])["transcript"] == "thank you"
    assert json.loads(started["ProviderConfiguration"]) == {
        "profanityFilter": "true",
        "speechModel": "telephony",
        "enableAutomaticPunctuation": "true",
        "hints": "sales, support",
        "recognizer": "parrot",
    }
    expected = {"TranscriptionEngine": "google", "Name": "a", "Track": "inbound_track", "InboundTrackLabel": "agent"}
    expected |= {"OutboundTrackLabel": "outbound_track", "PartialResults": "false", "LanguageCode": "en-US"}
    assert {name: started[name] for name in expected} == expected
    assert started["Timestamp"].endswith("Z")
    lines = "\n".join(render(collect("", lambda sid: journal)))
    assert "transcription started parrot" in lines
    assert "“sales please” in the inbound track" in lines
    assert "transcription stopped" in lines


@virtual
async def test_each_direction_is_a_track_of_its_own(tmp_path: Path) -> None:
    """The caller first, then whom he is connected with."""
    served = customer(then=f"<Dial><Sip>{BOB}</Sip></Dial>")
    async with World(tmp_path, served, engines=[parrot("hello Bob", "hello Alice")]) as world:
        bob, alice = world.fake.phone(BOB), world.call()
        await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
        alice.say(voice(0.5, "hello Bob"))
        await world.until(lambda: len(said(served)) == 1)
        bob.calls[0].say(voice(0.5, "hello Alice"))
        await world.until(lambda: len(said(served)) == 2)
        alice.hang_up()
        await world.ended(alice)
        assert world.studio.ears.listening == 0
    assert said(served) == [("inbound_track", "hello Bob"), ("outbound_track", "hello Alice")]
    assert served.visited("/told")[0]["Track"] == "both_tracks"


@virtual
async def test_what_the_switch_says_to_the_caller_is_outbound(tmp_path: Path) -> None:
    served = customer("track='outbound_track'", then="<Say>Your call is important to us.</Say>" + WAIT)
    async with World(tmp_path, served, engines=[parrot("your call is important to us")]) as world:
        call = world.call()
        call.say(voice("nobody writes down what I say"))
        await world.until(lambda: len(said(served)) == 1)
        call.hang_up()
        await world.ended(call)
    assert said(served) == [("outbound_track", "your call is important to us")]


@virtual
async def test_the_words_of_a_voice_on_the_line_are_understood_by_pocketsphinx(tmp_path: Path) -> None:
    """Hints are no grammar here: anything may be said in a conversation."""
    served = customer("track='inbound_track' hints='operator' enableProviderData='true'")
    async with World(tmp_path, served) as world:
        call = world.call()
        call.say(voice(1.0, "one two three four five six"))
        await world.until(lambda: len(said(served)) == 1)
        call.hang_up()
        await world.ended(call)
    ((_, text),) = said(served)
    assert {"two", "three", "four", "five", "six"} & set(text.split())
    assert "operator" not in text
    content = served.visited("/told")[1]
    assert "confidence" not in json.loads(content["TranscriptionData"])
    words = json.loads(content["TranscriptionProviderData"])["words"]
    assert [word["word"] for word in words] == text.split()
    assert words[0]["start"] < words[-1]["end"]


@virtual
async def test_partial_results_are_told_where_they_are_wanted(tmp_path: Path) -> None:
    text = "i would like to speak to somebody about my order"
    served = customer("partialResults='true'")
    async with World(tmp_path, served, engines=[parrot(text, confidence=0.5)]) as world:
        call = world.call()
        call.say(voice(1.0, text))
        await world.until(lambda: len(said(served)) == 1)
        call.hang_up()
        await world.ended(call)
        noted = [entry.data for entry in world.journal() if entry.kind == "transcription" and "transcript" in entry.data]
    partial = [form for form in served.visited("/told") if form.get("Final") == "false"]
    assert len(partial) >= 3
    assert all(form["Stability"] == "0" for form in partial)
    data = [json.loads(form["TranscriptionData"]) for form in partial]
    assert all(set(each) == {"transcript"} and text.startswith(each["transcript"]) for each in data)
    assert [each["transcript"] for each in noted] == [*(each["transcript"] for each in data), text]
    assert "Stability" not in served.visited("/told")[-2]


@pytest.mark.parametrize(("attributes", "text"), [("", "this is b*******"), ("profanityFilter='false'", "this is bullshit")])
def test_swear_words_are_masked_unless_the_document_wants_them(tmp_path: Path, attributes: str, text: str) -> None:
    @virtual
    async def run() -> None:
        served = customer(attributes)
        async with World(tmp_path, served, engines=[parrot("this is bullshit")]) as world:
            call = world.call()
            call.say(voice(1.0, "this is nonsense"))
            await world.until(lambda: bool(said(served)))
            call.hang_up()
            await world.ended(call)
        assert said(served)[0][1] == text

    run()


@virtual
async def test_stop_tells_what_was_said_so_far_and_no_more(tmp_path: Path) -> None:
    served = customer(then="<Gather timeout='3'/><Stop><Transcription name='a'/></Stop>" + WAIT)
    async with World(tmp_path, served, engines=[parrot("this goes on and on", "never")]) as world:
        call = world.call()
        call.say(voice(1.0, "this goes on and on and on and on and on", 1.0, "never"))
        await world.until(lambda: "stopped" in told(served))
        assert not call.ended
        assert world.studio.ears.listening == 0
        await asyncio.sleep(4)
        call.hang_up()
        await world.ended(call)
        assert world.reports() == []
    assert told(served) == ["started", "content", "stopped"]
    assert said(served) == [("inbound_track", "this goes on and on")]


@virtual
async def test_the_last_words_of_a_caller_who_hangs_up_are_told(tmp_path: Path) -> None:
    served = customer("track='inbound_track'")
    async with World(tmp_path, served, engines=[parrot("goodbye to you")]) as world:
        call = world.call()
        call.say(voice(1.0, "goodbye to you and to all the others"))
        await asyncio.sleep(2)
        call.hang_up()
        await world.ended(call)
    assert told(served) == ["started", "content", "stopped"]


@virtual
async def test_a_language_that_nobody_understands_is_an_error(tmp_path: Path) -> None:
    served = customer("languageCode='tlh'", then="<Hangup/>")
    async with World(tmp_path, served, engines=[parrot("a", languages=("en",))]) as world:
        await world.ended(world.call())
        assert world.reports() == [32651]
    (error,) = served.visited("/told")
    assert set(error) == COMMON | {"TranscriptionErrorCode", "TranscriptionError"}
    assert (error["TranscriptionEvent"], error["TranscriptionErrorCode"]) == ("transcription-error", "32651")
    assert error["TranscriptionError"] == "no recogniser of this switch understands 'tlh'"


@virtual
async def test_who_understands_is_chosen_by_language(tmp_path: Path) -> None:
    served = customer("languageCode='de-AT'")
    engines = [parrot("a", name="usual", languages=("en",)), parrot("guten tag", name="german", languages=("de",))]
    async with World(tmp_path, served, engines=engines) as world:
        call = world.call()
        call.say(voice(1.0, "guten tag"))
        await world.until(lambda: bool(said(served)))
        call.hang_up()
        await world.ended(call)
    assert said(served)[0][1] == "guten tag"
    assert served.visited("/told")[1]["LanguageCode"] == "de-AT"


@virtual
async def test_what_is_lost_is_an_error_and_the_transcription_goes_on(tmp_path: Path) -> None:
    """An engine that fails three times in a row is given up, for both tracks."""
    served = customer()
    async with World(tmp_path, served, engines=[parrot("hello")]) as world:
        call = world.call()
        call.say(voice(1.0, "hello", 2.0, "hello", 2.0, "hello", 2.0, "hello", 2.0))
        await world.until(lambda: "stopped" in told(served))
        assert not call.ended
        assert world.studio.ears.listening == 0
        call.hang_up()
        await world.ended(call)
        assert world.reports() == [32651] * 3
    assert told(served) == ["started", "content", "error", "error", "error", "stopped"]
    error = served.visited("/told")[2]["TranscriptionError"]
    assert error == "what is said in the inbound track is not understood: the parrot knows no more"


@pytest.mark.parametrize(
    ("second", "code"),
    [("<Transcription name='a' track='inbound_track'/>", 32650), ("<Transcription track='inbound_track'/>", 32650)],
)
def test_a_name_stands_for_one_transcription_and_two_tracks_are_the_most(tmp_path: Path, second: str, code: int) -> None:
    @virtual
    async def run() -> None:
        served = customer(then=f"<Start>{second}</Start><Hangup/>")
        async with World(tmp_path, served, engines=[parrot()]) as world:
            await world.ended(world.call())
            assert world.reports() == [code]
        assert told(served) == ["started", "stopped"]

    run()


@virtual
async def test_to_stop_what_does_not_run_is_a_warning(tmp_path: Path) -> None:
    served = Customer({"/voice": "<Stop><Transcription name='b'/></Stop><Hangup/>", "/status": ""})
    async with World(tmp_path, served) as world:
        await world.ended(world.call(NUMBER))
        assert world.reports() == [12200]


@virtual
async def test_a_server_that_ends_does_not_wait_for_ever_for_the_last_words(tmp_path: Path) -> None:
    served = customer("track='inbound_track'")
    async with World(tmp_path, served, engines=[parrot("never told")]) as world:
        receive = world.studio.ears.receive
        world.studio.ears.receive = lambda event: None if type(event).__name__ == "UtteranceUnderstood" else receive(event)  # type: ignore[method-assign]
        call = world.call()
        call.say(voice(0.5, "hello hello hello hello hello"))
        await world.until(lambda: world.studio.ears.listening == 1)
        await world.until(lambda: len(call.heard) > 16_000)
        await world.live_transcriptions.close()
        assert len(world.live_transcriptions) == 0
        await world.callbacks.drain(5)
        assert told(served) == ["started", "stopped"]
        call.hang_up()
        await world.ended(call)
