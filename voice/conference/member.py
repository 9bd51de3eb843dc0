"""One participant as the rules of a conference see it, and what these flags mean for its audio."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markup.verbs import Conference as Noun

Listening = Literal["room", "wait", "hold"]
"""What a participant hears: the others, its waiting document, or its hold document."""


@dataclass(eq=False, slots=True)
class Member:
    """Whom a conference knows by a CallSid; the flags are those of the noun, and REST changes some of them."""

    call_sid: str
    label: str = ""
    """Unique in the conference; empty is none."""
    muted: bool = False
    hold: bool = False
    """Independent of ``muted``."""
    coached_sid: str = ""
    """The only participant who hears this one; empty when it does not coach."""
    start_on_enter: bool = True
    end_on_exit: bool = False
    beep_on_enter: bool = True
    beep_on_exit: bool = True

    @property
    def coaching(self) -> bool:
        """Whether it coaches."""
        return bool(self.coached_sid)


def make_member(call_sid: str, noun: Noun) -> Member:
    """A call as the noun describes it that joins it."""
    return Member(
        call_sid,
        label=noun.participant_label,
        muted=noun.muted,
        coached_sid=noun.coach,
        start_on_enter=noun.start_conference_on_enter,
        end_on_exit=noun.end_conference_on_exit,
        beep_on_enter=noun.beep in ("true", "onEnter"),
        beep_on_exit=noun.beep in ("true", "onExit"),
    )


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a participant's row belongs."""

    listening: Listening
    heard: bool
    """By the whole room."""
    confidant: str = ""
    """CallSid of the one participant who hears what this one says; empty is nobody."""

    @property
    def hears(self) -> bool:
        """Whether it hears the room."""
        return self.listening == "room"


def place(member: Member, started: bool, present: dict[str, Member], ringing: bool = False) -> Placement:
    """The placement of a member of a room whose members are ``present``, by CallSid.

    Who waits or is on hold neither hears nor is heard; who is muted hears; who coaches hears everybody and is heard by one,
    unless that one is on hold or gone (spec section 2.7.4). Who waits hears it when somebody who is called is ``ringing``.
    """
    if member.hold:
        return Placement("hold", False)
    if not started:
        return Placement("room" if ringing else "wait", False)
    if member.muted:
        return Placement("room", False)
    if not member.coaching:
        return Placement("room", True)
    coached = present.get(member.coached_sid)
    reachable = coached is not None and not coached.hold
    return Placement("room", False, member.coached_sid if reachable else "")
