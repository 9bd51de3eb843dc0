"""``/Calls``: place a call, change a live one, look at all of them (spec section 4.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy import delete as delete_from

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page, select_page
from voice.api.parameters import Parameter, choice, dates, sid, text
from voice.api.resources.orders import CHANGES, ORDER, read_change, read_order
from voice.api.shapes import Property, Shape, digits, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.calls.call import ENDED, Call
from voice.calls.ledger import Ledger
from voice.calls.placing import Order
from voice.calls.switch import Switch
from voice.errors import NO_SUCH_CALL, CallRefused, ChangeRefused, TargetRefused
from voice.routing.directory import Directory
from voice.store import records
from voice.store.database import Database
from voice.store.tables.calls import CALLS

NOT_FINISHED = 20009
UNAVAILABLE = 20503
TOO_MANY = 20429
_API_CODES = {13227: 21215, 13224: 21214, 13223: 21211, 13243: 21211, 13253: 21227, 13252: 21228, 13214: 21212, 13248: 21212}
"""The API's code for what TwiML calls otherwise."""

_STATUSES = ("queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled")


def _status(status: str) -> str:
    """``initiated`` is a word of callbacks."""
    return "queued" if status == "initiated" else status


CALL = Shape(
    "Call",
    {
        "sid": sid_of("CA"),
        "account_sid": sid_of("AC"),
        "parent_call_sid": sid_of("CA", nullable=True),
        "phone_number_sid": sid_of("PN", nullable=True),
        "to": string(),
        "to_formatted": string(column="to"),
        "from": string(),
        "from_formatted": string(column="from"),
        "caller_name": maybe(),
        "forwarded_from": maybe(),
        "status": Property(_status, {"type": "string", "enum": list(_STATUSES)}),
        "direction": string(),
        "start_time": moment(nullable=True),
        "end_time": moment(nullable=True),
        "duration": digits(nullable=True),
        "price": maybe(),
        "price_unit": string("USD"),
        "answered_by": maybe(),
        "api_version": string("2010-04-01"),
        "annotation": maybe(),
        "group_sid": maybe(),
        "trunk_sid": maybe(),
        "queue_time": digits(),
        "stir_verstat": maybe(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/Calls/{sid}",
    {
        "notifications": "/Notifications",
        "recordings": "/Recordings",
        "payments": "/Payments",
        "events": "/Events",
        "siprec": "/Siprec",
        "streams": "/Streams",
        "transcriptions": "/Transcriptions",
        "user_defined_message_subscriptions": "/UserDefinedMessageSubscriptions",
        "user_defined_messages": "/UserDefinedMessages",
    },
)

_FILTERS = (
    Parameter("To", text(300)),
    Parameter("From", text(300)),
    Parameter("ParentCallSid", sid("CA")),
    Parameter("Status", choice(*_STATUSES)),
    *dates("StartTime"),
    *dates("EndTime"),
)


class Calls:
    """The resource."""

    def __init__(self, switch: Switch, ledger: Ledger, database: Database, directory: Directory) -> None:
        self._switch = switch
        self._ledger = ledger
        self._database = database
        self._directory = directory

    @post("/Calls", CALL, takes=ORDER, status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Place a call; it is dialled when it is its turn."""
        order = read_order(ask.form, ask.account.sid, self._directory)
        call = place(self._switch, order)
        row = self._ledger.row(call.sid)
        assert row is not None, "it has just been made"
        answer = dict(row)
        await self._database.settle()
        return answer

    @get("/Calls", CALL, lists="calls", filters=_FILTERS)
    async def list(self, ask: Ask) -> Page:
        """The calls of an account, the newest first."""
        query = _chosen(ask)
        return await self._database.read(lambda connection: select_page(connection, query, CALLS, ask.page))

    @get("/Calls/{CallSid}", CALL)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One call."""
        row = await self._database.read(records.find(CALLS, ask.account.sid, ask.keys["CallSid"]))
        if row is None:
            raise ask.not_found()
        return row

    @post("/Calls/{CallSid}", CALL, takes=CHANGES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Let a live call run another document, or end it."""
        change, form = read_change(ask.form), ask.form
        row = await self.fetch(ask)
        call_sid = row["sid"]
        try:
            if change is not None:
                self._switch.change(call_sid, change)
            if "status" in form:
                self._switch.end(call_sid, unanswered_only=form["status"] == "canceled")
            if "status_callback" in form:
                self._switch.tell(call_sid, form["status_callback"], form.get("status_callback_method", "POST"))
            if "time_limit" in form:
                self._switch.limit(call_sid, form["time_limit"])
        except ChangeRefused as refusal:
            if refusal.code == NO_SUCH_CALL and change is None:
                return row  # it has ended meanwhile, and nothing is to be changed any more
            raise ApiError(400, 21220, "Call is not in-progress. Cannot redirect.") from None
        return await self.fetch(ask)

    @delete("/Calls/{CallSid}")
    async def remove(self, ask: Ask) -> None:
        """Forget a call that has ended; its recordings stay."""
        row = await self.fetch(ask)
        if row["status"] not in ENDED:
            raise ApiError(400, NOT_FINISHED, "Call is not finished")
        own = delete_from(CALLS).where(CALLS.c.sid == row["sid"])
        await self._database.transact(lambda connection: connection.execute(own))


def place(switch: Switch, order: Order) -> Call:
    """Take a call on. Raises ApiError."""
    try:
        return switch.place(order)
    except (TargetRefused, CallRefused) as refusal:
        raise refused(refusal) from None


def refused(refusal: TargetRefused | CallRefused) -> ApiError:
    """What is answered when a call is not placed."""
    if isinstance(refusal, TargetRefused):
        return ApiError(400, _API_CODES.get(refusal.code, 21211), str(refusal))
    code = TOO_MANY if refusal.status == 429 else UNAVAILABLE
    return ApiError(refusal.status, code, str(refusal), dict(refusal.headers))


def _chosen(ask: Ask) -> Select[Any]:
    query, filters = select(CALLS).where(CALLS.c.account_sid == ask.account.sid), ask.filters
    for name in ("to", "from", "parent_call_sid"):
        if filters.get(name):
            query = query.where(CALLS.c[name] == filters[name])
    if "status" in filters:
        wanted = ("queued", "initiated") if filters["status"] == "queued" else (filters["status"],)
        query = query.where(CALLS.c.status.in_(wanted))
    return query.where(
        *records.date_conditions(CALLS.c.start_time, filters, "start_time"),
        *records.date_conditions(CALLS.c.end_time, filters, "end_time"),
    )
