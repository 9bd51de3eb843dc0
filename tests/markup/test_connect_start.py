"""Section 2.13: sessions that cannot be had; section 2.14: what goes on beside the document."""

from __future__ import annotations

import pytest

from markup.commands import Answer, EndCall, FetchDocument
from tests.markup.dialogue import Dialogue

FOREIGN = [
    "<Room participantIdentity='me'>daily</Room>",
    "<VirtualAgent connectorName='x'><Config name='a' value='b'/></VirtualAgent>",
    "<Conversation serviceInstanceSid='IS1'/>",
    "<AiSession aiConnector='x'/>",
    "<ConversationRelaySession connector='x'/>",
    "<Autopilot>helper</Autopilot>",
]
"""Section 2.13, other Connect nouns: declare unsupported."""


@pytest.mark.parametrize("noun", FOREIGN)
def test_a_service_of_twilios_fails_and_the_action_is_told(noun: str) -> None:
    """End the verb, request `action` with an error."""
    call = Dialogue(f"<Connect action='/done' method='GET'>{noun}</Connect><Say>never</Say>")
    assert call.asked[0] == Answer()
    assert call.reports() == [13750]
    request = call.last(FetchDocument)
    assert (request.url, request.method) == ("http://app.example/done", "GET")
    told = dict(request.parameters)
    assert told["ErrorCode"] == "13750"
    assert "cannot reach" in told["ErrorMessage"]
    assert (told.get("VirtualAgentStatus") == "failed") == noun.startswith("<VirtualAgent")


@pytest.mark.parametrize("noun", FOREIGN)
def test_without_an_action_the_next_verb_runs(noun: str) -> None:
    call = Dialogue(f"<Connect>{noun}</Connect><Say>Sorry</Say>")
    assert call.kinds()[-1] == "StartPlayback"


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
