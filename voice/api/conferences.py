"""``/2010-04-01/Accounts/{Sid}/Conferences``: what goes on in a live conference, and how to change it (spec section 4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import format_datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.account import Account
from voice.api.authentication import NOT_FOUND, authenticate
from voice.api.errors import ApiError
from voice.api.fields import boolean, method, read_fields, url
from voice.conference.conference import Conference
from voice.conference.conferences import Conferences
from voice.conference.participant import Participant
from voice.errors import ConferenceRefused
from voice.parameters import API_VERSION

BAD_PARAMETER = 20001


class ConferenceResource:
    """The conferences that are live, and their participants."""

    def __init__(self, account: Account, conferences: Conferences) -> None:
        self._account = account
        self._conferences = conferences

    async def fetch(self, request: Request) -> Response:
        """Answer 200 with a conference."""
        return JSONResponse(_conference(self._find(request)))

    async def update(self, request: Request) -> Response:
        """End a conference, or announce something in it."""
        conference, fields = self._find(request), await read_fields(request)
        status, announcement = fields.get("Status", ""), url(fields, "AnnounceUrl")
        if status not in ("", "completed"):
            raise ApiError(400, BAD_PARAMETER, "Status must be completed")
        if announcement and conference.participants:
            conference.announce(announcement, method(fields, "AnnounceMethod"))
        if status:
            conference.end()
        return JSONResponse(_conference(conference))

    async def fetch_participant(self, request: Request) -> Response:
        """Answer 200 with a participant."""
        return JSONResponse(_participant(*self._find_participant(request)))

    async def update_participant(self, request: Request) -> Response:
        """Change what a participant hears, who hears it, and what happens when it leaves."""
        conference, participant = self._find_participant(request)
        fields = await read_fields(request)
        try:
            change(conference, participant, fields)
        except ConferenceRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        return JSONResponse(_participant(conference, participant))

    async def kick(self, request: Request) -> Response:
        """Turn a participant out; 204."""
        conference, participant = self._find_participant(request)
        conference.kick(participant)
        return Response(status_code=204)

    def _find(self, request: Request) -> Conference:
        authenticate(request, self._account)
        key, account_sid = request.path_params["conference"], request.path_params["account"]
        conference = self._conferences.by_sid(key) or self._conferences.named(account_sid, key)
        if conference is None or account_sid != self._account.sid:
            raise _not_found(request)
        return conference

    def _find_participant(self, request: Request) -> tuple[Conference, Participant]:
        conference = self._find(request)
        participant = conference.find(request.path_params["participant"])
        if participant is None:
            raise _not_found(request)
        return conference, participant


def change(conference: Conference, participant: Participant, fields: Mapping[str, str]) -> None:
    """Do what the form of a participant's update asks for; all of it is checked first. Raises ApiError and ConferenceRefused."""
    hold_url, hold_method = url(fields, "HoldUrl"), method(fields, "HoldMethod", "GET")
    wait_url, wait_method = url(fields, "WaitUrl"), method(fields, "WaitMethod")
    announcement, announce_method = url(fields, "AnnounceUrl"), method(fields, "AnnounceMethod")
    coached = _coached(fields)
    if coached is not None:
        conference.coach(participant, coached)
    muted, hold = boolean(fields, "Muted"), boolean(fields, "Hold")
    if muted is not None:
        conference.mute(participant, muted)
    if hold:
        conference.hold(participant, hold_url or None, hold_method)
    elif hold is not None:
        conference.unhold(participant)
    if "WaitUrl" in fields:
        conference.change_wait(participant, wait_url, wait_method)
    member = participant.member
    end, beep = boolean(fields, "EndConferenceOnExit"), boolean(fields, "BeepOnExit")
    conference.change_exit(
        participant,
        end_on_exit=member.end_on_exit if end is None else end,
        beep_on_exit=member.beep_on_exit if beep is None else beep,
    )
    if announcement:
        conference.announce(announcement, announce_method, participant)


def _coached(fields: Mapping[str, str]) -> str | None:
    """Whom to coach from now on, "" for nobody; None when nothing is said of it. Raises ApiError."""
    coaching, sid = boolean(fields, "Coaching"), fields.get("CallSidToCoach", "")
    if coaching and not sid:
        raise ApiError(400, BAD_PARAMETER, "Coaching needs CallSidToCoach")
    if coaching is False:
        return ""
    return sid or None


def _not_found(request: Request) -> ApiError:
    return ApiError(404, NOT_FOUND, f"The requested resource {request.url.path} was not found")


def _uri(conference: Conference) -> str:
    return f"/{API_VERSION}/Accounts/{conference.account_sid}/Conferences/{conference.sid}"


def _conference(conference: Conference) -> dict[str, object]:
    uri, rules = _uri(conference), conference.rules
    return {
        "sid": conference.sid,
        "account_sid": conference.account_sid,
        "friendly_name": conference.name,
        "status": rules.status,
        "region": "us1",
        "api_version": API_VERSION,
        "date_created": format_datetime(conference.created),
        "date_updated": format_datetime(conference.updated),
        "reason_conference_ended": rules.reason_ended or None,
        "call_sid_ending_conference": rules.ended_by or None,
        "uri": f"{uri}.json",
        "subresource_uris": {"participants": f"{uri}/Participants.json", "recordings": f"{uri}/Recordings.json"},
    }


def _participant(conference: Conference, participant: Participant) -> dict[str, object]:
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
        "queue_time": None,
        "date_created": format_datetime(participant.joined),
        "date_updated": format_datetime(participant.updated),
        "uri": f"{_uri(conference)}/Participants/{member.call_sid}.json",
    }
