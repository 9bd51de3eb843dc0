"""The agents of the operator in the place of services of Twilio's (section 2.13, other Connect nouns)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from twilio.request_validator import RequestValidator

from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.listening.sounds import voice
from tests.voice.parrot import parrot
from tests.voice.relay.talking import connected, notes, of, say, talk, tell
from voice.settings import Agent
from voice.web.peer import SocketFailure

NOUNS = {
    "VirtualAgent": "<VirtualAgent connectorName='{}'/>",
    "AiSession": "<AiSession aiConnector='{}'/>",
    "ConversationRelaySession": "<ConversationRelaySession connector='{}'/>",
    "Conversation": "<Conversation serviceInstanceSid='{}'/>",
    "Autopilot": "<Autopilot>{}</Autopilot>",
}


def document(noun: str) -> Customer:
    answers: dict[str, Any] = {"/voice": f"<Connect action='/after'>{noun}</Connect>", "/after": "<Hangup/>"}
    return Customer({**answers, "/told": httpx.Response(204)})


def agent(url: str = "wss://agent.example/talk", name: str = "Helper", **relay: str) -> tuple[Agent, ...]:
    return (Agent(name=name, url=url, relay=relay),)


@virtual
@pytest.mark.parametrize("noun", NOUNS)
async def test_an_agent_is_found_by_what_the_noun_calls_it(tmp_path: Path, noun: str) -> None:
    async with World(tmp_path, document(NOUNS[noun].format("helper")), engines=[parrot()], agent=agent()) as world:
        call, peer = await connected(world)
        assert peer.url == "wss://agent.example/talk"
        tell(peer, "end", handoffData="to a person")
        await world.ended(call)
        assert world.reports() == []
    (form,) = world.customer.visited("/after")
    assert (form["SessionStatus"], form["HandoffData"]) == ("ended", "to a person")
    assert (form.get("VirtualAgentStatus") == "live-agent-handoff") is (noun == "VirtualAgent")


@virtual
@pytest.mark.parametrize("noun", NOUNS)
@pytest.mark.parametrize("agents", [(), agent(name="other")])
async def test_without_one_the_session_fails_and_the_action_is_told(tmp_path: Path, noun: str, agents: tuple[Agent, ...]) -> None:
    async with World(tmp_path, document(NOUNS[noun].format("helper")), agent=agents) as world:
        await world.ended(world.call())
        assert world.reports() == [13750]
    (form,) = world.customer.visited("/after")
    assert form["ErrorCode"] == "13750"
    assert "no [[agent]] is named 'helper'" in form["ErrorMessage"]
    assert (form.get("VirtualAgentStatus") == "failed") is (noun == "VirtualAgent")


@virtual
async def test_an_agent_for_every_name_takes_what_no_other_takes(tmp_path: Path) -> None:
    agents = (*agent(name="*"), *agent("wss://other.example/", name="other"))
    async with talk(tmp_path, document("<Conversation/>"), agent=agents) as (_, _, peer):
        assert peer.url == "wss://agent.example/talk"


@virtual
async def test_a_document_may_say_how_an_agent_talks_and_what_it_is_told(tmp_path: Path) -> None:
    noun = (
        "<VirtualAgent connectorName='helper' language='de-DE' sentimentAnalysis='true'>"
        "<Config name='welcomeGreeting' value='Guten Tag.'/><Config name='url' value='wss://evil.example/'/>"
        "<Config name='mood' value='good'/><Parameter name='customer' value='42'/></VirtualAgent>"
    )
    agents = agent(welcomeGreeting="Hello.", dtmfDetection="true")
    async with talk(tmp_path, document(noun), agent=agents) as (world, call, peer):
        (setup,) = of(peer, "setup")
        told = {"url": "wss://evil.example/", "mood": "good", "sentimentAnalysis": "true", "customer": "42"}
        assert setup["customParameters"] == told
        await world.until(lambda: bool(notes(world, "spoken")))
        assert notes(world, "spoken")[0]["text"] == "Guten Tag."
        call.press("7")
        await world.until(lambda: bool(of(peer, "dtmf")))


@virtual
@pytest.mark.parametrize(
    ("noun", "events"),
    [
        ("<VirtualAgent connectorName='helper' statusCallback='/told'/>", ["session-started", "session-ended"]),
        (
            "<Conversation serviceInstanceSid='helper' statusCallback='/told'/>",
            ["call-initiated", "call-answered", "call-completed"],
        ),
    ],
)
@pytest.mark.parametrize("how", ["the agent ends", "the caller hangs up"])
async def test_the_status_callback_hears_how_it_goes(tmp_path: Path, noun: str, events: list[str], how: str) -> None:
    async with World(tmp_path, document(noun), engines=[parrot()], agent=agent()) as world:
        call, peer = await connected(world)
        if how == "the agent ends":
            tell(peer, "end")
        else:
            call.hang_up()
        await world.ended(call)
    told = world.customer.visited("/told")
    assert [form["StatusCallbackEvent"] for form in told] == events
    assert all(form["CallSid"] == world.customer.visited("/voice")[0]["CallSid"] for form in told)


@virtual
async def test_an_agent_that_cannot_be_reached_fails_the_session(tmp_path: Path) -> None:
    noun = "<VirtualAgent connectorName='helper' statusCallback='/told'/>"
    async with World(tmp_path, document(noun), engines=[parrot()], agent=agent()) as world:
        world.dialler.refusal = SocketFailure("refused", "nobody listens")
        await world.ended(world.call())
    (form,) = world.customer.visited("/after")
    assert (form["VirtualAgentStatus"], form["VirtualAgentErrorCode"], form["ErrorCode"]) == ("failed", "64102", "64102")
    assert [form["StatusCallbackEvent"] for form in world.customer.visited("/told")] == ["session-failed"]


class HttpAgent:
    """An agent behind HTTP, by what it is asked."""

    def __init__(self, customer: Customer, answers: Mapping[str, httpx.Response]) -> None:
        self.customer = customer
        self._answers = answers
        customer.answers["/agent"] = lambda form: self._answers.get(self.asked[-1]["type"], httpx.Response(204))

    @property
    def asked(self) -> list[dict[str, Any]]:
        return [json.loads(visit.body) for visit in self.customer.visits if visit.path == "/agent"]


@virtual
async def test_an_agent_behind_http_is_asked_for_each_turn(tmp_path: Path) -> None:
    customer = document(NOUNS["AiSession"].format("helper"))
    answers = {
        "setup": httpx.Response(200, text="Good day.", headers={"Content-Type": "text/plain"}),
        "prompt": httpx.Response(200, json=[{"type": "text", "token": "Nine to five.", "last": True}, {"type": "end"}]),
    }
    told = HttpAgent(customer, answers)
    agents = agent(f"{HOST}/agent", transcriptionProvider="deepgram")
    async with World(tmp_path, customer, engines=[parrot("when are you open")], agent=agents) as world:
        call = world.call()
        await world.until(lambda: bool(told.asked) and bool(notes(world, "spoken")))
        call.say(voice(0.2, "when are you open"))
        await world.ended(call)
        assert notes(world, "spoken")[0]["text"] == "Good day."
    setup, prompt = told.asked
    assert (setup["type"], setup["callSid"]) == ("setup", customer.visited("/voice")[0]["CallSid"])
    assert (prompt["voicePrompt"], prompt["sessionId"]) == ("when are you open", setup["sessionId"])
    (form,) = customer.visited("/after")
    assert form["SessionStatus"] == "ended"
    visit = next(visit for visit in customer.visits if visit.path == "/agent")
    validator = RequestValidator(ACCOUNT.auth_token)
    assert validator.validate(visit.url, visit.body, visit.headers["X-Twilio-Signature"])


@virtual
@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(500), "64105"),
        (httpx.Response(200, text="{", headers={"Content-Type": "application/json"}), ""),
        (httpx.Response(200, json=["x", 1, None]), ""),
    ],
)
async def test_an_agent_behind_http_may_fail(tmp_path: Path, answer: httpx.Response, code: str) -> None:
    customer = document(NOUNS["Autopilot"].format("helper"))
    told = HttpAgent(customer, {"setup": answer})
    async with World(tmp_path, customer, engines=[parrot("hello")], agent=agent(f"{HOST}/agent")) as world:
        call = world.call()
        if code:
            await world.ended(call)
            assert customer.visited("/after")[0]["ErrorCode"] == code
        else:
            await world.until(lambda: any(asked["type"] == "error" for asked in told.asked))
            assert 64107 in world.reports()
            assert not call.ended
            call.hang_up()
            await world.ended(call)


def test_an_agent_talks_as_a_document_could_have_said() -> None:
    with pytest.raises(ValidationError, match="no attribute 'colour'"):
        agent(colour="blue")
    with pytest.raises(ValidationError, match="dtmfDetection is 'perhaps'"):
        agent(dtmfDetection="perhaps")
    with pytest.raises(ValidationError, match="url belongs to the agent"):
        Agent(name="a", url="wss://a.example/", relay={"url": "wss://b.example/"})


@virtual
async def test_what_an_agent_says_is_heard(tmp_path: Path) -> None:
    async with talk(tmp_path, document(NOUNS["VirtualAgent"].format("helper")), agent=agent()) as (world, _, peer):
        say(peer, "Here I am.")
        await world.until(lambda: bool(notes(world, "spoken")))
    (form,) = world.customer.visited("/after")
    assert (form["VirtualAgentStatus"], form["CallStatus"]) == ("completed", "completed")
