"""One call in a conference: where its audio belongs, and what it hears meanwhile."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from markup import commands, events
from markup.verbs import Conference as Noun
from voice.conference.guest import Guest
from voice.conference.interlude import Interlude
from voice.conference.member import Member, Placement
from voice.conference.room import Departure
from voice.conference.speech import SpeechWatch
from voice.sound.studio import Studio

BAD_WAIT_URL = 13233


class Host(Protocol):
    """The conference, as its participants see it."""

    def leave(
        self, participant: Participant, departure: Departure, *, kicked: bool = False, code: int = 0, message: str = ""
    ) -> None:
        """Let a participant out."""


class Participant:
    """A call in its ``<Dial><Conference>``; ``id`` is that of the command which joined it."""

    host: Host
    """Set when it is let in, like the times."""
    joined: datetime
    updated: datetime

    def __init__(self, guest: Guest, id: events.OperationId, noun: Noun, member: Member, studio: Studio) -> None:
        self.guest = guest
        self.noun = noun
        self.member = member
        self.speech: SpeechWatch | None = None
        """Watches who speaks, where somebody wants to know."""
        self._id = id
        self._wait: tuple[str | None, str] = (noun.wait_url, noun.wait_method)
        self._hold: tuple[str | None, str] = (None, "GET")
        self._studio = studio
        self._interlude = Interlude(guest, studio)
        self._placement: Placement | None = None
        self._confidant: int | None = None

    @property
    def row(self) -> int | None:
        """The row of its line; None once the far end is gone."""
        return self.guest.call.row

    def arrange(self, room: int, placement: Placement, confidant: int | None) -> None:
        """Put its audio where it belongs; ``confidant`` is the row of the one it whispers to."""
        row, before = self.row, self._placement
        if row is None or (placement, confidant) == (before, self._confidant):
            return
        self._placement, self._confidant = placement, confidant
        self._studio.enter(room, row, heard=placement.heard, hears=placement.hears)
        self._studio.whisper(row, confidant)
        if self.speech is not None:
            if placement.heard or confidant is not None:
                self.speech.listen(row)
            else:
                self.speech.stop()
        if before is None or placement.listening != before.listening:
            self._play_interlude(placement)

    def wait_with(self, url: str | None, method: str) -> None:
        """Hear another document while waiting; at once, if it waits."""
        self._wait = (url, method)
        if self._placement is not None and self._placement.listening == "wait":
            self._play_interlude(self._placement)

    def hold_with(self, url: str | None, method: str) -> None:
        """Hear another document while on hold; at once, if it is."""
        self._hold = (url, method)
        if self._placement is not None and self._placement.listening == "hold":
            self._play_interlude(self._placement)

    def depart(self, code: int = 0, message: str = "") -> None:
        """Be in the conference no more, and go on with the call if that is still there."""
        self._interlude.stop()
        if self.speech is not None:
            self.speech.stop(quietly=True)
        self.guest.line.on_key = None
        if self.row is not None:
            self._studio.leave(self.row)
        self.guest.finish(self._id, events.ConferenceLeft(self._id, code, message))

    def taken_away(self) -> None:
        """The call was hung up or is to do something else."""
        self.host.leave(self, "participant_updated_via_api" if self.guest.call.live else "participant_hung_up")

    def _play_interlude(self, placement: Placement) -> None:
        match placement.listening:
            case "room":
                self._interlude.stop()
            case "wait":
                self._interlude.play(*self._wait, failed=self._cannot_wait)
            case "hold":
                self._interlude.play(*self._hold)

    def _cannot_wait(self, report: commands.Report | None) -> None:
        """Without its wait document the conference is not established for this leg (spec section 1.9)."""
        why = f"{report.code} {report.message}" if report is not None else "no document"
        self.host.leave(self, "participant_add_failed", code=BAD_WAIT_URL, message=f"waitUrl of <Conference> fails: {why}")
