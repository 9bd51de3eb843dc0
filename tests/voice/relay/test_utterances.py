"""What an application says on the way to the caller's ear: in pieces, in order, and as it was meant (section 5.2, talk cycle)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from media.errors import SpeechFailed
from media.frame import Samples
from media.speech.phrases import Phrase
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.parrot import parrot
from tests.voice.relay.talking import connected, is_loud, of, overhear, relay, say, spoken, talk, tell
from voice.relay.utterances import LONGEST_WAIT_SECONDS, PAUSE_SECONDS
from voice.settings import SpeechEngines


@virtual
async def test_words_do_not_wait_for_a_full_stop_that_does_not_come(tmp_path: Path) -> None:
    async with talk(tmp_path, relay()) as (world, call, peer):
        say(peer, "let me look that u", last=False)
        await asyncio.sleep(PAUSE_SECONDS - 0.1)
        assert not is_loud(call)
        await world.until(lambda: len(spoken(world)) == 1)
        say(peer, "p", last=False)
        say(peer, "", last=True)
        await world.until(lambda: len(spoken(world)) == 2)
        assert spoken(world) == ["let me look that", " up"]


@virtual
async def test_tokens_that_come_slowly_but_steadily_do_not_keep_the_caller_waiting(tmp_path: Path) -> None:
    async with talk(tmp_path, relay()) as (_, call, peer):
        began = asyncio.get_running_loop().time()
        for _ in range(12):
            say(peer, "blah ", last=False)
            await asyncio.sleep(PAUSE_SECONDS - 0.1)
            if is_loud(call, 0.1):
                break
        assert asyncio.get_running_loop().time() - began < LONGEST_WAIT_SECONDS + PAUSE_SECONDS


@virtual
async def test_words_that_come_while_others_are_heard_follow_them(tmp_path: Path) -> None:
    async with talk(tmp_path, relay()) as (world, _, peer):
        say(peer, "One moment please. ", last=False)
        say(peer, "I am still ", last=False)
        await world.until(lambda: len(spoken(world)) == 1)
        say(peer, "looking ", last=False)
        await world.until(lambda: len(spoken(world)) == 2)
        assert spoken(world) == ["One moment please.", " I am still looking"]


@virtual
async def test_what_a_file_cuts_short_is_spoken_as_it_was_begun(tmp_path: Path) -> None:
    async with talk(tmp_path, relay()) as (world, _, peer):
        said = overhear(world)
        say(peer, "Guten Abend, hören Sie", last=False, lang="de-DE", interruptible=False)
        tell(peer, "play", source=f"{HOST}/missing.wav")
        await world.until(lambda: bool(of(peer, "error")))
        assert [(text, cast.language) for text, cast in said] == [("Guten Abend,", "de-DE"), (" hören Sie", "de-DE")]


@virtual
@pytest.mark.parametrize(
    ("kind", "content"),
    [("play", {"source": f"{HOST}/missing.wav"}), ("sendDigits", {"digits": "1"}), ("text", {"token": "Yes. "})],
)
async def test_what_finds_no_place_is_an_error_once(tmp_path: Path, kind: str, content: dict[str, str]) -> None:
    async with talk(tmp_path, relay()) as (world, call, peer):
        say(peer, "A long sentence that is spoken meanwhile, and goes on for a good while.", last=False)
        for _ in range(2_005):
            tell(peer, kind, **content)
        await world.until(lambda: any("too much" in message["description"] for message in of(peer, "error")))
        assert len([message for message in of(peer, "error") if "too much" in message["description"]]) == 1
        assert 64111 in world.reports()
        assert not call.ended


class Mute:
    """A speech engine that is out of order."""

    rate = 8000

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        raise SpeechFailed("no answer")


@virtual
@pytest.mark.parametrize("twiml", ["<Connect><ConversationRelay url='wss://a.example/'/></Connect>", "<Say>Hello.</Say>"])
async def test_the_journal_of_a_call_tells_who_stands_in_for_a_voice(tmp_path: Path, twiml: str) -> None:
    speech = SpeechEngines(languages={"en-US": "server:alloy"})
    customer = Customer({"/voice": twiml})
    async with World(tmp_path, customer, engines=[parrot()], speakers={"server": Mute()}, speech=speech) as world:
        if "Say" in twiml:
            call = world.call()
        else:
            call, peer = await connected(world)
            say(peer, "Hello.")
            await world.until(lambda: is_loud(call))
            await asyncio.sleep(2)
            tell(peer, "end")
        await world.ended(call)
        (told,) = [entry.data for entry in world.journal() if entry.kind == "report"]
        assert told["code"] == 13511
        assert told["message"] == "server does not speak: no answer: en-us stands in"


@virtual
@pytest.mark.parametrize("why", ["interrupted", "preempted"])
async def test_a_file_that_is_cut_off_while_it_is_fetched_is_not_waited_for(tmp_path: Path, why: str) -> None:
    customer = relay("dtmfDetection='true'")
    customer.delays["/slow.wav"] = 10
    async with talk(tmp_path, customer) as (world, call, peer):
        tell(peer, "play", source=f"{HOST}/slow.wav", preemptible=True)
        await world.until(lambda: bool(customer.visited("/slow.wav")))
        if why == "interrupted":
            call.press("1")
            await world.until(lambda: bool(of(peer, "interrupt")))
        began = asyncio.get_running_loop().time()
        say(peer, "Here I am.")
        await world.until(lambda: spoken(world) == ["Here I am."])
        assert asyncio.get_running_loop().time() - began < 5
        assert of(peer, "error") == []


@virtual
async def test_what_follows_an_interruption_is_an_utterance_of_its_own(tmp_path: Path) -> None:
    async with talk(tmp_path, relay("dtmfDetection='true'")) as (world, call, peer):
        for number in range(1, 3):
            say(peer, "One two three four five six seven eight nine ten eleven twelve.", last=False)
            await world.until(lambda: is_loud(call))
            await asyncio.sleep(1)
            call.press("1")
            await world.until(lambda number=number: len(of(peer, "interrupt")) == number)  # type: ignore[misc]
            await asyncio.sleep(0.3)
        assert all(message["utteranceUntilInterrupt"].count("One") == 1 for message in of(peer, "interrupt"))
