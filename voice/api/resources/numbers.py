"""``/IncomingPhoneNumbers``: the numbers of an account and who answers them (spec section 4.13)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, update

from voice.accounts.accounts import Accounts
from voice.accounts.pool import Offer, Pool, has_area_code, read_pattern
from voice.accounts.provisioning import Provisioning
from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page
from voice.api.parameters import BOOLEAN, Kind, Parameter, choice, matching, required, sid, text
from voice.api.resources.service import FRIENDLY_NAME, SERVICE, SERVICE_PROPERTIES, check_fallbacks
from voice.api.rows import Rows
from voice.api.shapes import Shape, anything, flag, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.routing.address import national_form, normalise_number
from voice.routing.directory import Directory
from voice.store import records
from voice.store.database import Database
from voice.store.tables.numbers import INCOMING_PHONE_NUMBERS

BAD_APPLICATION = 21420
BAD_NUMBER, NOT_AVAILABLE = 21421, 21422
BAD_AREA_CODE, NONE_IN_AREA = 21451, 21452
BAD_ACCOUNT, NO_ACCOUNT, INACTIVE_ACCOUNT = 21470, 21471, 21472
CAPABILITIES = {"voice": True, "sms": False, "mms": False, "fax": False}
KINDS = {"Local": "local", "Mobile": "mobile", "TollFree": "toll-free"}
_TOLL_FREE = tuple(f"+1{code}" for code in ("800", "833", "844", "855", "866", "877", "888"))

NUMBER = Shape(
    "IncomingPhoneNumber",
    {
        "sid": sid_of("PN"),
        "account_sid": sid_of("AC"),
        "phone_number": string(),
        **SERVICE_PROPERTIES,
        "capabilities": anything(default=CAPABILITIES),
        "beta": flag(),
        "origin": string("twilio"),
        "status": string("in-use"),
        "type": string("local", column="kind"),
        "voice_application_sid": sid_of("AP", nullable=True),
        "voice_receive_mode": string("voice"),
        "trunk_sid": sid_of("TK", nullable=True),
        "sms_application_sid": sid_of("AP", nullable=True),
        "address_sid": sid_of("AD", nullable=True),
        "address_requirements": string("none"),
        "identity_sid": sid_of("RI", nullable=True),
        "bundle_sid": sid_of("BU", nullable=True),
        "emergency_status": string("Inactive"),
        "emergency_address_sid": sid_of("AD", nullable=True),
        "emergency_address_status": maybe(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/IncomingPhoneNumbers/{sid}",
    {"assigned_add_ons": "/AssignedAddOns"},
)

_TAKES = (
    *SERVICE,
    Parameter("VoiceApplicationSid", sid("AP"), BAD_APPLICATION),
    Parameter("VoiceReceiveMode", choice("voice", "fax")),
    Parameter("TrunkSid", sid("TK")),
    Parameter("SmsApplicationSid", sid("AP"), BAD_APPLICATION),
    Parameter("EmergencyStatus", choice("Active", "Inactive")),
    Parameter("EmergencyAddressSid", sid("AD")),
    Parameter("AddressSid", sid("AD")),
    Parameter("IdentitySid", sid("RI")),
    Parameter("BundleSid", sid("BU")),
)
_CREATE = (
    Parameter("PhoneNumber", text(40), BAD_NUMBER),
    Parameter("AreaCode", matching("[0-9]{3}", "three digits"), BAD_AREA_CODE),
    *_TAKES,
)
_UPDATE = (Parameter("AccountSid", sid("AC"), BAD_ACCOUNT), *_TAKES)

PATTERN = Kind(lambda given: read_pattern(given) if given else "", {"type": "string", "maxLength": 21})
"""Part of a number, or nothing."""
_FILTERS = (
    Parameter("PhoneNumber", PATTERN),
    FRIENDLY_NAME,
    Parameter("Beta", BOOLEAN),
    Parameter("Origin", text(20)),
)
_ALL = "/IncomingPhoneNumbers"


class IncomingPhoneNumbers:
    """The resource."""

    def __init__(
        self,
        database: Database,
        wall: Callable[[], datetime],
        provisioning: Provisioning,
        directory: Directory,
        accounts: Accounts,
        pool: Pool,
    ) -> None:
        taken = NOT_AVAILABLE, "The number has been taken meanwhile"
        self._rows = Rows(INCOMING_PHONE_NUMBERS, "PN", database, wall, transact=provisioning.change, taken=taken)
        self._wall = wall
        self._provisioning = provisioning
        self._directory = directory
        self._accounts = accounts
        self._pool = pool

    @get(_ALL, NUMBER, lists="incoming_phone_numbers", filters=_FILTERS)
    @get(f"{_ALL}/Local", NUMBER, lists="incoming_phone_numbers", filters=_FILTERS)
    @get(f"{_ALL}/Mobile", NUMBER, lists="incoming_phone_numbers", filters=_FILTERS)
    @get(f"{_ALL}/TollFree", NUMBER, lists="incoming_phone_numbers", filters=_FILTERS)
    async def list(self, ask: Ask) -> Page:
        """The numbers of an account, all or those of one kind."""
        table, conditions = INCOMING_PHONE_NUMBERS, list[ColumnElement[bool]]()
        if _kind(ask):
            conditions.append(table.c.kind == _kind(ask))
        if ask.filters.get("phone_number"):
            conditions.append(table.c.phone_number.like(ask.filters["phone_number"]))
        return await self._rows.page(ask, *conditions, by=("friendly_name", "origin"))

    @post(_ALL, NUMBER, takes=_CREATE, status=201)
    @post(f"{_ALL}/Local", NUMBER, takes=required(_CREATE, {"PhoneNumber": BAD_NUMBER}), status=201)
    @post(f"{_ALL}/Mobile", NUMBER, takes=required(_CREATE, {"PhoneNumber": BAD_NUMBER}), status=201)
    @post(f"{_ALL}/TollFree", NUMBER, takes=required(_CREATE, {"PhoneNumber": BAD_NUMBER}), status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Take a number: a certain one, or any with an area code."""
        form = self._checked(ask.form, ask.account.sid)
        number, kind = self._choose(ask.form, _kind(ask))
        form["friendly_name"] = form.get("friendly_name") or national_form(number)
        return await self._rows.add(ask, **{**form, "phone_number": number, "kind": kind})

    @get(f"{_ALL}/{{Sid}}", NUMBER)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One number."""
        return await self._rows.find(ask)

    @post(f"{_ALL}/{{Sid}}", NUMBER, takes=_UPDATE)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Change who answers a number, or hand it over to another account of the same owner."""
        row = await self._rows.find(ask)
        target = ask.form.get("account_sid") or ask.account.sid
        self._check_target(ask, target)
        changes = self._checked(ask.form, target, row)
        if target == ask.account.sid:
            return await self._rows.change(ask, **changes)
        return await self._hand_over(ask, row["sid"], target, changes)

    @delete(f"{_ALL}/{{Sid}}")
    async def remove(self, ask: Ask) -> None:
        """Give a number up; nobody answers it any more."""
        await self._rows.remove(ask)

    def _choose(self, form: Mapping[str, Any], kind: str) -> tuple[str, str]:
        """The number to take, and its kind. Raises ApiError."""
        if form.get("phone_number"):
            return self._wanted(form["phone_number"], kind)
        if not form.get("area_code"):
            raise ApiError(400, BAD_NUMBER, "PhoneNumber or AreaCode is required")
        code = form["area_code"]
        found = next((offer for offer in self._pool.offers() if has_area_code(offer, code)), None)
        if found is None:
            raise ApiError(400, NONE_IN_AREA, f"No numbers are available with area code {code}")
        return found.phone_number, found.about.kind

    def _wanted(self, written: str, kind: str) -> tuple[str, str]:
        number = normalise_number(written)
        if number is None:
            raise ApiError(400, BAD_NUMBER, f"{written[:40]!r} is not a telephone number")
        offer = self._pool.find(number)
        free = not self._directory.owns(number) if not self._pool.configured else _fits(offer, kind)
        if not free:
            raise ApiError(400, NOT_AVAILABLE, f"{number} is not available")
        if offer is not None:
            return number, offer.about.kind
        return number, kind or ("toll-free" if number.startswith(_TOLL_FREE) else "local")

    def _checked(self, form: Mapping[str, Any], account_sid: str, row: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The columns that a form sets. Raises ApiError."""
        check_fallbacks(form, row)
        for name in ("voice_application_sid", "sms_application_sid"):
            if form.get(name) and self._directory.application(form[name], account_sid) is None:
                raise ApiError(400, BAD_APPLICATION, f"{form[name]} is not an application of this account")
        columns = {name: value or None if name.endswith("_sid") else value for name, value in form.items()}
        for chosen, other in (("voice_application_sid", "trunk_sid"), ("trunk_sid", "voice_application_sid")):
            if columns.get(chosen):
                columns[other] = None
        for name in ("account_sid", "area_code"):
            columns.pop(name, None)
        return columns

    def _check_target(self, ask: Ask, sid: str) -> None:
        account = self._accounts.get(sid)
        if account is None or not ask.access.reaches(account):
            raise ApiError(400, NO_ACCOUNT, f"Account {sid} does not exist")
        if not account.active:
            raise ApiError(400, INACTIVE_ACCOUNT, f"Account {sid} is not active")

    async def _hand_over(self, ask: Ask, sid: str, target: str, changes: Mapping[str, Any]) -> Mapping[str, Any]:
        """What belongs to the old account stays with it."""
        values = {"voice_application_sid": None, "sms_application_sid": None, **changes}
        values |= {"account_sid": target, "date_updated": self._wall()}
        table = INCOMING_PHONE_NUMBERS
        own = update(table).where(table.c.sid == sid, table.c.account_sid == ask.account.sid).values(**values)

        def work(connection: Connection) -> Mapping[str, Any] | None:
            connection.execute(own)
            return records.find(table, target, sid)(connection)

        row = await self._provisioning.change(work)
        if row is None:
            raise ask.not_found()
        return row


def _kind(ask: Ask) -> str:
    """The kind that a path names; empty when it is that of all numbers."""
    last = ask.path.removesuffix(ask.suffix).rpartition("/")[2] if ask.suffix else ask.path.rpartition("/")[2]
    return KINDS.get(last, "")


def _fits(offer: Offer | None, kind: str) -> bool:
    return offer is not None and kind in ("", offer.about.kind)
