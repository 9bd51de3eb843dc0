"""Say, Play, Pause and Echo (spec sections 2.1 to 2.3, and 2.16)."""

from __future__ import annotations

from markup import commands, events
from markup.errors import VerbFailed
from markup.script import Run, Script
from markup.verbs import Echo, Pause, Play, Say

LONGEST_TEXT = 4096
LONGEST_POLLY_TEXT = 3000
MOST_PARTS = 500
"""Changes of manner and breaks in one Say: nobody writes so many, and each costs time."""
MOST_ROUNDS = 1000
"""What ``loop="0"`` means (sections 2.1 and 2.2)."""
NO_TEXT, TEXT_TOO_LONG = 13520, 13521


def say(script: Script, verb: Say) -> Run:
    """Speak a text; what cannot be spoken is skipped."""
    script.answer()
    text = verb.text
    if not text:
        script.report(NO_TEXT, "<Say> has no text to speak")
        return None
    longest = LONGEST_POLLY_TEXT if verb.voice.startswith("Polly.") else LONGEST_TEXT
    if text.characters > longest:
        script.report(TEXT_TOO_LONG, f"<Say> speaks the first {longest} of {text.characters} characters")
    if len(text.parts) > MOST_PARTS:
        script.report(TEXT_TOO_LONG, f"<Say> speaks the first {MOST_PARTS} of {len(text.parts)} pieces that its SSML makes")
    text = text.first(longest, MOST_PARTS)
    playback = script.play(commands.Speech(text, verb.voice, verb.language), verb.loop or MOST_ROUNDS)
    while True:
        match (yield):
            case events.PlaybackEnded(id) if id == playback:
                return None
            case events.PlaybackFailed(id, code, message) if id == playback:
                script.report(code, message)
                script.outcome = f"failed with {code}"
                return None


def play(script: Script, verb: Play) -> Run:
    """Send keys, play a file; a file that cannot be played is an error of the document."""
    script.answer()
    if verb.digits:
        yield from _send(script, verb.digits)
    if not verb.url:
        return None
    url = script.resolve(verb.url)
    playback = script.play(commands.AudioFile(url), verb.loop or MOST_ROUNDS)
    while True:
        match (yield):
            case events.PlaybackEnded(id) if id == playback:
                return None
            case events.PlaybackFailed(id, code, message) if id == playback:
                raise VerbFailed(code, url, message)


def pause(script: Script, verb: Pause) -> Run:
    """Wait. A call that rings goes on ringing (section 1.6)."""
    timer = script.set_timer(verb.length)
    while True:
        if events.TimerFired(timer) == (yield):
            return None


def echo(script: Script, verb: Echo) -> Run:
    """Let the caller hear himself until he hangs up."""
    script.answer()
    script.start(commands.StartEcho, commands.StopEcho, ())
    while True:
        yield


def _send(script: Script, digits: str) -> Run:
    sending = script.send_digits(digits)
    while events.DigitsSent(sending) != (yield):
        pass
    return None
