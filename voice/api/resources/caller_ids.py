"""``/OutgoingCallerIds``: numbers of somebody else's that an account may call with (spec section 4.13)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from voice.accounts.provisioning import Provisioning
from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import METHOD, URL, Parameter, integer, matching, required, text
from voice.api.resources.calls import refused
from voice.api.resources.service import BAD_METHOD, BAD_URL, FRIENDLY_NAME
from voice.api.rows import Rows
from voice.api.shapes import Shape, moment, sid
from voice.api.shapes import text as string
from voice.calls.resources import Resources
from voice.calls.switch import Switch
from voice.calls.verification import Candidate, Verification
from voice.errors import CallRefused, TargetRefused
from voice.routing.address import national_form, normalise_number
from voice.store.tables.numbers import OUTGOING_CALLER_IDS

BAD_NUMBER = 21401
VERIFIED_ALREADY = 21450
BAD_DELAY, BAD_EXTENSION = 21454, 21455

CALLER_ID = Shape(
    "OutgoingCallerId",
    {
        "sid": sid("PN"),
        "account_sid": sid("AC"),
        "friendly_name": string(),
        "phone_number": string(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/OutgoingCallerIds/{sid}",
)
REQUEST = Shape(
    "ValidationRequest",
    {
        "account_sid": sid("AC"),
        "call_sid": sid("CA"),
        "friendly_name": string(),
        "phone_number": string(),
        "validation_code": string(),
    },
)
_NUMBER = Parameter("PhoneNumber", text(40), BAD_NUMBER)
_TAKES = (
    *required((_NUMBER,), {"PhoneNumber": BAD_NUMBER}),
    FRIENDLY_NAME,
    Parameter("CallDelay", integer(0, 60), BAD_DELAY),
    Parameter("Extension", matching("[0-9#*wW]{0,32}", "up to 32 of 0-9 # * w W"), BAD_EXTENSION),
    Parameter("StatusCallback", URL, BAD_URL),
    Parameter("StatusCallbackMethod", METHOD, BAD_METHOD),
)


class OutgoingCallerIds:
    """The resource."""

    def __init__(self, shared: Resources, switch: Switch, provisioning: Provisioning) -> None:
        self._rows = Rows(OUTGOING_CALLER_IDS, "PN", shared.database, shared.wall, transact=provisioning.change)
        self._shared = shared
        self._switch = switch
        self._provisioning = provisioning

    @get("/OutgoingCallerIds", CALLER_ID, lists="outgoing_caller_ids", filters=(_NUMBER, FRIENDLY_NAME))
    async def list(self, ask: Ask) -> Page:
        """The verified numbers of an account."""
        return await self._rows.page(ask, by=("phone_number", "friendly_name"))

    @post("/OutgoingCallerIds", REQUEST, takes=_TAKES)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Call a number, where the code of the answer has to be keyed in; then it is verified."""
        form, number = ask.form, normalise_number(ask.form["phone_number"])
        if number is None:
            raise ApiError(400, BAD_NUMBER, f"{form['phone_number']!r} is not a telephone number")
        if await self._shared.database.read(lambda connection: _is_verified(connection, ask.account.sid, number)):
            raise ApiError(400, VERIFIED_ALREADY, f"{number} is verified already")
        name = form.get("friendly_name") or national_form(number)
        candidate = Candidate(
            ask.account.sid,
            number,
            name,
            form.get("extension", ""),
            form.get("call_delay", 0),
            form.get("status_callback", ""),
            form.get("status_callback_method", "POST"),
        )
        verification = Verification(candidate, self._shared, self._switch, self._provisioning)
        try:
            call = verification.place()
        except (TargetRefused, CallRefused) as refusal:
            raise refused(refusal) from None
        about = {"account_sid": ask.account.sid, "phone_number": number, "friendly_name": name}
        return {**about, "call_sid": call.sid, "validation_code": verification.code}

    @get("/OutgoingCallerIds/{Sid}", CALLER_ID)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One verified number."""
        return await self._rows.find(ask)

    @post("/OutgoingCallerIds/{Sid}", CALLER_ID, takes=(FRIENDLY_NAME,))
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Give a verified number another name."""
        return await self._rows.change(ask)

    @delete("/OutgoingCallerIds/{Sid}")
    async def remove(self, ask: Ask) -> None:
        """Forget a verified number; nobody may call with it any more."""
        await self._rows.remove(ask)


def _is_verified(connection: Connection, account_sid: str, number: str) -> bool:
    table = OUTGOING_CALLER_IDS
    query = select(table.c.sid).where(table.c.account_sid == account_sid, table.c.phone_number == number)
    return connection.execute(query).first() is not None
