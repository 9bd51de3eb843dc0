"""The commands of Dial with Conference."""

from __future__ import annotations

from markup import commands, events
from voice.calls.session import Session
from voice.errors import ConferenceRefused


def join(session: Session, command: commands.JoinConference) -> None:
    """Take part in a conference, or tell why that cannot be."""
    conferences = session.resources.conferences
    participant = conferences.participant(session, command)
    session.live[command.id] = participant.taken_away
    try:
        conferences.join(participant)
    except ConferenceRefused as refusal:
        session.finish(command.id, events.ConferenceLeft(command.id, refusal.code, str(refusal)))


def leave(session: Session, command: commands.LeaveConference) -> None:
    """Leave by oneself, which is reported, or because something else is to be done, which is not."""
    if command.interrupted:
        session.stop(command.id)
        return
    found = session.resources.conferences.of_call(session.call.sid)
    if found is not None:
        conference, participant = found
        conference.leave(participant, "participant_hung_up")
