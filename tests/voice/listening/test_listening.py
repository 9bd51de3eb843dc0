"""Gather with speech (section 2.4), on whole calls."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx
import numpy as np
import pytest

from media.frame import Samples
from media.wav import header
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.listening.sounds import cough, noise, voice
from tests.voice.parrot import parrot
from voice.listening.profanity import mask
from voice.story.follower import collect
from voice.story.trace import render

GATHER = '<Gather input="dtmf speech" action="/said" {}>{}</Gather>'
PROMPT = "<Say>Sales, support or operator? Take all the time you need to think about it, and then tell me.</Say>"


async def speaking(world: World) -> None:
    """Until a voice is heard."""
    await world.until(lambda: bool(world.customer.visited("/voice")))
    await world.until(lambda: any(entry.kind == "voice" for entry in world.journal()))


def recording(samples: Samples) -> httpx.Response:
    """A file that a customer's server has."""
    content = header(8000, 1, samples.size) + samples.tobytes()
    return httpx.Response(200, headers={"Content-Type": "audio/wav"}, content=content)


@virtual
async def test_a_word_that_was_hinted_at_is_understood_by_pocketsphinx(tmp_path: Path) -> None:
    hinted = GATHER.format('hints="sales, support, operator" speechTimeout="auto"', PROMPT)
    customer = Customer({"/voice": hinted, "/said": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        call = world.call()
        call.say(voice(2.0, "operator"))
        await world.ended(call)
        journal = world.journal()
    (form,) = customer.visited("/said")
    assert form["SpeechResult"] == "operator"
    assert form["Language"] == "en-US"
    assert "Digits" not in form
    lines = "\n".join(render(collect(form["CallSid"], lambda sid: journal), full=False))
    assert "“operator” understood by pocketsphinx" in lines
    played = [entry for entry in journal if entry.kind == "played"]
    assert played == [], "the prompt was interrupted"


@virtual
async def test_behind_a_long_cough_the_prompt_goes_on_where_it_was(tmp_path: Path) -> None:
    """Until words come: those end it. What `speechTimeout` says of speech is not for coughs."""
    tone = (8000 * np.sin(2 * np.pi * 440 * np.arange(8 * 8000) / 8000)).astype(np.int16)
    prompt = "<Play>/tone.wav</Play>" + PROMPT
    customer = Customer({"/voice": GATHER.format('speechTimeout="4"', prompt), "/said": "<Hangup/>"})
    customer.answers["/tone.wav"] = recording(tone)
    async with World(tmp_path, customer, engines=[parrot("", "support please")]) as world:
        call = world.call()
        call.say(voice(3.0, noise(0.3), 7.0, "support please"))
        await world.ended(call)
        journal = world.journal()
    waits = [entry for entry in journal if entry.kind == "waiting"]
    assert [entry.data["on"] for entry in waits] == [True, False, True]
    assert 0.5 < waits[1].at - waits[0].at < 1.2
    (began, played) = (next(entry.at for entry in journal if entry.kind == kind) for kind in ("playing", "played"))
    assert played - began == pytest.approx(8 + waits[1].at - waits[0].at, abs=0.1), "all of the tone was heard"
    assert [entry.data["what"] for entry in journal if entry.kind == "played"] == [HOST + "/tone.wav"]
    (form,) = customer.visited("/said")
    assert form["SpeechResult"] == "support please"


@virtual
async def test_where_words_come_at_the_end_alone_the_prompt_waits_for_that(tmp_path: Path) -> None:
    """A short answer must not be talked over, because its recogniser tells nothing before it is over."""
    customer = Customer({"/voice": GATHER.format('speechTimeout="3"', PROMPT), "/said": "<Hangup/>"})
    engine = replace(parrot("", "yes"), reads_along=False)
    async with World(tmp_path, customer, engines=[engine]) as world:
        call = world.call()
        call.say(voice(1.0, noise(0.3), 4.0, "yes"))
        await world.ended(call)
        waits = [(entry.at, entry.data["on"]) for entry in world.journal() if entry.kind == "waiting"]
    assert [on for _, on in waits] == [True, False, True]
    assert waits[1][0] - waits[0][0] == pytest.approx(3.2, abs=0.2)
    assert customer.visited("/said")[0]["SpeechResult"] == "yes"


@virtual
async def test_a_prompt_that_has_not_arrived_waits_too(tmp_path: Path) -> None:
    tone = np.full(8000, 5000, np.int16)
    customer = Customer({"/voice": GATHER.format('speechTimeout="1"', "<Play>/tone.wav</Play>"), "/said": "<Hangup/>"})
    customer.answers["/tone.wav"], customer.delays["/tone.wav"] = recording(tone), 3.0
    async with World(tmp_path, customer, engines=[parrot("one two three")]) as world:
        call = world.call()
        call.say(voice(2.0, "one two three four five six seven eight"))
        await world.ended(call)
        kinds = [entry.kind for entry in world.journal()]
    assert "waiting" in kinds
    assert "playing" not in kinds
    assert customer.visited("/said")[0]["SpeechResult"] == "one two three"


@virtual
async def test_a_cough_neither_stops_the_prompt_nor_is_input(tmp_path: Path) -> None:
    customer = Customer({"/voice": GATHER.format('timeout="2"', PROMPT) + "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot()]) as world:
        call = world.call()
        call.say(voice(1.0, cough(), 0.5, cough()))
        await world.ended(call)
        kinds = [entry.kind for entry in world.journal()]
    assert "voice" not in kinds
    assert "played" in kinds
    assert customer.visited("/said") == []


@virtual
async def test_sound_without_words_is_no_input_and_the_caller_may_still_speak(tmp_path: Path) -> None:
    customer = Customer({"/voice": GATHER.format('timeout="3" speechTimeout="1"', ""), "/said": "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot("", "support please", confidence=0.75)]) as world:
        call = world.call()
        call.say(voice(2.0, noise(0.6), 3.5, "support please"))
        await world.ended(call)
        spoken = [entry.data["text"] for entry in world.journal() if entry.kind == "speech"]
    assert spoken == ["", "support please"]
    (form,) = customer.visited("/said")
    assert (form["SpeechResult"], form["Confidence"]) == ("support please", "0.75")


@virtual
async def test_what_is_understood_so_far_is_told_in_order(tmp_path: Path) -> None:
    text = "i would like to speak to somebody about my order"
    gather = GATHER.format('partialResultCallback="/partial" speechTimeout="1"', "")
    customer = Customer({"/voice": gather, "/said": "<Hangup/>"})
    customer.delays["/partial"] = 0.4
    async with World(tmp_path, customer, engines=[parrot(text)]) as world:
        call = world.call()
        call.say(voice(1.0, text))
        await world.ended(call)
        await world.until(lambda: len(customer.visited("/partial")) >= 8, 20)
    partial = customer.visited("/partial")
    assert [int(form["SequenceNumber"]) for form in partial] == list(range(len(partial)))
    assert all(text.startswith(form["UnstableSpeechResult"]) for form in partial)
    assert [len(form["UnstableSpeechResult"]) for form in partial] == sorted(len(f["UnstableSpeechResult"]) for f in partial)
    assert {form["CallStatus"] for form in partial} == {"in-progress"}


@virtual
async def test_speech_ends_after_the_silence_that_was_asked_for(tmp_path: Path) -> None:
    """`speechTimeout`: a pause that is shorter belongs to it."""
    customer = Customer({"/voice": GATHER.format('speechTimeout="2"', ""), "/said": "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot("one thing and another")]) as world:
        call = world.call()
        call.say(voice(1.0, "one thing", 1.5, "and another"))
        await world.ended(call)
        journal = world.journal()
    end = next(entry.at for entry in journal if entry.kind == "speech")
    length = (voice(1.0, "one thing", 1.5, "and another").size) / 8000
    assert length + 1.8 < end < length + 2.5


@pytest.mark.parametrize(("said_so_far", "pause"), [("that is all", 0.8), ("i want to", 1.8), ("yes", 0.5)])
def test_auto_ends_at_the_first_pause_that_sounds_like_an_end(tmp_path: Path, said_so_far: str, pause: float) -> None:
    """`speechTimeout="auto"`."""

    @virtual
    async def run() -> None:
        customer = Customer({"/voice": GATHER.format('speechTimeout="auto" hints="yes, no"', ""), "/said": "<Hangup/>"})
        async with World(tmp_path, customer, engines=[parrot(said_so_far)]) as world:
            call = world.call()
            call.say(voice(1.0, "that would be all, I think"))
            await world.ended(call)
            end = next(entry.at for entry in world.journal() if entry.kind == "speech")
            assert end - (voice(1.0, "that would be all, I think").size / 8000) == pytest.approx(pause, abs=0.2)

    run()


@virtual
async def test_who_never_stops_speaking_is_cut_off(tmp_path: Path) -> None:
    """`maxSpeechTime`."""
    customer = Customer({"/voice": GATHER.format('maxSpeechTime="3"', ""), "/said": "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot("on and on")]) as world:
        call = world.call()
        call.say(voice(0.5, *["and on and on we go and nobody will ever stop me because I like to talk"] * 3))
        await world.ended(call)
        journal = world.journal()
    begun = next(entry.at for entry in journal if entry.kind == "voice")
    assert next(entry.at for entry in journal if entry.kind == "speech") == pytest.approx(begun + 3, abs=0.1)
    assert customer.visited("/said")[0]["SpeechResult"] == "on and on"


@virtual
async def test_a_key_wins_over_a_voice_of_which_nothing_was_understood(tmp_path: Path) -> None:
    customer = Customer({"/voice": GATHER.format('numDigits="1"', ""), "/said": "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot("")]) as world:
        call = world.call()
        call.say(voice(1.0, noise(4.0)))
        await speaking(world)
        call.press("5")
        await world.ended(call)
        assert world.studio.ears.listening == 0
    assert customer.visited("/said")[0]["Digits"] == "5"


@virtual
async def test_a_recogniser_that_fails_makes_it_empty(tmp_path: Path) -> None:
    """13340."""
    customer = Customer({"/voice": GATHER.format("", "") + "<Redirect>/next</Redirect>", "/next": "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot()]) as world:
        call = world.call()
        call.say(voice(1.0, "hello there"))
        await world.ended(call)
        assert world.reports() == [13340]
    assert customer.visited("/said") == []
    assert len(customer.visited("/next")) == 1


@virtual
async def test_a_recogniser_that_does_not_answer_is_not_waited_for(tmp_path: Path) -> None:
    customer = Customer({"/voice": GATHER.format('speechTimeout="1"', ""), "/said": "<Hangup/>"})
    async with World(tmp_path, customer, engines=[parrot("never")]) as world:
        world.studio.ears.receive = lambda event: None if type(event).__name__ == "UtteranceUnderstood" else receive(event)  # type: ignore[method-assign]
        receive = type(world.studio.ears).receive.__get__(world.studio.ears)
        call = world.call()
        call.say(voice(1.0, "hello there"))
        await world.ended(call)
        assert world.reports() == [13340]


@virtual
async def test_who_understands_is_chosen_by_language_and_model(tmp_path: Path) -> None:
    gathers = "".join(
        f'<Gather input="speech" timeout="2" speechTimeout="1" language="{tag}"/>' for tag in ("de-AT", "fr-FR", "en-GB")
    )
    engines = [parrot("a", "b", name="usual", languages=("en",)), parrot("c", name="german", languages=("de",))]
    answers = {"/voice": gathers.replace("<Gather", '<Gather action="/said"', 1)}
    customer = Customer({**answers, "/said": gathers.replace('language="de-AT"', 'language="fr-FR"')})
    async with World(tmp_path, customer, engines=engines) as world:
        call = world.call()
        call.say(voice(0.5, "guten tag", 3.0, "bonjour", 3.0, "hello"))
        await world.ended(call)
        journal = world.journal()
    assert [entry.data["recognizer"] for entry in journal if entry.kind == "speech"][:2] == ["german", "usual"]
    assert 13331 in [entry.data["code"] for entry in journal if entry.kind == "report"], "nobody understands French"


@virtual
async def test_swear_words_are_masked_unless_the_document_wants_them(tmp_path: Path) -> None:
    customer = Customer(
        {
            "/voice": GATHER.format('speechTimeout="1"', ""),
            "/said": GATHER.format('speechTimeout="1" profanityFilter="false"', ""),
        }
    )
    async with World(tmp_path, customer, engines=[parrot("this is bullshit", "this is bullshit")]) as world:
        call = world.call()
        call.say(voice(1.0, "this is nonsense", 3.0, "this is nonsense"))
        await world.until(lambda: len(customer.visited("/said")) == 2)
        call.hang_up()
        await world.ended(call)
    assert [form["SpeechResult"] for form in customer.visited("/said")] == ["this is b*******", "this is bullshit"]


def test_only_whole_words_are_masked() -> None:
    assert mask("Shit, the class of Scunthorpe passed the glass") == "S***, the class of Scunthorpe passed the glass"
    assert mask("FUCKING asses") == "F****** a****"


@virtual
async def test_nothing_is_left_of_a_caller_who_hangs_up_while_speaking(tmp_path: Path) -> None:
    customer = Customer({"/voice": GATHER.format("", "")})
    async with World(tmp_path, customer, engines=[parrot("hello")]) as world:
        call = world.call()
        call.say(voice(0.5, "hello hello hello hello"))
        await speaking(world)
        call.hang_up()
        await world.ended(call)
        assert world.studio.ears.listening == 0
    assert customer.visited("/said") == []
