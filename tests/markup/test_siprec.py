"""Section 2.14, Siprec."""

from __future__ import annotations

from markup import events
from markup.commands import EndCall, StartSiprec, StatusCallback, StopSiprec
from markup.execution.siprec import MOST_AT_ONCE
from tests.markup.dialogue import Dialogue

EVENTS = ("siprec-started", "siprec-stopped", "siprec-error")


def test_a_copy_is_started_and_the_document_goes_on() -> None:
    """Start never blocks; Parameter children become SIPREC metadata."""
    call = Dialogue(
        "<Start><Siprec name='a' connectorName='archive' track='outbound_track' statusCallback='/told' statusCallbackMethod='GET'>"
        "<Parameter name='case' value='7'/><Parameter name='agent' value='Ann'/></Siprec></Start><Say>x</Say>"
    )
    started = call.last(StartSiprec)
    assert (started.name, started.connector, started.track) == ("a", "archive", "outbound")
    assert started.callback == StatusCallback("http://app.example/told", "GET", EVENTS)
    assert started.parameters == (("case", "7"), ("agent", "Ann"))
    assert call.kinds()[-1] == "StartPlayback"


def test_it_goes_on_when_the_document_is_over() -> None:
    """Ends with Stop, REST, or the call."""
    call = Dialogue("<Start><Siprec name='a'/></Start><Redirect>/next</Redirect>")
    assert call.last(StartSiprec).track == "both"
    call.fetched("<Say>x</Say>")
    assert call.every(StopSiprec) == []
    call.tell(events.HungUp())
    assert call.every(StopSiprec) == [StopSiprec(call.last(StartSiprec).id)]
    assert call.asked[-1] == EndCall("hung-up")


def test_stop_ends_the_one_of_that_name() -> None:
    call = Dialogue(
        "<Start><Siprec name='a'/><Siprec name='b'/></Start><Pause/><Stop><Siprec name='a'/></Stop><Start><Siprec name='a'/></Start>"
        "<Say>x</Say>"
    )
    first, second = call.every(StartSiprec)
    call.timer()
    assert call.every(StopSiprec) == [StopSiprec(first.id)]
    assert call.last(StartSiprec).name == "a"
    assert second.name == "b"
    assert call.reports() == []


def test_a_name_is_used_once_at_a_time() -> None:
    call = Dialogue("<Start><Siprec name='a'/><Siprec name='a'/></Start><Say>x</Say>")
    assert len(call.every(StartSiprec)) == 1
    assert call.reports() == [12200]


def test_a_name_is_free_again_when_the_recording_server_has_left() -> None:
    call = Dialogue("<Start><Siprec name='a'/></Start><Pause/><Start><Siprec name='a'/></Start><Pause/>")
    call.tell(events.SiprecEnded(call.last(StartSiprec).id))
    call.timer()
    assert len(call.every(StartSiprec)) == 2
    assert call.reports() == []


def test_stopping_what_does_not_run_is_a_warning() -> None:
    call = Dialogue("<Stop><Siprec name='a'/></Stop><Say>x</Say>")
    assert call.reports() == [12200]


def test_there_is_no_end_of_copies() -> None:
    many = "".join(f"<Siprec name='{number}'/>" for number in range(MOST_AT_ONCE + 2))
    call = Dialogue(f"<Start>{many}</Start><Say>x</Say>")
    assert len(call.every(StartSiprec)) == MOST_AT_ONCE
    assert call.reports() == [12200, 12200]


def test_a_callback_that_is_no_address_is_left_out() -> None:
    call = Dialogue("<Start><Siprec statusCallback='ftp://x'/></Start><Say>x</Say>")
    assert call.last(StartSiprec).callback.url == ""
    assert call.reports()
