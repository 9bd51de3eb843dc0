"""Section 2.13: sessions that cannot be had; section 2.14: what goes on beside the document."""

from __future__ import annotations

import pytest

from markup import events
from markup.agents import StartAgent
from markup.commands import Answer, EndCall, FetchDocument, StartRecording, StatusCallback, StopRecording
from tests.markup.dialogue import Dialogue

ROOM = "<Room participantIdentity='me'>daily</Room>"
AGENTS = [
    "<VirtualAgent connectorName='x'><Config name='a' value='b'/></VirtualAgent>",
    "<Conversation serviceInstanceSid='IS1'/>",
    "<AiSession aiConnector='x'/>",
    "<ConversationRelaySession connector='x'/>",
    "<Autopilot>helper</Autopilot>",
]
"""Section 2.13, other Connect nouns: who answers there is for the switch to know."""


def test_a_service_of_twilios_fails_and_the_action_is_told() -> None:
    """End the verb, request `action` with an error."""
    call = Dialogue(f"<Connect action='/done' method='GET'>{ROOM}</Connect><Say>never</Say>")
    assert call.asked[0] == Answer()
    assert call.reports() == [13750]
    request = call.last(FetchDocument)
    assert (request.url, request.method) == ("http://app.example/done", "GET")
    told = dict(request.parameters)
    assert told["ErrorCode"] == "13750"
    assert "cannot reach" in told["ErrorMessage"]


def test_without_an_action_the_next_verb_runs() -> None:
    call = Dialogue(f"<Connect>{ROOM}</Connect><Say>Sorry</Say>")
    assert call.kinds()[-1] == "StartPlayback"


@pytest.mark.parametrize("noun", AGENTS)
def test_an_agent_is_talked_with_and_the_action_is_told_how_that_went(noun: str) -> None:
    call = Dialogue(f"<Connect action='/done'>{noun}</Connect><Say>never</Say>")
    start = call.last(StartAgent)
    assert noun.startswith(f"<{type(start.noun).__name__}")
    call.tell(events.RelayEnded(start.id, (("SessionStatus", "ended"),)))
    request = call.last(FetchDocument)
    assert (request.url, dict(request.parameters)) == ("http://app.example/done", {"SessionStatus": "ended"})


@pytest.mark.parametrize("noun", AGENTS)
def test_without_an_action_the_next_verb_runs_after_an_agent(noun: str) -> None:
    call = Dialogue(f"<Connect>{noun}</Connect><Say>Sorry</Say>")
    call.tell(events.RelayEnded(call.last(StartAgent).id))
    assert call.kinds()[-1] == "StartPlayback"


@pytest.mark.parametrize(
    ("noun", "told"),
    [
        ("<VirtualAgent statusCallback='/s'/>", ("session-started", "session-ended", "session-failed")),
        ("<Conversation statusCallback='/s'/>", ("call-initiated", "call-answered", "call-completed")),
        ("<Conversation statusCallback='/s' statusCallbackEvent='call-answered'/>", ("call-answered",)),
    ],
)
def test_a_status_callback_hears_of_an_agent(noun: str, told: tuple[str, ...]) -> None:
    call = Dialogue(f"<Connect>{noun}</Connect>")
    assert call.last(StartAgent).callback == StatusCallback("http://app.example/s", "POST", told)


def test_a_conversation_is_recorded_as_a_dial_is() -> None:
    call = Dialogue("<Connect action='/done'><Conversation record='record-from-answer-dual'/></Connect>")
    recording, agent = call.last(StartRecording), call.last(StartAgent)
    assert (recording.dual, recording.track) == (True, "both")
    call.tell(events.RelayEnded(agent.id, (("SessionStatus", "ended"),)))
    assert call.last(StopRecording).id == recording.id
    call.tell(events.RecordingEnded(recording.id, (("RecordingSid", "RE1"),)))
    assert dict(call.last(FetchDocument).parameters) == {"SessionStatus": "ended", "RecordingSid": "RE1"}


def test_connecting_to_nothing_is_a_warning() -> None:
    """1.8: exactly one noun."""
    call = Dialogue("<Connect action='/done'/><Hangup/>")
    assert call.reports() == [12200]
    assert call.asked[-1] == EndCall("completed")


def test_only_the_first_noun_counts() -> None:
    """1.8: exactly one noun."""
    call = Dialogue("<Connect action='/done'><Room>a</Room><Autopilot>b</Autopilot></Connect>")
    assert call.reports() == [12200, 13750]
    assert "<Room>" in dict(call.last(FetchDocument).parameters)["ErrorMessage"]


def test_starting_nothing_is_an_error() -> None:
    """14300: Start: unknown child noun."""
    call = Dialogue("<Start><Say>x</Say></Start><Stop/><Hangup/>")
    assert call.reports() == [14300, 14300]
    assert call.asked[-1] == EndCall("completed")


def test_starting_does_not_answer() -> None:
    """1.6: processed without waiting; answering is decided by the next verb."""
    assert Dialogue("<Start/><Reject/>").asked[-1] == EndCall("rejected")
