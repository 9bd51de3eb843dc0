"""Section 2.14, Transcription."""

from __future__ import annotations

from markup import events
from markup.commands import (
    EndCall,
    FetchDocument,
    StartTranscription,
    StatusCallback,
    StopNamedTranscription,
    StopTranscription,
    TranscriptionPlan,
)
from tests.markup.dialogue import Dialogue

EVENTS = ("transcription-started", "transcription-content", "transcription-stopped", "transcription-error")


def test_what_is_written_down_is_what_the_document_says() -> None:
    """Table of 2.14; Start never blocks."""
    call = Dialogue(
        "<Start><Transcription name='a' track='inbound_track' statusCallbackUrl='/told' statusCallbackMethod='GET' "
        "inboundTrackLabel='agent' outboundTrackLabel='customer' languageCode='de-DE' transcriptionEngine='deepgram' "
        "speechModel='nova' hints='ja, nein' partialResults='true' profanityFilter='false' enableAutomaticPunctuation='false' "
        "enableProviderData='true'/></Start><Say>x</Say>"
    )
    told = StatusCallback("http://app.example/told", "GET", EVENTS)
    assert call.last(StartTranscription).plan == TranscriptionPlan(
        "a", "inbound", "agent", "customer", "de-DE", "deepgram", "nova", "ja, nein", True, False, False, True, told
    )
    assert call.kinds()[-1] == "StartPlayback"


def test_by_default_both_directions_are_written_down_in_english() -> None:
    plan = Dialogue("<Start><Transcription/></Start>").last(StartTranscription).plan
    assert plan == TranscriptionPlan(callback=StatusCallback("", "POST", EVENTS))
    assert (plan.track, plan.language, plan.engine, plan.model) == ("both", "en-US", "google", "telephony")


def test_it_goes_on_when_the_document_is_over() -> None:
    """Stopped at call end or by Stop or the API."""
    call = Dialogue("<Start><Transcription name='a'/></Start><Redirect>/next</Redirect>")
    call.fetched("<Say>x</Say>")
    assert call.every(StopTranscription) == []
    call.tell(events.HungUp())
    assert call.every(StopTranscription) == [StopTranscription(call.last(StartTranscription).id)]
    assert call.asked[-1] == EndCall("hung-up")


def test_one_that_has_ended_is_not_stopped() -> None:
    call = Dialogue("<Start><Transcription/></Start><Pause/>")
    call.tell(events.TranscriptionEnded(call.last(StartTranscription).id))
    call.tell(events.HungUp())
    assert call.every(StopTranscription) == []


def test_stop_names_it_whoever_started_it() -> None:
    call = Dialogue("<Stop><Transcription name='a'/></Stop><Say>x</Say>")
    assert call.every(StopNamedTranscription) == [StopNamedTranscription("a")]


def test_documents_that_only_start_transcriptions_do_not_go_on_for_ever() -> None:
    call = Dialogue("<Start><Transcription/></Start><Redirect/>")
    for _ in range(200):
        if not isinstance(call.asked[-1], FetchDocument):
            break
        call.fetched("<Start><Transcription/></Start><Redirect/>")
    assert 12400 in call.reports()


def test_what_means_nothing_here_is_said_and_left_out() -> None:
    """32652: Config of an engine; the intelligence service is not of this switch."""
    call = Dialogue(
        "<Start><Transcription intelligenceService='GA1'><Config name='endpointing' value='1'/>"
        "<Parameter name='case' value='7'/></Transcription></Start><Say>x</Say>"
    )
    assert call.every(StartTranscription) != []
    assert call.reports() == [32652]
    assert call.last(StartTranscription).plan.parameters == (("case", "7"),)


def test_a_callback_that_is_no_address_is_left_out() -> None:
    call = Dialogue("<Start><Transcription statusCallbackUrl='ftp://x'/></Start><Say>x</Say>")
    assert call.last(StartTranscription).plan.callback.url == ""
    assert call.reports() == [12200]
