"""What ``POST /Conferences/{CF}/Participants`` takes: somebody to call, and a place in a conference (spec section 4.7)."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from markup.document import Document
from markup.interpreter import Program
from markup.verbs import Conference as Noun
from markup.verbs import Dial
from voice.api.errors import ApiError
from voice.api.parameters import BAD_PARAMETER, BOOLEAN, METHOD, URL, Parameter, choice, integer, matching, sid, text
from voice.api.resources.detection import DETECTION
from voice.api.resources.orders import (
    BAD_METHOD,
    BAD_TIMEOUT,
    BAD_URL,
    CALLBACK,
    CREDENTIALS,
    PARTIES,
    RECORDING,
    RECORDING_EVENTS,
    TIME_LIMIT,
    check_caller,
    make_order,
    read_order,
    read_told,
    words,
)
from voice.calls.placing import Order
from voice.calls.switch import Switch
from voice.conference.conferences import Conferences
from voice.conference.notices import SUBSCRIPTIONS
from voice.conference.room import BAD_COACH, COACHED_ABSENT, OVER
from voice.conference.seat import Seat
from voice.conference.taping import RECORD_FROM_START
from voice.errors import ChangeRefused, ConferenceRefused
from voice.identifiers import new_sid
from voice.routing.directory import Directory

LONGEST_NAME = 128
BAD_LABEL, BAD_NAME = 16024, 13237

_EVENTS = frozenset(SUBSCRIPTIONS.values())
_SID = re.compile("CF[0-9a-fA-F]{32}")
_CONFERENCE = (
    Parameter("Label", matching(r"(?!CA[0-9a-fA-F]{32}$)[^/\x00-\x1f]{0,128}", "a label without / and no CallSid"), BAD_LABEL),
    Parameter("EarlyMedia", BOOLEAN),
    Parameter("Muted", BOOLEAN),
    Parameter("Beep", choice("true", "false", "onEnter", "onExit")),
    Parameter("StartConferenceOnEnter", BOOLEAN),
    Parameter("EndConferenceOnExit", BOOLEAN),
    Parameter("WaitUrl", URL, BAD_URL),
    Parameter("WaitMethod", METHOD, BAD_METHOD),
    Parameter("MaxParticipants", integer(2, 250)),
    Parameter("Coaching", BOOLEAN),
    Parameter("CallSidToCoach", sid("CA"), BAD_COACH),
    Parameter("JitterBufferSize", choice("off", "small", "medium", "large")),
    Parameter("Region", choice("us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1")),
    Parameter("ConferenceRecord", choice("true", "false", RECORD_FROM_START, "do-not-record")),
    Parameter("ConferenceTrim", choice("trim-silence", "do-not-trim")),
    Parameter("ConferenceRecordingStatusCallback", URL, BAD_URL),
    Parameter("ConferenceRecordingStatusCallbackMethod", METHOD, BAD_METHOD),
    Parameter("ConferenceRecordingStatusCallbackEvent", text(200), many=True),
    Parameter("ConferenceStatusCallback", URL, BAD_URL),
    Parameter("ConferenceStatusCallbackMethod", METHOD, BAD_METHOD),
    Parameter("ConferenceStatusCallbackEvent", text(200), many=True),
)
SEATING = (
    *PARTIES,
    Parameter("CallerDisplayName", text(255)),
    *CALLBACK,
    Parameter("Timeout", integer(5, 600), BAD_TIMEOUT),
    TIME_LIMIT,
    *RECORDING,
    *CREDENTIALS,
    *(each for each in DETECTION if not each.name.startswith("AsyncAmd")),
    Parameter("AmdStatusCallback", URL, BAD_URL),
    Parameter("AmdStatusCallbackMethod", METHOD, BAD_METHOD),
    *_CONFERENCE,
)


class Seating:
    """Makes orders of forms: of those for a participant, and of those of calls that an earlier process has taken on."""

    def __init__(self, conferences: Conferences, directory: Directory, switch: Switch) -> None:
        self._conferences = conferences
        self._directory = directory
        self._switch = switch

    def order(self, form: Mapping[str, Any], account_sid: str, key: str) -> Order:
        """The order for a participant of the conference with a name, or with the SID of a live one. Raises ApiError."""
        live = self._conferences.by_sid(key) or self._conferences.named(account_sid, key)
        if live is not None and live.account_sid != account_sid:
            live = None
        if live is None and _SID.fullmatch(key):
            raise ApiError(404, OVER, f"There is no conference {key} that is not over")
        if len(key) > LONGEST_NAME:
            raise ApiError(400, BAD_NAME, f"The name of a conference has at most {LONGEST_NAME} characters")
        name, conference_sid = (key, new_sid("CF")) if live is None else (live.name, live.sid)
        order = self.read({**form, "conference": {"name": name, "sid": conference_sid}}, account_sid)
        noun = read_noun(form, name)
        try:
            if live is not None:
                live.rules.check(noun.participant_label, noun.coach, min(noun.max_participants, self._conferences.most))
            elif noun.coach:
                raise ConferenceRefused(COACHED_ABSENT, f"{noun.coach} is no participant of this conference")
        except ConferenceRefused as refusal:
            raise ApiError(400, refusal.code, str(refusal)) from None
        return order

    def read(self, form: Mapping[str, Any], account_sid: str) -> Order:
        """The order of a form that is in the store. Raises ApiError."""
        if "conference" not in form:
            return read_order(form, account_sid, self._directory)
        check_caller(form, account_sid, self._directory)
        noun = read_noun(form, form["conference"]["name"])
        seat = Seat(noun, form["conference"]["sid"], form.get("early_media", True), self._conferences.seat, self._cancel)
        order = make_order(_always_async(form), account_sid, join(noun), read_told(form))
        return replace(order, attendant=seat)

    def _cancel(self, call_sid: str) -> None:
        with contextlib.suppress(ChangeRefused):
            self._switch.end(call_sid)


def join(noun: Noun) -> Program:
    """What somebody who is called into a conference runs."""
    return Program("", "POST", document=Document(verbs=(Dial(nouns=(noun,)),)))


def read_noun(form: Mapping[str, Any], name: str) -> Noun:
    """The noun that a document would have for what a form says. Raises ApiError."""
    coached = form.get("call_sid_to_coach", "")
    if form.get("coaching") and not coached:
        raise ApiError(400, BAD_PARAMETER, "Coaching needs CallSidToCoach")
    return Noun(
        name,
        muted=form.get("muted", False),
        beep=form.get("beep", "true"),
        start_conference_on_enter=form.get("start_conference_on_enter", True),
        end_conference_on_exit=form.get("end_conference_on_exit", False),
        participant_label=form.get("label", ""),
        wait_url=form.get("wait_url"),
        wait_method=form.get("wait_method", "POST"),
        max_participants=form.get("max_participants", 250),
        record=RECORD_FROM_START if form.get("conference_record") in ("true", RECORD_FROM_START) else "do-not-record",
        trim=form.get("conference_trim", "trim-silence"),
        coach=coached if form.get("coaching") else "",
        status_callback=form.get("conference_status_callback", ""),
        status_callback_method=form.get("conference_status_callback_method", "POST"),
        status_callback_event=words(form, "conference_status_callback_event", _EVENTS) or ("start", "end"),
        recording_status_callback=form.get("conference_recording_status_callback", ""),
        recording_status_callback_method=form.get("conference_recording_status_callback_method", "POST"),
        recording_status_callback_event=words(form, "conference_recording_status_callback_event", RECORDING_EVENTS)
        or ("completed",),
    )


def _always_async(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Who has answered is found out while the conference goes on (spec section 3.5)."""
    told = {
        "async_amd": "true",
        "async_amd_status_callback": form.get("amd_status_callback", ""),
        "async_amd_status_callback_method": form.get("amd_status_callback_method", "POST"),
    }
    return {**form, **told}
