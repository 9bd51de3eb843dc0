"""The commands of recordings: a call recorded by Record, by Dial or beside its document."""

from __future__ import annotations

from dataclasses import replace

from markup import commands, events
from media.frame import FRAMES_PER_SECOND
from sip import events as network
from voice.calls.session import Session
from voice.recording.recording import Recording, Subscription
from voice.recording.recordings import tape_line
from voice.recording.take import Wish
from voice.sound.taps import LevelListener


def start(session: Session, command: commands.StartRecording) -> None:
    """Record the leg of this call from now on."""
    line, recordings = session.line, session.resources.recordings
    if line.call.row is None:
        return  # the far end is gone and its HungUp is on the way
    told = command.callback
    wish = Wish(command.source, command.track, command.dual, command.trim, Subscription(told.url, told.method, told.events))
    transcriptions = session.resources.transcriptions
    if command.transcribe:
        wish = replace(wish, transcription=transcriptions.plan(line.call, command.transcribe_callback))
    take = tape_line(line, wish, recordings)
    session.takes[command.id] = take
    session.live[command.id] = take.stop
    if command.silence:
        silence = _Silence(session, command)
        take.when_ended(lambda recording: silence.stop())
    if command.source == "DialVerb":
        line.call.recorded = lambda: recordings.parameters(take.recording)
    if command.transcribe:
        take.completed.append(lambda recording, path: transcriptions.order(recording, path, line.call))


def stop(session: Session, command: commands.StopRecording) -> None:
    """End a recording and report what it has become."""
    take, id = session.takes.get(command.id), command.id
    if take is None:
        return

    def ended(recording: Recording) -> None:
        session.finish(id, events.RecordingEnded(id, session.resources.recordings.parameters(recording)))

    take.stop()
    take.when_ended(ended)


class _Silence:
    """Waits for silence that was received: while no packets come, the time does not count (spec section 2.6)."""

    def __init__(self, session: Session, command: commands.StartRecording) -> None:
        self._session = session
        self._id = command.id
        self._received = 0
        self._complete = False
        line, studio = session.line, session.resources.studio
        line.listeners.append(self._hear)
        self._measure()
        listener = LevelListener(self._silent, lambda active: line.call.journal.add("voice", active=active))
        self._forget = studio.taps.watch_level(line.row, command.silence * FRAMES_PER_SECOND, listener)

    def stop(self) -> None:
        """Wait no longer."""
        self._forget()
        self._session.line.listeners.remove(self._hear)

    def _silent(self) -> None:
        self._complete = True
        self._measure()

    def _measure(self) -> None:
        leg = self._session.call.leg
        if leg is not None:
            self._session.resources.endpoint.measure(leg)

    def _hear(self, event: network.Event) -> None:
        match event:
            case network.Measured(received=received):
                # Fewer is as good as more: a re-INVITE makes a new stream, which counts from zero.
                if self._complete and received != self._received:
                    self._session.deliver(events.SilenceHeard(self._id))
                self._received, self._complete = received, False
