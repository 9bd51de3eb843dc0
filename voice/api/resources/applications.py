"""``/Applications``: where the documents of calls come from (spec section 4.13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from voice.accounts.provisioning import Provisioning
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import BOOLEAN, URL, Parameter
from voice.api.resources.service import BAD_URL, FRIENDLY_NAME, SERVICE, SERVICE_PROPERTIES, check_fallbacks
from voice.api.rows import Rows
from voice.api.shapes import Shape, flag, maybe, moment, sid
from voice.store.database import Database
from voice.store.tables.numbers import APPLICATIONS

APPLICATION = Shape(
    "Application",
    {
        "sid": sid("AP"),
        "account_sid": sid("AC"),
        **SERVICE_PROPERTIES,
        "sms_status_callback": maybe(),
        "message_status_callback": maybe(),
        "public_application_connect_enabled": flag(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/Applications/{sid}",
)

_TAKES = (
    *SERVICE,
    Parameter("SmsStatusCallback", URL, BAD_URL),
    Parameter("MessageStatusCallback", URL, BAD_URL),
    Parameter("PublicApplicationConnectEnabled", BOOLEAN),
)


class Applications:
    """The resource."""

    def __init__(self, database: Database, wall: Callable[[], datetime], provisioning: Provisioning) -> None:
        self._rows = Rows(APPLICATIONS, "AP", database, wall, transact=provisioning.change)

    @get("/Applications", APPLICATION, lists="applications", filters=(FRIENDLY_NAME,))
    async def list(self, ask: Ask) -> Page:
        """The applications of an account."""
        return await self._rows.page(ask, by=("friendly_name",))

    @post("/Applications", APPLICATION, takes=_TAKES, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make an application."""
        check_fallbacks(ask.form)
        return await self._rows.add(ask)

    @get("/Applications/{Sid}", APPLICATION)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One application."""
        return await self._rows.find(ask)

    @post("/Applications/{Sid}", APPLICATION, takes=_TAKES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Change an application; calls that run go on as they are."""
        check_fallbacks(ask.form, await self._rows.find(ask))
        return await self._rows.change(ask)

    @delete("/Applications/{Sid}")
    async def remove(self, ask: Ask) -> None:
        """Delete an application."""
        await self._rows.remove(ask)
