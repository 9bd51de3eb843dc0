"""Recognition by a server that fails, and returns: real HTTP, on whole calls."""

from __future__ import annotations

import asyncio
from pathlib import Path

from media.recognition.worker import Recipe
from tests.recognition_server import Server, recognition_server
from tests.voice.exchange import Customer, World, virtual
from tests.voice.listening.sounds import voice
from tests.voice.relay.talking import notes, of, relay, talk
from voice.listening.recognizers import AVOIDED_SECONDS, BUILT_IN, Recognizer

HINTS = 'hints="sales, support, operator"'


def remote(server: Server) -> list[Recognizer]:
    options = {"url": server.url, "model": "", "api_key": ""}
    return [Recognizer("remote", Recipe("media.recognition.remote", "Remote", options), reads_along=False), BUILT_IN]


@virtual
async def test_a_conversation_goes_on_with_the_built_in_engine_until_the_server_returns(tmp_path: Path) -> None:
    """In English, with hints. What was lost is told; the server is asked again after a while."""
    with recognition_server() as server:
        async with talk(tmp_path, relay(HINTS), engines=remote(server)) as (world, call, peer):
            server.status = 503
            call.say(voice(0.5, "operator", 2.0))
            await world.until(lambda: bool(of(peer, "error")))
            (error,) = of(peer, "error")
            assert "the recogniser answered 503" in error["description"]
            assert world.reports() == [64101]
            server.status = 200
            call.say(voice(0.5, "operator", 2.0))
            await world.until(lambda: len(of(peer, "prompt")) == 1)
            assert [note["text"] for note in notes(world, "stand-in")] == ["pocketsphinx listens"]
            await asyncio.sleep(AVOIDED_SECONDS)
            call.say(voice(0.5, "support", 2.0, "operator", 2.0))
            await world.until(lambda: len(of(peer, "prompt")) == 3)
        assert [prompt["voicePrompt"] for prompt in of(peer, "prompt")] == ["operator", "support", "Yes, please."]
        assert world.studio.ears.listening == 0


@virtual
async def test_where_nobody_can_stand_in_the_next_utterance_is_the_servers_again(tmp_path: Path) -> None:
    """Without hints, or in another language, the built-in engine would only make words up."""
    with recognition_server() as server:
        for number, attributes in enumerate(('language="en-US"', f'language="de-DE" {HINTS}')):
            folder = tmp_path / str(number)
            async with talk(folder, relay(attributes), engines=remote(server)) as (world, call, peer):
                server.status = 500
                call.say(voice(0.5, "hello", 2.0, "hello", 2.0))
                await world.until(lambda: len(of(peer, "error")) == 2)
                server.status = 200
                call.say(voice(0.5, "hello", 2.0))
                await world.until(lambda: bool(of(peer, "prompt")))
            assert [prompt["voicePrompt"] for prompt in of(peer, "prompt")] == ["Yes, please."]
            assert notes(world, "stand-in") == []


@virtual
async def test_a_server_that_is_down_leaves_the_next_gather_to_the_built_in_engine(tmp_path: Path) -> None:
    """The one that met it is empty, 13340."""
    with recognition_server() as server:
        pass  # and is gone
    gather = f'<Gather input="speech" action="/said" speechTimeout="1" {HINTS}/>'
    customer = Customer({"/voice": gather * 2, "/said": "<Hangup/>"})
    async with World(tmp_path, customer, engines=remote(server)) as world:
        call = world.call()
        call.say(voice(0.5, "operator", 3.0, "operator"))
        await world.ended(call)
        assert world.reports() == [13340]
        spoken = [(entry.data["text"], entry.data["recognizer"]) for entry in world.journal() if entry.kind == "speech"]
    assert spoken == [("operator", "pocketsphinx")]
    assert customer.visited("/said")[0]["SpeechResult"] == "operator"


@virtual
async def test_a_transcription_goes_on_behind_what_was_lost(tmp_path: Path) -> None:
    start = "<Start><Transcription statusCallbackUrl='/told'/></Start><Gather timeout='60'/>"
    customer = Customer({"/voice": start, "/told": ""})
    with recognition_server() as server:
        async with World(tmp_path, customer, engines=remote(server)) as world:
            call = world.call()
            server.status = 500
            call.say(voice(0.5, "hello", 2.0))
            await world.until(lambda: len(customer.visited("/told")) == 2)
            server.status = 200
            call.say(voice(0.5, "hello", 2.0))
            await world.until(lambda: len(customer.visited("/told")) == 3)
            call.hang_up()
            await world.ended(call)
    told = [form["TranscriptionEvent"].removeprefix("transcription-") for form in customer.visited("/told")]
    assert told == ["started", "error", "content", "stopped"]
