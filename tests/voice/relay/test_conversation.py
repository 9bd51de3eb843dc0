"""ConversationRelay on whole calls: an application talks in text with a caller who speaks, presses keys and interrupts (section 5.2)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from tests.voice.exchange import HOST, NUMBER, World, virtual
from tests.voice.listening.sounds import noise, voice
from tests.voice.parrot import parrot
from tests.voice.relay.talking import connected, is_loud, notes, of, overhear, relay, say, talk, tell
from voice.story.follower import collect
from voice.story.trace import render
from voice.web.peer import SocketFailure


@virtual
async def test_the_first_message_tells_who_calls_whom(tmp_path: Path) -> None:
    customer = relay(children="<Parameter name='tenant' value='t42'/>")
    async with talk(tmp_path, customer) as (_, _, peer):
        (setup,) = of(peer, "setup")
        form = customer.visited("/voice")[0]
        assert setup == {
            "type": "setup",
            "sessionId": setup["sessionId"],
            "accountSid": form["AccountSid"],
            "parentCallSid": "",
            "callSid": form["CallSid"],
            "from": "+15550001",
            "to": NUMBER,
            "forwardedFrom": "",
            "callType": "PSTN",
            "callerName": "",
            "direction": "inbound",
            "callStatus": "IN_PROGRESS",
            "customParameters": {"tenant": "t42"},
        }
        assert setup["sessionId"].startswith("VX")


@virtual
async def test_text_is_spoken_piece_by_piece_and_the_caller_answers(tmp_path: Path) -> None:
    async with World(tmp_path, relay("events='tokens-played speaker-events'"), engines=[parrot("nine to five please")]) as world:
        call, peer = await connected(world)
        for token in ("Hello ", "there. ", "What can ", "I do"):
            say(peer, token, last=False)
        await world.until(lambda: is_loud(call) and bool(of(peer, "info")))
        assert [message["value"] for message in of(peer, "info")] == ["on"]
        say(peer, " for you?")
        await world.until(lambda: len(notes(world, "spoken")) == 2)
        assert [note["text"] for note in notes(world, "spoken")] == ["Hello there.", " What can I do for you?"]
        await asyncio.sleep(0.2)
        call.say(voice(0.2, "nine to five please"))
        await world.until(lambda: bool(of(peer, "prompt")))
        assert of(peer, "prompt") == [{"type": "prompt", "voicePrompt": "nine to five please", "lang": "en-US", "last": True}]
        named = [(message["name"], message["value"]) for message in of(peer, "info")]
        assert ("agentSpeaking", "off") in named
        assert ("tokensPlayed", "Hello there.") in named
        call.hang_up()
        await world.ended(call)
        trace = "\n".join(render(collect("", lambda sid: world.journal())))
        assert "the application says: Hello there." in trace
        assert "“nine to five please” is told to the application" in trace
        assert "conversation is over: completed" in trace
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["CallStatus"]) == ("completed", "completed")
    assert "HandoffData" not in form


@virtual
async def test_who_speaks_up_cuts_the_application_off(tmp_path: Path) -> None:
    async with talk(tmp_path, relay(), engines=[parrot("stop it")]) as (world, call, peer):
        text = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen."
        say(peer, text, last=False)
        say(peer, " And much more after that, which nobody will hear. Never ever.")
        await world.until(lambda: is_loud(call))
        await asyncio.sleep(1.5)
        before = call.heard.size
        call.say(voice("stop it"))
        await world.until(lambda: bool(of(peer, "interrupt")))
        (interrupt,) = of(peer, "interrupt")
        assert text.startswith(interrupt["utteranceUntilInterrupt"])
        assert interrupt["utteranceUntilInterrupt"]
        heard = np.flatnonzero(np.abs(call.heard.astype(int)) > 300)
        audible = (heard[-1] - heard[0]) / 8
        assert interrupt["durationUntilInterruptMs"] == pytest.approx(audible, abs=150)
        assert heard[-1] < before + 8000
        await world.until(lambda: bool(of(peer, "prompt")))
        assert of(peer, "prompt")[0]["voicePrompt"] == "stop it"


@virtual
async def test_a_cough_makes_a_pause_and_no_interruption(tmp_path: Path) -> None:
    text = "One two three four five six seven eight nine ten eleven twelve."
    async with talk(tmp_path, relay(), engines=[parrot("", "stop")]) as (world, call, peer):
        say(peer, text)
        await world.until(lambda: is_loud(call))
        await asyncio.sleep(1)
        before = call.heard.size
        call.say(noise(0.3))
        await asyncio.sleep(0.6)
        assert not is_loud(call, 0.3)
        await world.until(lambda: bool(notes(world, "spoken")))
        assert of(peer, "interrupt") == []
        assert len(notes(world, "false start")) == 1
        loud = np.flatnonzero(np.abs(call.heard.astype(int)) > 300)
        gaps = np.diff(loud) / 8000
        assert 0.5 < gaps.max() < 2
        assert loud[np.argmax(gaps)] - before < 8000 * 0.35
        alone = await _length_of(tmp_path / "alone", text)
        assert (loud[-1] - loud[0]) / 8000 - gaps.max() == pytest.approx(alone, abs=0.1)


async def _length_of(folder: Path, text: str) -> float:
    """Seconds that a text takes when nobody coughs."""
    async with talk(folder, relay()) as (world, call, peer):
        say(peer, text)
        await world.until(lambda: bool(notes(world, "spoken")))
        loud = np.flatnonzero(np.abs(call.heard.astype(int)) > 300)
    return float(loud[-1] - loud[0]) / 8000


@virtual
async def test_a_voice_that_goes_on_interrupts_also_when_it_is_not_understood(tmp_path: Path) -> None:
    async with talk(tmp_path, relay(), engines=[parrot("")]) as (world, call, peer):
        say(peer, "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.")
        await world.until(lambda: is_loud(call))
        await asyncio.sleep(1)
        call.say(noise(1.5))
        began = asyncio.get_running_loop().time()
        await world.until(lambda: bool(of(peer, "interrupt")))
        assert asyncio.get_running_loop().time() - began < 0.8
        assert notes(world, "false start") == []


@virtual
async def test_what_may_not_be_interrupted_does_not_wait_for_a_voice_that_goes_on(tmp_path: Path) -> None:
    async with talk(tmp_path, relay(), engines=[parrot("")]) as (world, call, peer):
        say(peer, "Please hold while I look that up, which takes quite a long time indeed.", preemptible=True)
        await world.until(lambda: is_loud(call))
        await asyncio.sleep(1)
        call.say(noise(4))
        await asyncio.sleep(0.4)
        assert not is_loud(call)
        say(peer, "Here it is.", interruptible=False)
        began = asyncio.get_running_loop().time()
        await world.until(lambda: is_loud(call))
        assert asyncio.get_running_loop().time() - began < 1
        await world.until(lambda: bool(notes(world, "spoken")))
        assert notes(world, "spoken")[0]["text"] == "Here it is."
        assert of(peer, "interrupt") == []


@virtual
async def test_what_may_not_be_interrupted_is_heard_to_its_end(tmp_path: Path) -> None:
    noun = relay("interruptible='none' dtmfDetection='true'")
    async with talk(tmp_path, noun, engines=[parrot("hello hello")]) as (world, call, peer):
        say(peer, "This is something that everybody has to hear to its very end.")
        await world.until(lambda: is_loud(call))
        call.press("5")
        call.say(voice("hello hello"))
        await world.until(lambda: bool(notes(world, "spoken")))
        assert of(peer, "interrupt") == of(peer, "prompt") == of(peer, "dtmf") == []
        await asyncio.sleep(0.3)
        call.press("7")
        await world.until(lambda: bool(of(peer, "dtmf")))
        assert of(peer, "dtmf") == [{"type": "dtmf", "digit": "7"}]


@virtual
@pytest.mark.parametrize(("attribute", "interrupts"), [("dtmf", True), ("speech", False)])
async def test_a_key_interrupts_where_keys_may(tmp_path: Path, attribute: str, interrupts: bool) -> None:
    async with talk(tmp_path, relay(f"interruptible='{attribute}' dtmfDetection='true'")) as (world, call, peer):
        say(peer, "Press a key at any time while I am talking about the weather of tomorrow.")
        await world.until(lambda: is_loud(call))
        call.press("1")
        await asyncio.sleep(0.3)
        assert bool(of(peer, "interrupt")) is interrupts
        assert bool(of(peer, "dtmf")) is interrupts


@virtual
async def test_the_greeting_is_spoken_at_once(tmp_path: Path) -> None:
    async with talk(tmp_path, relay("welcomeGreeting='Welcome to the house of cards'")) as (world, _, _):
        await world.until(lambda: bool(notes(world, "spoken")))
        assert notes(world, "spoken")[0]["text"] == "Welcome to the house of cards"


@virtual
async def test_the_application_ends_and_hands_something_over(tmp_path: Path) -> None:
    async with World(tmp_path, relay(), engines=[parrot()]) as world:
        call, peer = await connected(world)
        tell(peer, "end", handoffData='{"reason":"agent"}')
        await world.ended(call)
        assert peer.closed
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["HandoffData"], form["CallStatus"]) == ("ended", '{"reason":"agent"}', "in-progress")
    assert form["SessionId"].startswith("VX")
    assert form["SessionDuration"].isdigit()


@virtual
@pytest.mark.parametrize("how", ["closes", "breaks"])
async def test_the_call_goes_on_when_the_application_vanishes(tmp_path: Path, how: str) -> None:
    async with World(tmp_path, relay(), engines=[parrot()]) as world:
        call, peer = await connected(world)
        if how == "closes":
            peer.put(None)
        else:
            peer.fail(SocketFailure("broken", "gone"))
        await world.ended(call)
        assert world.reports() == [64105]
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["ErrorCode"], form["CallStatus"]) == ("failed", "64105", "in-progress")
    assert "websocket" in form["ErrorMessage"]


@virtual
async def test_an_application_that_cannot_be_reached_fails_the_session(tmp_path: Path) -> None:
    async with World(tmp_path, relay(), engines=[parrot()]) as world:
        world.dialler.refusal = SocketFailure("refused", "nobody listens")
        await world.ended(world.call())
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["ErrorCode"]) == ("failed", "64102")


@virtual
async def test_nonsense_is_answered_and_ten_times_in_a_row_is_the_end(tmp_path: Path) -> None:
    async with World(tmp_path, relay(), engines=[parrot()]) as world:
        call, peer = await connected(world)
        for wrong in ("{", b"\xff", "[]", '{"type":"dance"}', '{"type":"text"}', '{"type":"play","source":"ftp://x"}'):
            peer.put(wrong)
        tell(peer, "sendDigits", digits="abc")
        tell(peer, "language")
        tell(peer, "text", token="Fine.", last="yes")
        say(peer, "Fine.")
        await world.until(lambda: bool(notes(world, "spoken")))
        assert len(of(peer, "error")) == 9
        assert all("64107" in message["description"] for message in of(peer, "error"))
        assert not call.ended
        for _ in range(10):
            peer.put("{")
        await world.ended(call)
        assert peer.close_code == 1007
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["ErrorCode"]) == ("failed", "64105")


@virtual
async def test_partial_prompts_grow_until_the_last(tmp_path: Path) -> None:
    async with talk(tmp_path, relay("partialPrompts='true'"), engines=[parrot("one two three four")]) as (world, call, peer):
        call.say(voice(0.3, "one two three four"))
        await world.until(lambda: any(message["last"] for message in of(peer, "prompt")))
        prompts = of(peer, "prompt")
        assert [message["last"] for message in prompts] == [False] * (len(prompts) - 1) + [True]
        assert len(prompts) > 2
        assert all("one two three four".startswith(message["voicePrompt"]) for message in prompts)


@virtual
async def test_keys_files_and_text_come_in_order(tmp_path: Path) -> None:
    customer = relay()
    async with talk(tmp_path, customer) as (world, call, peer):
        tell(peer, "sendDigits", digits="12w3")
        tell(peer, "play", source=f"{HOST}/missing.wav")
        say(peer, "Done.")
        await world.until(lambda: bool(notes(world, "spoken")))
        assert call.digits_heard == "123"
        assert "64111" in of(peer, "error")[0]["description"]


@virtual
async def test_something_new_takes_the_place_of_what_is_preemptible(tmp_path: Path) -> None:
    async with talk(tmp_path, relay()) as (world, call, peer):
        say(peer, "Please hold while I look that up, which takes quite a long time indeed.", preemptible=True)
        await world.until(lambda: is_loud(call))
        say(peer, "Here it is.")
        await world.until(lambda: bool(notes(world, "spoken")))
        assert notes(world, "spoken")[0]["text"] == "Here it is."
        assert of(peer, "interrupt") == []


@virtual
async def test_another_language_is_heard_and_spoken_from_then_on(tmp_path: Path) -> None:
    engines = [parrot("hello", languages=("en",)), parrot("guten Tag", languages=("de",), name="german")]
    noun = relay(children="<Language code='de-DE' hints='guten Tag'/>")
    async with talk(tmp_path, noun, engines=engines) as (world, call, peer):
        tell(peer, "language", ttsLanguage="de-DE", transcriptionLanguage="de-DE")
        await asyncio.sleep(0.2)
        call.say(voice(0.2, "guten Tag"))
        await world.until(lambda: bool(of(peer, "prompt")))
        assert (of(peer, "prompt")[0]["voicePrompt"], of(peer, "prompt")[0]["lang"]) == ("guten Tag", "de-DE")


@virtual
async def test_the_language_of_the_caller_may_be_found_out(tmp_path: Path) -> None:
    engines = [parrot("hello", languages=("en",)), parrot("guten Tag", name="polyglot", finds_out="de")]
    async with talk(tmp_path, relay("language='multi'"), engines=engines) as (world, call, peer):
        call.say(voice(0.2, "guten Tag"))
        await world.until(lambda: bool(of(peer, "prompt")))
        assert (of(peer, "prompt")[0]["voicePrompt"], of(peer, "prompt")[0]["lang"]) == ("guten Tag", "de")
        spoken = overhear(world)
        say(peer, "Guten Tag.")
        await world.until(lambda: bool(spoken))
        assert [cast.name for _, cast in spoken] == ["de"]


@virtual
async def test_where_nobody_finds_it_out_the_journal_says_so(tmp_path: Path) -> None:
    async with talk(tmp_path, relay("language='multi'"), engines=[parrot("hello")]) as (world, call, peer):
        call.say(voice(0.2, "hello"))
        await world.until(lambda: bool(of(peer, "prompt")))
        assert of(peer, "prompt")[0]["lang"] == "en-US"
        assert world.reports() == [64101]


@virtual
async def test_an_application_that_floods_is_bounded(tmp_path: Path) -> None:
    async with talk(tmp_path, relay()) as (_, call, peer):
        for number in range(5_000):
            say(peer, f"Sentence {number}.")
        await asyncio.sleep(30)
        assert any("too much" in message["description"] for message in of(peer, "error"))
        assert not call.ended


@virtual
async def test_an_application_that_takes_no_messages_is_given_up(tmp_path: Path) -> None:
    async with World(tmp_path, relay("dtmfDetection='true'"), engines=[parrot()]) as world:
        call, peer = await connected(world)
        peer.stick()
        for _ in range(1_100):
            call.press("1")
        await world.ended(call)
        assert world.reports() == [64105]
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["CallStatus"]) == ("failed", "in-progress")
    assert "takes no messages" in form["ErrorMessage"]


@virtual
async def test_an_application_that_says_nothing_is_told_all_the_same(tmp_path: Path) -> None:
    async with World(tmp_path, relay(), engines=[parrot("hello", "is anybody there")]) as world:
        call, peer = await connected(world)
        call.say(voice(0.3, "hello", 3.0, "is anybody there"))
        await world.until(lambda: len(of(peer, "prompt")) == 2)
        await asyncio.sleep(600)
        assert not call.ended
        call.hang_up()
        await world.ended(call)
        assert peer.closed


@virtual
async def test_a_change_by_rest_takes_the_call_away(tmp_path: Path) -> None:
    customer = relay()
    customer.answers["/other"] = "<Hangup/>"
    async with World(tmp_path, customer, engines=[parrot()]) as world, world.client() as client:
        call, peer = await connected(world)
        sid = customer.visited("/voice")[0]["CallSid"]
        await client.post(f"/2010-04-01/Accounts/{world.accounts.main.sid}/Calls/{sid}.json", data={"Url": f"{HOST}/other"})
        await world.ended(call)
        await asyncio.sleep(3)
        assert peer.closed
    assert customer.visited("/after") == []
