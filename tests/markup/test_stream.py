"""Sections 2.13 and 2.14, Stream."""

from __future__ import annotations

from markup import events
from markup.commands import Answer, EndCall, FetchDocument, Notify, StartStream, StatusCallback, StopNamedStream, StopStream
from tests.markup.dialogue import Dialogue

EVENTS = ("stream-started", "stream-stopped", "stream-error")
CONNECT = "<Connect><Stream url='wss://h/x'/></Connect>"
WITH_ACTION = "<Connect action='/done' method='GET'><Stream url='wss://h/x'/></Connect>"


def ended(call: Dialogue) -> None:
    call.tell(events.StreamEnded(call.last(StartStream).id))


def test_a_stream_is_started_and_the_document_goes_on() -> None:
    """Start is asynchronous: next verb runs at once."""
    call = Dialogue(
        "<Start><Stream name='a' url='wss://h/x' track='both_tracks' statusCallback='/told' statusCallbackMethod='GET'>"
        "<Parameter name='case' value='7'/><Parameter name='agent' value='Ann'/></Stream></Start><Say>x</Say>"
    )
    started = call.last(StartStream)
    assert (started.url, started.name, started.track, started.bidirectional) == ("wss://h/x", "a", "both", False)
    assert started.callback == StatusCallback("http://app.example/told", "GET", EVENTS)
    assert started.parameters == (("case", "7"), ("agent", "Ann"))
    assert call.kinds()[-1] == "StartPlayback"


def test_only_what_the_caller_says_unless_told_otherwise() -> None:
    assert Dialogue("<Start><Stream url='wss://h'/></Start>").last(StartStream).track == "inbound"


def test_it_goes_on_when_the_document_is_over() -> None:
    """Start streams end with Stop, the Streams API, or the call."""
    call = Dialogue("<Start><Stream name='a' url='wss://h'/></Start><Redirect>/next</Redirect>")
    call.fetched("<Say>x</Say>")
    assert call.every(StopStream) == []
    call.tell(events.HungUp())
    assert call.every(StopStream) == [StopStream(call.last(StartStream).id)]
    assert call.asked[-1] == EndCall("hung-up")


def test_stop_names_it_whoever_started_it() -> None:
    assert Dialogue("<Stop><Stream name='a'/></Stop><Say>x</Say>").every(StopNamedStream) == [StopNamedStream("a")]


def test_documents_that_only_start_streams_do_not_go_on_for_ever() -> None:
    call = Dialogue("<Start><Stream url='wss://h'/></Start><Redirect/>")
    for _ in range(200):
        if not isinstance(call.asked[-1], FetchDocument):
            break
        call.fetched("<Start><Stream url='wss://h'/></Start><Redirect/>")
    assert 12400 in call.reports()


def test_a_connected_call_waits_for_the_end_of_the_stream() -> None:
    """Connect ends when the WebSocket closes; then the next verb runs."""
    call = Dialogue(CONNECT + "<Say>Bye</Say>")
    assert call.asked[0] == Answer()
    assert call.last(StartStream).bidirectional
    call.press("12")
    assert call.asked == []
    ended(call)
    assert call.kinds() == ["StartPlayback"]


def test_without_a_next_verb_the_call_ends() -> None:
    call = Dialogue(CONNECT)
    ended(call)
    assert call.asked[-1] == EndCall("completed")


def test_the_action_is_requested_when_it_is_over() -> None:
    call = Dialogue(WITH_ACTION + "<Say>never</Say>")
    ended(call)
    request = call.last(FetchDocument)
    assert (request.url, request.method, request.parameters) == ("http://app.example/done", "GET", ())


def test_a_caller_who_hangs_up_is_told_to_the_action() -> None:
    """1.6, rule 5."""
    call = Dialogue(WITH_ACTION)
    call.tell(events.HungUp())
    assert call.asked == [StopStream(call.last(StartStream).id), Notify("http://app.example/done", "GET"), EndCall("hung-up")]


def test_a_redirected_call_leaves_the_stream() -> None:
    """5.1: stream of a <Connect> ends with stop; 4.6: the action hears nothing of it."""
    call = Dialogue(WITH_ACTION)
    call.tell(events.Redirected("http://app.example/new"))
    assert call.kinds() == ["StopStream", "FetchDocument"]


def test_a_parameter_that_is_too_long_is_left_out() -> None:
    """Name and value under 500 characters each."""
    call = Dialogue(
        f"<Start><Stream url='wss://h'><Parameter name='a' value='{'x' * 501}'/><Parameter name='b' value='c'/></Stream></Start>"
    )
    assert call.last(StartStream).parameters == (("b", "c"),)
    assert call.reports() == [12200]


def test_a_callback_that_is_no_address_is_left_out() -> None:
    call = Dialogue("<Start><Stream url='wss://h' statusCallback='ftp://x'/></Start><Say>x</Say>")
    assert call.last(StartStream).callback.url == ""
    assert call.reports() == [12200]
