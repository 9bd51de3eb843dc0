"""What the attributes of ConversationRelay change (section 2.13)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from media.frame import Samples
from media.speech.phrases import Phrase
from tests.voice.exchange import World, virtual
from tests.voice.listening.sounds import voice
from tests.voice.parrot import parrot
from tests.voice.relay.talking import connected, is_loud, notes, of, overhear, relay, say, spoken, talk
from voice.settings import Synthesizer
from voice.web.peer import SocketFailure


class Humming:
    """A speech engine that hums, and remembers who was asked for what."""

    rate = 8000

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        self.asked.append((voice, "".join(piece.text for piece in phrase.pieces).strip()))
        yield (3000 * np.sin(np.arange(4000))).astype(np.int16)


def providers(*names: str) -> dict[str, Any]:
    tables = tuple(Synthesizer(name=name, url="http://127.0.0.1:9", voice="usual") for name in names)
    return {"synthesizer": tables}


@virtual
@pytest.mark.parametrize(
    ("attributes", "child", "voice"),
    [
        ("ttsProvider='ElevenLabs' voice='UgBBYS2sOqTuMpoF3BR0'", "", "UgBBYS2sOqTuMpoF3BR0"),
        ("", "", "usual"),  # ElevenLabs is the default
        ("ttsProvider='Amazon'", "<Language code='en-US' ttsProvider='elevenlabs' voice='anna'/>", "anna"),
    ],
)
async def test_a_provider_is_the_engine_of_that_name(tmp_path: Path, attributes: str, child: str, voice: str) -> None:
    humming = Humming()
    settings = providers("ElevenLabs")
    async with talk(tmp_path, relay(attributes, child), speakers={"ElevenLabs": humming}, **settings) as (world, _, peer):
        say(peer, "Hello.")
        await world.until(lambda: bool(notes(world, "spoken")))
        assert humming.asked == [(voice, "Hello.")]


@virtual
@pytest.mark.parametrize(
    ("attributes", "engine"),
    [
        ("ttsProvider='Amazon' voice='Joanna-Neural'", "en-us+f3"),
        ("ttsProvider='Google' voice='de-DE-Standard-A'", "de+f3"),
        ("ttsProvider='Amazon' voice='nobody'", "en-us"),
    ],
)
async def test_without_one_the_voice_is_as_near_as_can_be(tmp_path: Path, attributes: str, engine: str) -> None:
    async with talk(tmp_path, relay(attributes)) as (world, _, peer):
        cast = overhear(world)
        say(peer, "Hello.")
        await world.until(lambda: bool(notes(world, "spoken")))
        assert [chosen.name for _, chosen in cast] == [engine]


@virtual
@pytest.mark.parametrize(
    ("attributes", "child", "heard"),
    [
        ("transcriptionProvider='Deepgram'", "", "by deepgram"),
        ("transcriptionProvider='Google'", "", "by the usual one"),
        ("transcriptionProvider='Google'", "<Language code='en-US' transcriptionProvider='Deepgram'/>", "by deepgram"),
    ],
)
async def test_a_recogniser_may_have_the_name_of_a_provider(tmp_path: Path, attributes: str, child: str, heard: str) -> None:
    engines = [parrot("by the usual one"), parrot("by deepgram", name="deepgram")]
    async with talk(tmp_path, relay(attributes, child), engines=engines) as (world, call, peer):
        call.say(voice(0.2, "nine to five please"))
        await world.until(lambda: bool(of(peer, "prompt")))
        assert of(peer, "prompt")[0]["voicePrompt"] == heard


@virtual
@pytest.mark.parametrize(
    ("attributes", "spoken"),
    [
        ("", "It is **free**."),
        ("ttsTextNormalization='on'", "It is free."),
        ("elevenlabsTextNormalization='auto'", "It is free."),
        ("elevenlabsTextNormalization='on' ttsTextNormalization='off'", "It is **free**."),
    ],
)
async def test_text_for_a_screen_is_made_fit_to_be_spoken(tmp_path: Path, attributes: str, spoken: str) -> None:
    humming = Humming()
    settings = providers("ElevenLabs")
    async with talk(tmp_path, relay(attributes), speakers={"ElevenLabs": humming}, **settings) as (world, _, peer):
        say(peer, "It is **free**.")
        await world.until(lambda: bool(notes(world, "spoken")))
        assert humming.asked == [("usual", spoken)]
        assert notes(world, "spoken")[0]["text"] == "It is **free**."


@virtual
@pytest.mark.parametrize("wanted", ["true", "false"])
async def test_what_a_hangup_cuts_short_is_told_where_that_is_wanted(tmp_path: Path, wanted: str) -> None:
    async with World(tmp_path, relay(f"partialPromptOnHangup='{wanted}'"), engines=[parrot("one two three four")]) as world:
        call, peer = await connected(world)
        call.say(voice("one two three four five six seven eight"))
        await asyncio.sleep(0.9)
        call.hang_up()
        await world.ended(call)
        await asyncio.sleep(0.5)
        prompts = of(peer, "prompt")
        assert bool(prompts) is (wanted == "true")
        if prompts:
            assert prompts[0]["last"] is True
            assert "one two three four".startswith(prompts[0]["voicePrompt"])
        assert peer.closed


@virtual
async def test_what_comes_back_of_the_applications_words_is_neither_a_prompt_nor_an_interruption(tmp_path: Path) -> None:
    text = "Please tell me what you would like to know about the hotel, and take your time to think about it."
    engines = [parrot("tell me what you would like", "breakfast please")]
    async with talk(tmp_path, relay("echoPromptFiltering='true'"), engines=engines) as (world, call, peer):
        say(peer, text)
        await world.until(lambda: is_loud(call))
        call.say(voice(0.3, "one two three"))
        await world.until(lambda: bool(notes(world, "echo")))
        await world.until(lambda: len(notes(world, "spoken")) == 2)
        assert of(peer, "interrupt") == of(peer, "prompt") == []
        call.say(voice(0.3, "one two three"))
        await world.until(lambda: bool(of(peer, "prompt")))
        assert of(peer, "prompt")[0]["voicePrompt"] == "breakfast please"


@virtual
async def test_who_has_to_be_surer_of_the_end_of_a_turn_waits_longer(tmp_path: Path) -> None:
    waited = []
    for number, threshold in enumerate(("0.5", "0.9")):
        noun = relay(f"eotThreshold='{threshold}'")
        async with talk(tmp_path / str(number), noun, engines=[parrot("a table")]) as (world, call, peer):
            began = asyncio.get_running_loop().time()
            call.say(voice("a table"))
            await world.until(lambda peer=peer: bool(of(peer, "prompt")))  # type: ignore[misc]
            waited.append(asyncio.get_running_loop().time() - began)
    assert waited[1] - waited[0] == pytest.approx(0.8, abs=0.1)


@virtual
@pytest.mark.parametrize("how", ["closes", "breaks"])
async def test_a_lost_connection_is_made_anew_where_that_is_wanted(tmp_path: Path, how: str) -> None:
    greeted = "applicationReconnect='true' welcomeGreeting='Hello.'"
    async with talk(tmp_path, relay(greeted), engines=[parrot("one two", "three four")]) as (world, call, first):
        if how == "closes":
            first.put(None)
        else:
            first.fail(SocketFailure("broken", "gone"))
        await world.until(lambda: len(world.dialler.peers) == 2)
        second = world.dialler.peers[-1]
        await world.until(lambda: bool(second.messages))
        assert second.messages[0]["type"] == "setup"
        assert second.messages[0]["sessionId"] == first.messages[0]["sessionId"]
        call.say(voice(0.2, "nine to five please"))
        await world.until(lambda: bool(of(second, "prompt")))
        say(second, "It goes on.")
        await world.until(lambda: len(notes(world, "spoken")) == 2)
        assert spoken(world) == ["Hello.", "It goes on."]
        assert world.reports() == []


@virtual
async def test_a_connection_that_is_lost_for_good_fails_in_the_end(tmp_path: Path) -> None:
    async with World(tmp_path, relay("applicationReconnect='true'"), engines=[parrot()]) as world:
        call, peer = await connected(world)
        world.dialler.refusal = SocketFailure("refused", "nobody listens")
        peer.fail(SocketFailure("broken", "gone"))
        await world.ended(call)
        assert world.reports() == [64105]
        assert len(notes(world, "reconnecting")) == 10
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["ErrorCode"]) == ("failed", "64105")
