"""One conference: its rules, its room on the bus, its callbacks and its announcements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from markup.commands import Report
from markup.verbs import Conference as Noun
from media import beep
from media.dtmf import tones
from media.errors import BusFull
from voice.conference.announcement import Announcement
from voice.conference.house import House
from voice.conference.notices import Notices, Subscription
from voice.conference.overhearing import Overhearing
from voice.conference.participant import Participant
from voice.conference.room import Departure, Happening, Room
from voice.conference.seats import Seats
from voice.conference.speech import SpeechWatch
from voice.conference.taping import RECORD_FROM_START, ConferenceTape
from voice.identifiers import new_sid

DEFAULT_HOLD_METHOD = "GET"
NO_RECORDING = 15000


class Conference:
    """From the first participant to the last; ``over`` is told when it is completed, before anybody goes on elsewhere.

    ``number`` is that of its room on the bus. The methods that name a participant are for one that is in it.
    """

    def __init__(
        self,
        name: str,
        account_sid: str,
        number: int,
        house: House,
        first: Noun,
        over: Callable[[Conference], None],
        sid: str = "",
    ) -> None:
        self.sid = sid or new_sid("CF")
        self.name = name
        self.account_sid = account_sid
        self.created = self.updated = house.wall()
        self.rules = Room()
        self.participants: dict[str, Participant] = {}
        """By CallSid, in the order of their arrival."""
        self.seats = Seats(self.rules, Overhearing(number, house.studio), house.wall, self._settle, self._arrange)
        """Those who are called into it."""
        self._number = number
        self._house = house
        self._studio = house.studio
        self._over = over
        self._announcements: dict[Announcement, None] = {}
        subscription = Subscription(first.status_callback, first.status_callback_method, frozenset(first.status_callback_event))
        self._tape: ConferenceTape | None = None
        self._identity = (("ConferenceSid", self.sid), ("FriendlyName", name), ("AccountSid", account_sid))
        self._notices = Notices(house.callbacks, subscription, self._identity, house.wall)

    @property
    def told(self) -> dict[str, Any]:
        """Who is told of its events, for the store."""
        return self._notices.told

    def admit(self, participant: Participant) -> None:
        """Let a participant in. Raises ConferenceRefused."""
        member = participant.member
        most = min(participant.noun.max_participants, self._house.most)
        happened = self.rules.join(member, most, by_api=self.seats.take(member.call_sid))
        participant.host = self
        participant.joined = participant.updated = self._house.wall()
        participant.guest.line.on_key = lambda digit: self._press(participant, digit)
        self.participants[member.call_sid] = participant
        if self._notices.wants("speaker"):
            participant.speech = SpeechWatch(self._studio, lambda speaks: self._speak(participant, speaks))
        self._settle(happened)
        self._record()
        if self.rules.started and member.beep_on_enter:
            self._studio.sound(self._number, beep.entry(self._studio.bus.rate))

    def leave(
        self, participant: Participant, departure: Departure, *, kicked: bool = False, code: int = 0, message: str = ""
    ) -> None:
        """Let a participant out; ``code`` and ``message`` tell its document why, when that is an error."""
        for announcement in [each for each in self._announcements if each.to is participant]:
            announcement.cancel("the participant has left")
        started = self.rules.started
        self._settle(self.rules.leave(participant.member, departure, kicked=kicked), code, message)
        if started and self.rules.started and participant.member.beep_on_exit:
            self._studio.sound(self._number, beep.exit(self._studio.bus.rate))

    def find(self, key: str) -> Participant | None:
        """The participant with a CallSid or a label."""
        member = self.rules.find(key)
        return self.participants[member.call_sid] if member is not None else None

    def mute(self, participant: Participant, muted: bool) -> None:
        """Let the others hear it no longer, or again."""
        self._settle(self.rules.mute(participant.member, muted))

    def hold(self, participant: Participant, url: str | None = None, method: str = DEFAULT_HOLD_METHOD) -> None:
        """Take it out of the conversation; it hears a document, our music for None or silence for an empty URL."""
        participant.hold_with(url, method)
        self._settle(self.rules.hold(participant.member, True))

    def unhold(self, participant: Participant) -> None:
        """Take it back into the conversation."""
        self._settle(self.rules.hold(participant.member, False))

    def coach(self, participant: Participant, coached_sid: str) -> None:
        """Let one other alone hear it, or everybody with an empty SID. Raises ConferenceRefused."""
        self._settle(self.rules.coach(participant.member, coached_sid))

    def change_exit(self, participant: Participant, *, end_on_exit: bool, beep_on_exit: bool) -> None:
        """Decide again what happens when it leaves."""
        self._settle(self.rules.change_exit(participant.member, end_on_exit=end_on_exit, beep_on_exit=beep_on_exit))

    def change_wait(self, participant: Participant, url: str | None, method: str = "POST") -> None:
        """Let it hear another document until the conference starts."""
        participant.wait_with(url, method)
        self._settle(self.rules.modified(participant.member))

    def announce(self, url: str, method: str = "POST", to: Participant | None = None) -> None:
        """Let everybody, or one participant, hear a document over what is said."""
        host = to if to is not None else next(iter(self.participants.values()))
        announcement = Announcement(url, host, to, self._announced)
        self._announcements[announcement] = None
        announcement.begin(method, self._number, self._studio)

    def kick(self, participant: Participant) -> None:
        """Turn it out; its call goes on after its Dial."""
        self.leave(participant, "participant_updated_via_api", kicked=True)

    def end(self) -> None:
        """Turn everybody out."""
        self._settle(self.rules.end())

    def _settle(self, happened: list[Happening], code: int = 0, message: str = "") -> None:
        """Tell what happened, then move the audio, then let those go on elsewhere who have left."""
        if not happened:
            return
        self.updated = self._house.wall()
        if self.rules.status == "completed":
            self._silence_announcements()
        departed: list[Participant] = []
        for happening in happened:
            self._tell(happening)
            participant = self.participants.get(happening.member.call_sid) if happening.member is not None else None
            if participant is None:
                continue
            participant.updated = self.updated
            if happening.departure is not None:
                departed.append(self.participants.pop(participant.member.call_sid))
        self._house.archive.write(self)
        if self.rules.status == "completed":
            if self._tape is not None:
                self._tape.stop()
            self._over(self)
        self._arrange()
        for place, participant in enumerate(departed):
            participant.depart(*((code, message) if place == 0 else ()))
        if self.rules.status == "completed":
            self.seats.dismiss()

    def _tell(self, happening: Happening) -> None:
        sid = happening.member.call_sid if happening.member is not None else ""
        participant = self.participants.get(sid)
        own = participant.guest.call if participant is not None else self.seats.call(sid)
        for call in [own] if own is not None else [each.guest.call for each in self.participants.values()]:
            call.journal.add("conference", event=happening.event, conference_sid=self.sid, name=self.name)
        self._notices.send(happening, own.status if own is not None else None)

    def _arrange(self) -> None:
        for sid, placement in self.rules.placements().items():
            confidant = self.participants[placement.confidant].row if placement.confidant else None
            self.participants[sid].arrange(self._number, placement, confidant)

    def _announced(self, announcement: Announcement, why: str) -> None:
        if announcement not in self._announcements:
            return
        del self._announcements[announcement]
        details = [("AnnounceUrl", announcement.url)]
        if why:
            details.append(("ReasonAnnouncementFailed", why))
        member = announcement.to.member if announcement.to is not None else None
        self._tell(Happening("announcement-fail" if why else "announcement-end", member, tuple(details)))
        self._house.archive.write(self)

    def _silence_announcements(self) -> None:
        for announcement in list(self._announcements):
            announcement.cancel("the conference has ended")

    def _record(self) -> None:
        """Record from the start on, or from when somebody comes who wants it."""
        if self._tape is not None or not self.rules.started:
            return
        wanted_by = next((each for each in self.participants.values() if each.noun.record == RECORD_FROM_START), None)
        if wanted_by is None:
            return
        try:
            self._tape = ConferenceTape(wanted_by, self._number, self._identity, self._house)
        except BusFull as error:
            wanted_by.guest.call.report(Report(NO_RECORDING, str(error), "error"))

    def _speak(self, participant: Participant, speaks: bool) -> None:
        self._tell(Happening(f"participant-speech-{'start' if speaks else 'stop'}", participant.member))
        self._house.archive.write(self)

    def _press(self, participant: Participant, digit: str) -> None:
        """Keys that come as events are heard as tones by whoever hears this participant (spec section 2.7.4)."""
        placement = self.rules.placements()[participant.member.call_sid]
        if placement.heard:
            self._studio.sound(self._number, tones(digit, self._studio.bus.rate))
