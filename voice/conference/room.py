"""The rules of one conference: who may join, when it starts and ends, and which events that makes.

Pure: a method takes a step and returns what happened, in the order in which it is to be told (spec section 3.8). Nothing here
knows of audio, lines or requests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voice.conference.member import Member, Placement, place
from voice.errors import ConferenceRefused

Status = Literal["init", "in-progress", "completed"]
Trigger = Literal["join", "ready", "leave", "end"]
Departure = Literal[
    "participant_hung_up",
    "participant_updated_via_api",
    "moderator_ended_conference",
    "conference_ended_via_api",
    "participant_add_failed",
]
"""``ReasonParticipantLeft``."""
Pairs = tuple[tuple[str, str], ...]

LEAST = 2
"""Participants with whom a conference can start."""
FULL, LABEL_IN_USE, LABEL_IN_USE_API, BAD_COACH, COACHED_ON_HOLD, COACHED_ABSENT, OVER = (
    16020,
    16025,
    16026,
    13240,
    16027,
    16028,
    16022,
)

_NEXT: dict[tuple[Status, Trigger], Status] = {
    ("init", "join"): "init",
    ("init", "ready"): "in-progress",
    ("init", "leave"): "init",
    ("init", "end"): "completed",
    ("in-progress", "join"): "in-progress",
    ("in-progress", "leave"): "in-progress",
    ("in-progress", "end"): "completed",
}
"""Every legal move; a completed conference has none."""

_ENDED_BY = {
    (False, False): ("last-participant-left", "Last participant left conference"),
    (False, True): ("last-participant-kicked", "Last participant kicked from conference"),
    (True, False): (
        "participant-with-end-conference-on-exit-left",
        "Participant with endConferenceOnExit true left the conference",
    ),
    (True, True): (
        "participant-with-end-conference-on-exit-kicked",
        "Participant with endConferenceOnExit true was kicked from the conference",
    ),
}
"""``ReasonConferenceEnded`` and ``Reason``, by whether the participant ends the conference and whether it was kicked."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to tell."""

    event: str
    """``StatusCallbackEvent``."""
    member: Member | None = None
    details: Pairs = ()
    """Further parameters of the callback."""
    departure: Departure | None = None
    """Why the member has left, when it has."""


