"""Section 2.16."""

from __future__ import annotations

import pytest

from markup import events
from markup.commands import Answer, EndCall, FetchDocument, Report, SendMessage, StartEcho, StartPlayback, StopEcho
from tests.markup.dialogue import URL, Dialogue


def test_an_echo_lasts_until_the_caller_hangs_up() -> None:
    """`<Echo/>`: loops the caller's audio back until hang-up."""
    call = Dialogue("<Echo/><Say>never</Say>")
    assert call.asked == [Answer(), StartEcho(2)]
    assert call.press("1#") == []
    assert call.tell(events.HungUp()) == [StopEcho(2), EndCall("hung-up")]


def test_a_live_change_ends_an_echo() -> None:
    call = Dialogue("<Echo/>")
    assert call.tell(events.Redirected("http://app.example/next"))[0] == StopEcho(2)


def test_a_message_is_handed_over_and_the_call_goes_on() -> None:
    """`<Sms>`: text = body, `to`, `from`; the next verb runs. It does not answer the call."""
    call = Dialogue("<Sms to='+15550001' from='+15550100' statusCallback='/sent'> Hi! </Sms><Say>Sent</Say>")
    assert call.asked == [SendMessage(2, "Hi!", "+15550001", "+15550100", "http://app.example/sent")]
    assert isinstance(call.tell(events.MessageTaken(2, "sending", "SM1"))[-1], StartPlayback)


def test_the_action_is_told_the_sid_and_the_status() -> None:
    """Action gets `SmsSid`, `SmsStatus`."""
    call = Dialogue("<Sms action='/done' method='GET'>Hi</Sms><Say>never</Say>")
    parameters = (("SmsSid", "SM1"), ("SmsStatus", "sending"))
    assert call.tell(events.MessageTaken(2, "sending", "SM1")) == [FetchDocument(3, "http://app.example/done", "GET", parameters)]


@pytest.mark.parametrize(("code", "level"), [(13803, "error"), (12200, "warning")])
def test_a_message_that_is_not_taken_is_reported_and_the_next_verb_runs(code: int, level: str) -> None:
    """Unsupported: 13803 E, continue."""
    call = Dialogue("<Sms>Hi</Sms><Say>On</Say>")
    asked = call.tell(events.MessageTaken(2, "failed", code=code, message="no"))
    assert asked[0] == Report(code, "no", level)  # type: ignore[arg-type]
    assert isinstance(asked[-1], StartPlayback)


def test_message_is_no_verb_of_voice() -> None:
    """`<Message>` is not a voice verb (12200)."""
    assert Dialogue("<Message>Hi</Message>").reports() == [12200]


def test_an_action_that_is_no_url_is_an_error_and_nothing_is_sent() -> None:
    call = Dialogue("<Sms action='ftp://x'>Hi</Sms>")
    assert call.reports() == [11100]
    assert call.every(SendMessage) == []
    assert call.every(FetchDocument)[0].url == URL
