"""Making a caller hear something: speech, files and tones as sources of the studio."""

from __future__ import annotations

from markup import commands, events
from media.music import hold_music
from media.source import Clip, Source, remarks_of
from media.tone import beep, ringback
from voice.calls.session import Session
from voice.sound.speech import BAD_VOICE, cast, passages
from voice.sound.studio import Listener
from voice.web.webhook import WebhookFailure

SPEECH_FAILED = 13520
"""Spec section 2.1: the text cannot be spoken."""


def start(session: Session, command: commands.StartPlayback) -> None:
    """Start a playback now, or as soon as its file has arrived."""
    studio = session.resources.studio
    match command.media:
        case commands.Speech() as speech:
            _play(session, command, studio.speaker.speak(passages(speech.text), cast(session, speech), command.loop))
        case commands.Ringback(country):
            _play(session, command, Clip(ringback(country, studio.bus.rate), 0))
        case commands.Beep():
            _play(session, command, Clip(beep(studio.bus.rate)))
        case commands.Music():
            _play(session, command, Clip(hold_music(studio.bus.rate), command.loop))
        case commands.AudioFile(url):
            samples = studio.library.peek(url)
            if samples is not None:
                _play(session, command, Clip(samples, command.loop))
            else:
                session.spawn(command.id, _play_file(session, command, url))


def hold(session: Session, command: commands.HoldPlayback) -> None:
    """Let a playback wait, even one whose file has not arrived, or go on."""
    id, on = command.id, command.on
    if id not in session.live:
        return  # it is over, which the interpreter will be told
    (session.waiting.add if on else session.waiting.discard)(id)
    session.call.journal.add("waiting", id=id, on=on)
    if id in session.playing:
        session.resources.studio.hold(session.playing[id], on)


def start_echo(session: Session, command: commands.StartEcho) -> None:
    """Let the caller hear what the caller says."""
    line, studio = session.line, session.resources.studio
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    row = line.row
    studio.echo(row, True)
    session.live[command.id] = lambda: studio.echo(row, False)


async def _play_file(session: Session, command: commands.StartPlayback, url: str) -> None:
    studio = session.resources.studio
    try:
        samples = await studio.library.fetch(url)
    except WebhookFailure as failure:
        session.finish(command.id, events.PlaybackFailed(command.id, failure.code, str(failure)))
        return
    _play(session, command, Clip(samples, command.loop))


def _play(session: Session, command: commands.StartPlayback, source: Source) -> None:
    stage, studio, journal, id = session.stage, session.resources.studio, session.call.journal, command.id
    if not stage.open:
        return  # the far end is gone and its HungUp is on the way

    what = _name(command.media)

    def forget() -> None:
        session.waiting.discard(id)
        session.playing.pop(id, None)

    def stop() -> None:
        forget()
        studio.stop(number)

    def finished(error: str) -> None:
        forget()
        for remark in remarks_of(source):
            session.perform(session, commands.Report(BAD_VOICE, remark))
        journal.add("played", id=id, what=what, error=error)
        failed = events.PlaybackFailed(id, SPEECH_FAILED, error)
        session.finish(id, failed if error else events.PlaybackEnded(id))

    number = stage.play(source, Listener(lambda: journal.add("playing", id=id, what=what), finished))
    session.live[id], session.playing[id] = stop, number
    if id in session.waiting:
        studio.hold(number, True)


def _name(media: commands.Media) -> str:
    match media:
        case commands.Speech(text=text):
            return str(text)
        case commands.AudioFile(url=url):
            return url
        case commands.Beep():
            return "beep"
        case commands.Music():
            return "music"
    return "ringback"