class Room:
    """One conference from its first participant to its last."""

    def __init__(self) -> None:
        self.status: Status = "init"
        self.members: dict[str, Member] = {}
        """By CallSid, in the order of their arrival."""
        self.expected: dict[str, Member] = {}
        """Those who are being called, likewise."""
        self.ringing: set[str] = set()
        """CallSids of those among them whose ringing is heard in the room."""
        self.reason_ended = ""
        """``ReasonConferenceEnded``, once it has."""
        self.ended_by = ""
        """CallSid of the participant who ended it, if one did."""

    @property
    def started(self) -> bool:
        """Whether people hear each other."""
        return self.status == "in-progress"

    def placements(self) -> dict[str, Placement]:
        """Where everybody's audio belongs now, by CallSid."""
        ringing = bool(self.ringing)
        return {sid: place(member, self.started, self.members, ringing) for sid, member in self.members.items()}

    def check(self, label: str, coached_sid: str, most: int) -> None:
        """Tell whether somebody like that may be called, with a place left of ``most``. Raises ConferenceRefused."""
        if self.status == "completed":
            raise ConferenceRefused(OVER, "the conference is over")
        if len(self.members) + len(self.expected) >= most:
            raise ConferenceRefused(FULL, f"the conference is full with {most} participants")
        if label and self._labelled(label) is not None:
            raise ConferenceRefused(LABEL_IN_USE_API, f"another participant has the label {label!r}")
        if coached_sid:
            self._coachable(coached_sid)

    def expect(self, member: Member) -> None:
        """Somebody is being called, and the conference lives until that has come to something."""
        self.expected[member.call_sid] = member

    def lose(self, member: Member) -> list[Happening]:
        """Somebody who was called does not come."""
        if self.expected.pop(member.call_sid, None) is None:
            return []
        self.ringing.discard(member.call_sid)
        self._step("leave")
        happened = [Happening("participant-leave", member, departure="participant_add_failed")]
        if not self.members and not self.expected:
            happened += self._end(*_ENDED_BY[False, False], "moderator_ended_conference", member)
        return happened

    def join(self, member: Member, most: int, *, by_api: bool = False) -> list[Happening]:
        """Let somebody in, unless there are ``most`` already. Raises ConferenceRefused."""
        if len(self.members) >= most:
            raise ConferenceRefused(FULL, f"the conference is full with {len(self.members)} participants")
        if member.label and self._labelled(member.label) not in (None, member):
            raise ConferenceRefused(
                LABEL_IN_USE_API if by_api else LABEL_IN_USE, f"another participant has the label {member.label!r}"
            )
        if member.coaching and member.coached_sid not in self.members:
            raise ConferenceRefused(BAD_COACH, f"{member.coached_sid} is no participant who could be coached")
        self._step("join")
        self.expected.pop(member.call_sid, None)
        self.ringing.discard(member.call_sid)
        self.members[member.call_sid] = member
        happened = [Happening("participant-join", member)]
        if self.status == "init" and len(self.members) >= LEAST and any(each.start_on_enter for each in self.members.values()):
            self._step("ready")
            happened.append(Happening("conference-start"))
        return happened

    def leave(self, member: Member, departure: Departure, *, kicked: bool = False) -> list[Happening]:
        """Let somebody out; with the last, and with one who ends it on exit, the conference is over."""
        if self.members.pop(member.call_sid, None) is None:
            return []
        self._step("leave")
        happened = [Happening("participant-leave", member, departure=departure)]
        if member.end_on_exit or not (self.members or self.expected):
            reason, text = _ENDED_BY[member.end_on_exit, kicked]
            happened += self._end(reason, text, "moderator_ended_conference", member)
        return happened

    def end(self) -> list[Happening]:
        """End it from outside."""
        if self.status == "completed":
            return []
        return self._end("conference-ended-via-api", "Conference ended via API", "conference_ended_via_api", None)

    def mute(self, member: Member, muted: bool) -> list[Happening]:
        """Let somebody be heard or not."""
        if member.muted == muted:
            return []
        member.muted = muted
        return [Happening("participant-mute" if muted else "participant-unmute", member)]

    def hold(self, member: Member, hold: bool) -> list[Happening]:
        """Take somebody out of the conversation for a while."""
        if member.hold == hold:
            return []
        member.hold = hold
        return [Happening("participant-hold" if hold else "participant-unhold", member)]

    def coach(self, member: Member, coached_sid: str) -> list[Happening]:
        """Let only one participant hear somebody, or everybody again with an empty SID. Raises ConferenceRefused."""
        if coached_sid:
            self._coachable(coached_sid, member)
        if member.coached_sid == coached_sid:
            return []
        member.coached_sid = coached_sid
        return self.modified(member)

    def change_exit(self, member: Member, *, end_on_exit: bool, beep_on_exit: bool) -> list[Happening]:
        """Decide again what happens when somebody leaves."""
        if (member.end_on_exit, member.beep_on_exit) == (end_on_exit, beep_on_exit):
            return []
        member.end_on_exit, member.beep_on_exit = end_on_exit, beep_on_exit
        return self.modified(member)

    def modified(self, member: Member) -> list[Happening]:
        """Something about a participant was changed that has no event of its own."""
        return [Happening("participant-modify", member)]

    def find(self, key: str) -> Member | None:
        """The participant with a CallSid or a label."""
        found = self.members.get(key) or self._labelled(key)
        return found if found is not None and found.call_sid in self.members else None

    def awaited(self, key: str) -> Member | None:
        """The same of those who are being called."""
        found = self.expected.get(key) or self._labelled(key)
        return found if found is not None and found.call_sid in self.expected else None

    def _labelled(self, label: str) -> Member | None:
        everybody = (*self.members.values(), *self.expected.values())
        return next((member for member in everybody if member.label and member.label == label), None)

    def _coachable(self, coached_sid: str, coach: Member | None = None) -> None:
        coached = self.members.get(coached_sid)
        if coached is None or coached is coach:
            raise ConferenceRefused(COACHED_ABSENT, f"{coached_sid} is no other participant of this conference")
        if coached.hold:
            raise ConferenceRefused(COACHED_ON_HOLD, f"{coached_sid} is on hold and cannot be coached")

    def _end(self, reason: str, text: str, departure: Departure, by: Member | None) -> list[Happening]:
        self._step("end")
        happened = [Happening("participant-leave", member, departure=departure) for member in self.members.values()]
        happened += [
            Happening("participant-leave", member, departure="participant_add_failed") for member in self.expected.values()
        ]
        for everybody in (self.members, self.expected, self.ringing):
            everybody.clear()
        self.reason_ended = reason
        details: list[tuple[str, str]] = []
        if by is not None:
            self.ended_by = by.call_sid
            details.append(("CallSidEndingConference", by.call_sid))
            if by.label:
                details.append(("ParticipantLabelEndingConference", by.label))
        details += [("ReasonConferenceEnded", reason), ("Reason", text)]
        return [*happened, Happening("conference-end", details=tuple(details))]

    def _step(self, trigger: Trigger) -> None:
        following = _NEXT.get((self.status, trigger))
        if following is None:
            raise ConferenceRefused(OVER, "the conference is over")
        self.status = following
