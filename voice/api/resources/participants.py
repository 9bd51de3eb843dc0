"""``/Conferences/{CF}/Participants``: who is in a conference, calling somebody into it, and what can be changed (section 4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page, slice_page
from voice.api.parameters import BAD_PARAMETER, BOOLEAN, METHOD, URL, Parameter, sid
from voice.api.resources.calls import place
from voice.api.resources.conferences import NOT_BRIDGED, find_live
from voice.api.resources.orders import BAD_METHOD, BAD_URL
from voice.api.resources.seating import SEATING, Seating
from voice.api.shapes import Shape, flag, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.calls.switch import Switch
from voice.conference.conference import Conference
from voice.conference.conferences import Conferences
from voice.conference.member import Member
from voice.conference.participant import Participant
from voice.conference.room import BAD_COACH
from voice.conference.seat import Seat
from voice.errors import ConferenceRefused
from voice.store import records
from voice.store.database import Database
from voice.store.tables.rooms import CONFERENCES

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

_CHANGES = (
    Parameter("Muted", BOOLEAN),
    Parameter("Hold", BOOLEAN),
    Parameter("HoldUrl", URL, BAD_URL),
    Parameter("HoldMethod", METHOD, BAD_METHOD),
    Parameter("AnnounceUrl", URL, BAD_URL),
    Parameter("AnnounceMethod", METHOD, BAD_METHOD),
    Parameter("WaitUrl", URL, BAD_URL),
    Parameter("WaitMethod", METHOD, BAD_METHOD),
    Parameter("BeepOnExit", BOOLEAN),
    Parameter("EndConferenceOnExit", BOOLEAN),
    Parameter("Coaching", BOOLEAN),
    Parameter("CallSidToCoach", sid("CA"), BAD_COACH),
)
_IN_THE_ROOM = frozenset({"hold", "announce_url", "wait_url", "coaching", "call_sid_to_coach"})
"""What is not to be decided of somebody who is not in yet."""
_FILTERS = (Parameter("Muted", BOOLEAN), Parameter("Hold", BOOLEAN), Parameter("Coaching", BOOLEAN))


class ParticipantResource:
    """The participants of live conferences; one is named by its CallSid or its label."""

    def __init__(self, conferences: Conferences, database: Database, switch: Switch, seating: Seating) -> None:
        self._conferences = conferences
        self._database = database
        self._switch = switch
        self._seating = seating

    @post("/Conferences/{ConferenceSid}/Participants", PARTICIPANT, takes=SEATING, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Call somebody into a conference, which is made if its name is not that of a live one."""
        order = self._seating.order(ask.form, ask.account.sid, ask.keys["ConferenceSid"])
        call = place(self._switch, order)
        conference = self._conferences.expecting(call.sid)
        assert conference is not None, "it has just been told to expect the call"
        seat = conference.seats.waiting[-1]
        row = {**_seat(conference, seat), "queue_time": round(1000 * self._switch.outbound.remaining(ask.account.sid))}
        await self._database.settle()
        return row

    @get("/Conferences/{ConferenceSid}/Participants", PARTICIPANT, lists="participants", filters=_FILTERS)
    async def list(self, ask: Ask) -> Page:
        """Who is in a conference, in the order of their arrival; nobody, once it is over."""
        conference = find_live(self._conferences, ask)
        if conference is None:
            row = await self._database.read(records.find(CONFERENCES, ask.account.sid, ask.keys["ConferenceSid"]))
            if row is None:
                raise ask.not_found()
            return Page((), ask.page)
        everybody = [_participant(conference, each) for each in conference.participants.values()]
        everybody += [_seat(conference, each) for each in conference.seats.waiting]
        rows = [row for row in everybody if all(row[name] == wanted for name, wanted in ask.filters.items())]
        rows.sort(key=_place)
        return slice_page(rows, ask.page, [_place(row) for row in rows])

    @get("/Conferences/{ConferenceSid}/Participants/{CallSid}", PARTICIPANT)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One participant; also one who was called by REST and is not in any more, as long as the conference lives."""
        conference, found = self._find(ask)
        return _participant(conference, found) if isinstance(found, Participant) else _seat(conference, found)

    @post("/Conferences/{ConferenceSid}/Participants/{CallSid}", PARTICIPANT, takes=_CHANGES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Change what a participant hears, who hears it, and what happens when it leaves."""
        conference, found = self._find(ask)
        if isinstance(found, Seat):
            _change_seat(found, ask)
            return _seat(conference, found)
        try:
            change(conference, found, ask.form)
        except ConferenceRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        return _participant(conference, found)

    @delete("/Conferences/{ConferenceSid}/Participants/{CallSid}")
    async def kick(self, ask: Ask) -> None:
        """Turn a participant out, or call it no longer."""
        conference, found = self._find(ask)
        if isinstance(found, Participant):
            conference.kick(found)
        elif found.expected:
            found.cancel()
        else:
            raise ask.not_found()

    def _find(self, ask: Ask) -> tuple[Conference, Participant | Seat]:
        conference, key = find_live(self._conferences, ask), ask.keys["CallSid"]
        found = (conference.find(key) or conference.seats.find(key)) if conference is not None else None
        if conference is None or found is None:
            raise ask.not_found()
        return conference, found


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


def _change_seat(seat: Seat, ask: Ask) -> None:
    """Change how somebody will join who is being called. Raises ApiError."""
    form, member = ask.form, seat.member
    if not seat.expected:
        raise ask.not_found()
    if form.keys() & _IN_THE_ROOM:
        raise ApiError(400, NOT_BRIDGED, "The participant is not in the conference yet")
    member.muted = form.get("muted", member.muted)
    member.end_on_exit = form.get("end_conference_on_exit", member.end_on_exit)
    member.beep_on_exit = form.get("beep_on_exit", member.beep_on_exit)


def _coached(form: Mapping[str, Any]) -> str | None:
    """Whom to coach from now on, "" for nobody; None when nothing is said of it. Raises ApiError."""
    coaching, coached = form.get("coaching"), form.get("call_sid_to_coach", "")
    if coaching and not coached:
        raise ApiError(400, BAD_PARAMETER, "Coaching needs CallSidToCoach")
    if coaching is False:
        return ""
    return coached or None


def _participant(conference: Conference, participant: Participant) -> dict[str, Any]:
    dates = participant.joined, participant.updated
    return _row(conference, participant.member, "connected", *dates)


def _seat(conference: Conference, seat: Seat) -> dict[str, Any]:
    return _row(conference, seat.member, seat.status, seat.created, seat.updated)


def _row(conference: Conference, member: Member, status: str, created: datetime, updated: datetime) -> dict[str, Any]:
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
        "status": status,
        "date_created": created,
        "date_updated": updated,
    }


def _place(row: Mapping[str, Any]) -> tuple[datetime, str]:
    return row["date_created"], row["call_sid"]
