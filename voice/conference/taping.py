"""The recording of a conference: what its people say, in one channel, without music and without coaches (section 2.7.4)."""

from __future__ import annotations

from email.utils import format_datetime
from pathlib import Path

from markup.verbs import Conference as Noun
from media.track import Track
from voice.conference.house import House
from voice.conference.participant import Participant
from voice.recording.recording import Recording, Subscription
from voice.recording.take import Wish

RECORD_FROM_START = "record-from-start"
TRIM = "trim-silence"


class ConferenceTape:
    """Records one room from a row that listens there and says nothing; raises BusFull when there is none.

    ``wanted_by`` is the participant whose noun asks for it: its callbacks are told.
    """

    def __init__(self, wanted_by: Participant, room: int, identity: tuple[tuple[str, str], ...], house: House) -> None:
        self._house = house
        self._identity = identity
        self._row = house.studio.claim()
        noun = wanted_by.noun
        house.studio.enter(room, self._row, heard=False)
        wish = Wish("Conference", trim=noun.trim == TRIM, subscription=_subscription(noun))
        conference_sid = dict(identity)["ConferenceSid"]
        tracks = ((Track(self._row, outbound=True),),)
        self.take = house.recordings.start(wanted_by.guest.call, tracks, wish, conference_sid=conference_sid)
        if noun.event_callback_url and not noun.recording_status_callback:
            self.take.completed.append(lambda recording, path: self._tell(noun.event_callback_url, recording, path))

    def stop(self) -> None:
        """End it."""
        self.take.stop()
        self._house.studio.release(self._row)

    def _tell(self, url: str, recording: Recording, path: Path) -> None:
        """The event of an older API (end of section 3.8)."""
        pairs = [
            ("EventName", "conference-record-end"),
            *self._identity,
            ("RecordingUrl", self._house.recordings.url(recording)),
            ("Duration", recording.duration),
            ("RecordingFileSize", str(path.stat().st_size)),
            ("Timestamp", format_datetime(self._house.wall())),
        ]
        self._house.callbacks.send(recording.sid, url, "POST", pairs)


def _subscription(noun: Noun) -> Subscription:
    return Subscription(
        noun.recording_status_callback, noun.recording_status_callback_method, noun.recording_status_callback_event
    )
