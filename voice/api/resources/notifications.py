"""``/Notifications``: the errors and warnings of an account, and of one call (spec section 4.14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select

from voice.api.errors import MORE_INFO
from voice.api.operation import Ask, get
from voice.api.paging import Page, select_page
from voice.api.parameters import Parameter, choice, dates
from voice.api.shapes import Shape, maybe, moment, sid
from voice.api.shapes import text as string
from voice.store import records
from voice.store.database import Database
from voice.store.tables.calls import CALLS
from voice.store.tables.notifications import NOTIFICATIONS

_FACTS = {
    "sid": sid("NO"),
    "account_sid": sid("AC"),
    "call_sid": sid("CA", nullable=True),
    "api_version": string("2010-04-01"),
    "error_code": string(),
    "log": string(),
    "message_date": moment(),
    "message_text": string(),
    "more_info": string(),
    "request_method": maybe(),
    "request_url": maybe(),
    "date_created": moment(),
    "date_updated": moment(),
}
_DETAILS = {**_FACTS, "request_variables": maybe(), "response_body": maybe(), "response_headers": maybe()}
_PLACE, _PLACE_OF_CALL = "/Notifications/{sid}", "/Calls/{call_sid}/Notifications/{sid}"

NOTIFICATION = Shape("Notification", _FACTS, _PLACE)
NOTIFICATION_DETAILS = Shape("NotificationDetails", _DETAILS, _PLACE, element="Notification")
CALL_NOTIFICATION = Shape("CallNotification", _FACTS, _PLACE_OF_CALL, element="Notification")
CALL_NOTIFICATION_DETAILS = Shape("CallNotificationDetails", _DETAILS, _PLACE_OF_CALL, element="Notification")

_FILTERS = (Parameter("Log", choice("0", "1")), *dates("MessageDate"))


class NotificationResource:
    """The resource."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @get("/Notifications", NOTIFICATION, lists="notifications", filters=_FILTERS)
    async def list(self, ask: Ask) -> Page:
        """The notifications of an account, the newest first."""
        return await self._page(ask)

    @get("/Notifications/{NotificationSid}", NOTIFICATION_DETAILS)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One notification, with the exchange that it is about."""
        return await self._find(ask)

    @get("/Calls/{CallSid}/Notifications", CALL_NOTIFICATION, lists="notifications", filters=_FILTERS)
    async def list_of_call(self, ask: Ask) -> Page:
        """The notifications of a call, the newest first."""
        if await self._database.read(records.find(CALLS, ask.account.sid, ask.keys["CallSid"])) is None:
            raise ask.not_found()
        return await self._page(ask, NOTIFICATIONS.c.call_sid == ask.keys["CallSid"])

    @get("/Calls/{CallSid}/Notifications/{NotificationSid}", CALL_NOTIFICATION_DETAILS)
    async def fetch_of_call(self, ask: Ask) -> Mapping[str, Any]:
        """One notification of a call, with the exchange that it is about."""
        return await self._find(ask, NOTIFICATIONS.c.call_sid == ask.keys["CallSid"])

    async def _page(self, ask: Ask, *conditions: ColumnElement[bool]) -> Page:
        query = select(NOTIFICATIONS).where(NOTIFICATIONS.c.account_sid == ask.account.sid, *conditions)
        query = query.where(*records.date_conditions(NOTIFICATIONS.c.message_date, ask.filters, "message_date"))
        if "log" in ask.filters:
            query = query.where(NOTIFICATIONS.c.log == ask.filters["log"])
        page = await self._database.read(lambda connection: select_page(connection, query, NOTIFICATIONS, ask.page))
        return replace(page, rows=[_explained(row) for row in page.rows])

    async def _find(self, ask: Ask, *conditions: ColumnElement[bool]) -> Mapping[str, Any]:
        find = records.find(NOTIFICATIONS, ask.account.sid, ask.keys["NotificationSid"], *conditions)
        row = await self._database.read(find)
        if row is None:
            raise ask.not_found()
        return _explained(row)


def _explained(row: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**row, "more_info": f"{MORE_INFO}{row['error_code']}"}
