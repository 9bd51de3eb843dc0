"""Sections 2.1 to 2.3."""

from __future__ import annotations

from markup import events
from markup.commands import Answer, AudioFile, EndCall, PrefetchMedia, Report, SendDigits, SetTimer, Speech, StartPlayback
from markup.execution.sound import LONGEST_POLLY_TEXT, LONGEST_TEXT
from markup.speech import plain
from tests.markup.dialogue import Dialogue


def test_a_leading_say_answers_and_the_end_of_the_document_hangs_up() -> None:
    """1.6: Say first: answered, then executed. The document is exhausted: the call is hung up."""
    call = Dialogue("<Say voice='woman' language='de-DE' loop='2'>Guten Tag</Say>")
    assert call.asked == [Answer(), StartPlayback(2, Speech(plain("Guten Tag"), "woman", "de-DE"), 2)]
    assert call.played() == [EndCall("completed")]


def test_a_say_without_text_is_skipped() -> None:
    """13520 W, verb skipped."""
    call = Dialogue("<Say> </Say><Say>Hi</Say>")
    assert call.reports() == [13520]
    assert call.last(StartPlayback).media == Speech(plain("Hi"), "", "")


def test_a_long_text_is_cut() -> None:
    """4096 characters for basic voices: 13521 W."""
    call = Dialogue(f"<Say>{'a' * 5000}</Say>")
    assert call.reports() == [13521]
    media = call.last(StartPlayback).media
    assert isinstance(media, Speech)
    assert media.text.characters == LONGEST_TEXT


def test_polly_speaks_less() -> None:
    """3000 for Polly: 13521 W."""
    media = Dialogue(f"<Say voice='Polly.Joanna'>{'a' * 5000}</Say>").last(StartPlayback).media
    assert isinstance(media, Speech)
    assert media.text.characters == LONGEST_POLLY_TEXT


def test_without_end_is_a_thousand_times() -> None:
    """loop: 0 = repeat up to 1000 times or until hang-up."""
    assert Dialogue("<Say loop='0'>x</Say>").last(StartPlayback).loop == 1000
    assert Dialogue("<Play loop='0'>/a</Play>").last(StartPlayback).loop == 1000


def test_speech_that_fails_fails_alone() -> None:
    """An unusable combination fails only that Say."""
    call = Dialogue("<Say>One</Say><Say>Two</Say>")
    call.tell(events.PlaybackFailed(call.last(StartPlayback).id, 13520, "no voice"))
    assert call.kinds() == ["Report", "StartPlayback"]


def test_files_are_found_relative_to_the_document() -> None:
    """1.7: relative URLs resolve against the URL of the current document."""
    call = Dialogue("<Play>tunes/a.wav#rc=3</Play>")
    assert call.last(StartPlayback).media == AudioFile("http://app.example/tunes/a.wav#rc=3")


def test_later_files_are_asked_for_early() -> None:
    """2.4: all nested Play media is fetched before the first plays."""
    call = Dialogue("<Say>Hi</Say><Play>/a.wav</Play><Gather><Play>/b.wav</Play><Play>/a.wav</Play></Gather>")
    assert call.every(PrefetchMedia) == [PrefetchMedia(("http://app.example/a.wav", "http://app.example/b.wav"))]


def test_a_file_that_is_no_audio_leads_to_the_fallback() -> None:
    """An E-level failure triggers the fallback (1.9)."""
    call = Dialogue("<Play>/a.wav</Play>", fallback_url="http://app.example/fallback")
    call.tell(events.PlaybackFailed(call.last(StartPlayback).id, 13420, "not audio"))
    assert call.kinds() == ["Report", "FetchDocument"]
    assert call.asked[0] == Report(13420, "not audio", "error", "http://app.example/a.wav")


def test_a_url_that_is_none_is_an_error() -> None:
    """11100: invalid URL format (attribute, Play/Redirect text)."""
    call = Dialogue("<Play>ftp://a/b</Play>")
    assert call.reports() == [11100]


def test_digits_are_sent_before_a_file() -> None:
    """`digits`: sent as DTMF; the text may be empty when it is set."""
    call = Dialogue("<Play digits='12w#'/><Pause/>")
    assert call.asked[1:] == [SendDigits(2, "12w#")]
    assert call.tell(events.DigitsSent(2)) == [SetTimer(3, 1)]


def test_a_leading_pause_keeps_the_call_ringing() -> None:
    """1.6: Pause first: stays in ringing for the pause length, then continues."""
    call = Dialogue("<Pause length='3'/><Say>Hi</Say>")
    assert call.asked == [SetTimer(2, 3)]
    assert call.timer()[0] == Answer()
