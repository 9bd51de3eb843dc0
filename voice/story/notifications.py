"""Errors and warnings as customers read them: a row in the store for each, and a word to the debugger (spec section 4.14)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from markup.commands import Report
from voice.calls.call import Call
from voice.identifiers import new_sid
from voice.store.database import Database
from voice.store.tables.notifications import NOTIFICATIONS
from voice.story.debugger import Debugger
from voice.story.journal import Entry

MOST_OF_A_CALL = 1000
"""Further ones of a call are only in its journal."""
LOOK_BACK = 500
"""Entries of the journal among which the exchange is looked for that a report is about."""
SOURCE = "12000"
"""The component that all reports of calls come from, by its number."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request of a call and its answer, as its journal has them."""

    method: str = ""
    url: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    """0: there was no answer."""
    content_type: str = ""
    body: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What is known of the headers of the answer."""
        return {"Content-Type": self.content_type} if self.content_type else {}


class Notifications:
    """Writes them down; ``wall`` is the time of day in UTC."""

    def __init__(self, database: Database, debugger: Debugger, wall: Callable[[], datetime]) -> None:
        self._database = database
        self._debugger = debugger
        self._wall = wall

    def note(self, call: Call, told: Report) -> None:
        """Keep a report of a call."""
        if call.reports > MOST_OF_A_CALL:
            return
        sid, exchange, now = new_sid("NO"), _exchange(call, told.url), self._wall()
        message = _message(told, exchange)
        row = {
            "sid": sid,
            "account_sid": call.account_sid,
            "date_created": now,
            "date_updated": now,
            "message_date": now,
            "call_sid": call.sid,
            "error_code": str(told.code),
            "log": "0" if told.level == "error" else "1",
            "message_text": urlencode(message),
            "request_method": exchange.method or None,
            "request_url": exchange.url or told.url or None,
            "request_variables": urlencode(exchange.parameters) or None,
            "response_body": exchange.body or None,
            "response_headers": urlencode(exchange.headers) or None,
        }
        self._database.put(NOTIFICATIONS, row)
        self._debugger.tell(call.account_sid, sid, told.level, _payload(call, told, message, exchange))


def _message(told: Report, exchange: Exchange) -> dict[str, str]:
    return {
        "EmailNotification": "false",
        "LogLevel": "ERROR" if told.level == "error" else "WARN",
        "sourceComponent": SOURCE,
        "Msg": told.message,
        "httpResponse": str(exchange.status or ""),
        "ErrorCode": str(told.code),
        "url": exchange.url or told.url,
    }


def _payload(call: Call, told: Report, message: Mapping[str, str], exchange: Exchange) -> dict[str, Any]:
    """What the debugger is told (spec section 3.11)."""
    about = {
        "msg": told.message,
        **{name: message[name] for name in ("sourceComponent", "ErrorCode", "httpResponse", "url", "LogLevel")},
    }
    request = {"method": exchange.method, "url": exchange.url, "headers": {}, "parameters": dict(exchange.parameters)}
    response = {"status_code": exchange.status or None, "headers": exchange.headers, "body": exchange.body}
    return {
        "resource_sid": call.sid,
        "service_sid": None,
        "error_code": str(told.code),
        "more_info": about,
        "webhook": {"type": "application/json", "request": request, "response": response},
    }


def _exchange(call: Call, url: str) -> Exchange:
    """The latest exchange of a call, with ``url`` if that is said; an empty one when it is out of sight."""
    response: Entry | None = None
    for entry in itertools.islice(reversed(call.journal.entries), LOOK_BACK):
        if url and entry.data.get("url") != url:
            continue
        if entry.kind == "response" and response is None:
            response = entry
        elif entry.kind == "request":
            return _of(entry, response)
    return Exchange()


def _of(request: Entry, response: Entry | None) -> Exchange:
    asked, got = request.data, response.data if response is not None else {}
    parameters = asked.get("parameters")
    return Exchange(
        str(asked.get("method")),
        str(asked.get("url")),
        parameters if isinstance(parameters, dict) else {},
        int(str(got.get("status") or 0)),
        str(got.get("content_type") or ""),
        str(got.get("body") or ""),
    )
