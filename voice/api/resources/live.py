"""What REST attaches to a live call and ends with it: streams, copies, transcriptions, payments (sections 4.10 and 4.11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, Protocol

from markup.commands import RecordingTrack
from voice.api.errors import ApiError
from voice.api.operation import Ask
from voice.api.parameters import BAD_PARAMETER, Parameter, choice
from voice.api.shapes import Property, maybe, moment, sid
from voice.calls.call import Call
from voice.calls.line import Line
from voice.calls.registry import Registry
from voice.errors import NOT_IN_PROGRESS

Status = Literal["in-progress", "stopped"]

TRACKS: dict[str, RecordingTrack] = {"inbound_track": "inbound", "outbound_track": "outbound", "both_tracks": "both"}
STOP = (Parameter("Status", choice("stopped"), required=BAD_PARAMETER),)


class Attached(Protocol):
    """Something that listens to a call until it is stopped."""

    sid: str
    call: Call
    status: Status
    updated: datetime


def facts(prefix: str) -> dict[str, Property]:
    """The properties of such a thing, whose SIDs begin with ``prefix``."""
    return {
        "sid": sid(prefix),
        "account_sid": sid("AC"),
        "call_sid": sid("CA"),
        "name": maybe(),
        "status": Property(str, {"type": "string", "enum": ["in-progress", "stopped"]}),
        "date_updated": moment(),
    }


def show(attached: Attached, name: str, status: Status | None = None) -> Mapping[str, Any]:
    """Its row; ``name`` is empty where nobody gave it one."""
    return {
        "sid": attached.sid,
        "account_sid": attached.call.account_sid,
        "call_sid": attached.call.sid,
        "name": name or None,
        "status": status or attached.status,
        "date_updated": attached.updated,
    }


def find_line(registry: Registry, ask: Ask) -> Line:
    """The line of the path's call, which has to be in progress and the account's own. Raises ApiError."""
    line = registry.by_sid(ask.keys["CallSid"])
    if line is None or line.call.account_sid != ask.account.sid:
        raise ask.not_found()
    if line.call.status != "in-progress" or not line.open:
        raise ApiError(400, NOT_IN_PROGRESS, "Call is not in-progress")
    return line
