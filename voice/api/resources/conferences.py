"""``/Conferences``: what goes on in a live conference, and how to change it (spec section 4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.parameters import BAD_PARAMETER, BOOLEAN, METHOD, URL, Parameter, choice, sid
from voice.api.shapes import Shape, flag, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.conference.conference import Conference
from voice.conference.conferences import Conferences
from voice.conference.participant import Participant
from voice.errors import ConferenceRefused

CONFERENCE = Shape(
    "Conference",
    {
        "sid": sid_of("CF"),
        "account_sid": sid_of("AC"),
        "friendly_name": string(),
        "status": string(),
        "region": string("us1"),
        "api_version": string("2010-04-01"),
        "date_created": moment(),
        "date_updated": moment(),
        "reason_conference_ended": maybe(),
        "call_sid_ending_conference": maybe(),
    },
    "/Conferences/{sid}",
    {"participants": "/Participants", "recordings": "/Recordings"},
)

PARTICIPANT = Shape(
    "Participant",
    {
        "account_sid": sid_of("AC"),
        "call_sid": sid_of("CA"),
        "conference_sid": sid_of("CF"),
        "label": maybe(),
        "muted": flag(),
        "hold": flag(),
        "coaching": flag(),
        "call_sid_to_coach": maybe(),
        "start_conference_on_enter": flag(),
        "end_conference_on_exit": flag(),
        "status": string(),
        "queue_time": maybe(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/Conferences/{conference_sid}/Participants/{call_sid}",
)

_URL_CODE, _METHOD_CODE = 21205, 21209
_CHANGES = (
    Parameter("Status", choice("completed")),
    Parameter("AnnounceUrl", URL, _URL_CODE),
    Parameter("AnnounceMethod", METHOD, _METHOD_CODE),
)
_PARTICIPANT_CHANGES = (
    Parameter("Muted", BOOLEAN),
    Parameter("Hold", BOOLEAN),
    Parameter("HoldUrl", URL, _URL_CODE),
    Parameter("HoldMethod", METHOD, _METHOD_CODE),
    Parameter("AnnounceUrl", URL, _URL_CODE),
    Parameter("AnnounceMethod", METHOD, _METHOD_CODE),
    Parameter("WaitUrl", URL, _URL_CODE),
    Parameter("WaitMethod", METHOD, _METHOD_CODE),
    Parameter("BeepOnExit", BOOLEAN),
    Parameter("EndConferenceOnExit", BOOLEAN),
    Parameter("Coaching", BOOLEAN),
    Parameter("CallSidToCoach", sid("CA")),
)


class ConferenceResource:
    """The conferences that are live, and their participants."""

    def __init__(self, conferences: Conferences) -> None:
        self._conferences = conferences

    @get("/Conferences/{ConferenceSid}", CONFERENCE)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One conference."""
        return _conference(self._find(ask))

    @post("/Conferences/{ConferenceSid}", CONFERENCE, takes=_CHANGES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """End a conference, or announce something in it."""
        conference, form = self._find(ask), ask.form
        if form.get("announce_url") and conference.participants:
            conference.announce(form["announce_url"], form.get("announce_method", "POST"))
        if "status" in form:
            conference.end()
        return _conference(conference)

    @get("/Conferences/{ConferenceSid}/Participants/{CallSid}", PARTICIPANT)
    async def fetch_participant(self, ask: Ask) -> Mapping[str, Any]:
        """One participant."""
        return _participant(*self._find_participant(ask))

    @post("/Conferences/{ConferenceSid}/Participants/{CallSid}", PARTICIPANT, takes=_PARTICIPANT_CHANGES)
    async def update_participant(self, ask: Ask) -> Mapping[str, Any]:
        """Change what a participant hears, who hears it, and what happens when it leaves."""
        conference, participant = self._find_participant(ask)
        try:
            change(conference, participant, ask.form)
        except ConferenceRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        return _participant(conference, participant)

    @delete("/Conferences/{ConferenceSid}/Participants/{CallSid}")
    async def kick(self, ask: Ask) -> None:
        """Turn a participant out."""
        conference, participant = self._find_participant(ask)
        conference.kick(participant)

    def _find(self, ask: Ask) -> Conference:
        key = ask.keys["ConferenceSid"]
        conference = self._conferences.by_sid(key) or self._conferences.named(ask.account.sid, key)
        if conference is None or conference.account_sid != ask.account.sid:
            raise ask.not_found()
        return conference

    def _find_participant(self, ask: Ask) -> tuple[Conference, Participant]:
        conference = self._find(ask)
        participant = conference.find(ask.keys["CallSid"])
        if participant is None:
            raise ask.not_found()
        return conference, participant


def change(conference: Conference, participant: Participant, form: Mapping[str, Any]) -> None:
    """Do what the form of a participant's update asks for. Raises ApiError and ConferenceRefused."""
    coached = _coached(form)
    if coached is not None:
        conference.coach(participant, coached)
    if "muted" in form:
        conference.mute(participant, form["muted"])
    if form.get("hold"):
        conference.hold(participant, form.get("hold_url") or None, form.get("hold_method", "GET"))
    elif "hold" in form:
        conference.unhold(participant)
    if "wait_url" in form:
        conference.change_wait(participant, form["wait_url"], form.get("wait_method", "POST"))
    member = participant.member
    conference.change_exit(
        participant,
        end_on_exit=form.get("end_conference_on_exit", member.end_on_exit),
        beep_on_exit=form.get("beep_on_exit", member.beep_on_exit),
    )
    if form.get("announce_url"):
        conference.announce(form["announce_url"], form.get("announce_method", "POST"), participant)


def _coached(form: Mapping[str, Any]) -> str | None:
    """Whom to coach from now on, "" for nobody; None when nothing is said of it. Raises ApiError."""
    coaching, coached = form.get("coaching"), form.get("call_sid_to_coach", "")
    if coaching and not coached:
        raise ApiError(400, BAD_PARAMETER, "Coaching needs CallSidToCoach")
    if coaching is False:
        return ""
    return coached or None


def _conference(conference: Conference) -> dict[str, Any]:
    rules = conference.rules
    return {
        "sid": conference.sid,
        "account_sid": conference.account_sid,
        "friendly_name": conference.name,
        "status": rules.status,
        "date_created": conference.created,
        "date_updated": conference.updated,
        "reason_conference_ended": rules.reason_ended or None,
        "call_sid_ending_conference": rules.ended_by or None,
    }


def _participant(conference: Conference, participant: Participant) -> dict[str, Any]:
    member = participant.member
    return {
        "account_sid": conference.account_sid,
        "call_sid": member.call_sid,
        "conference_sid": conference.sid,
        "label": member.label or None,
        "muted": member.muted,
        "hold": member.hold,
        "coaching": member.coaching,
        "call_sid_to_coach": member.coached_sid or None,
        "start_conference_on_enter": member.start_on_enter,
        "end_conference_on_exit": member.end_on_exit,
        "status": "connected",
        "date_created": participant.joined,
        "date_updated": participant.updated,
    }
