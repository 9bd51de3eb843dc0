"""``/Queues/{QU}/Members``: who waits, and taking somebody out of a queue (spec section 4.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from markup.events import Redirected
from voice.api.errors import ApiError
from voice.api.operation import Ask, get, post
from voice.api.paging import Page, slice_page
from voice.api.parameters import METHOD, URL, Parameter
from voice.api.resources.orders import BAD_METHOD, BAD_URL
from voice.api.resources.queues import find_queue
from voice.api.shapes import Shape, integer, moment, sid
from voice.calls.switch import Switch
from voice.errors import NOT_IN_PROGRESS, ChangeRefused, QueueRefused
from voice.queue.places import Place, WaitingLine, WaitingLines

MEMBER = Shape(
    "QueueMember",
    {
        "call_sid": sid("CA"),
        "queue_sid": sid("QU"),
        "date_enqueued": moment(),
        "position": integer(),
        "wait_time": integer(),
    },
    "/Queues/{queue_sid}/Members/{call_sid}",
)

_TAKES = (
    Parameter("Url", URL, BAD_URL, required=BAD_URL),
    Parameter("Method", METHOD, BAD_METHOD),
)
_START = datetime(1970, 1, 1, tzinfo=UTC)


class MemberResource:
    """The callers in the queues of all accounts; one is named by its CallSid, the first also by ``Front``."""

    def __init__(self, queues: WaitingLines, switch: Switch, now: Callable[[], float]) -> None:
        self._queues = queues
        self._switch = switch
        self._now = now

    @get("/Queues/{QueueSid}/Members", MEMBER, lists="queue_members")
    async def list(self, ask: Ask) -> Page:
        """Those who wait in a queue, the front first."""
        queue = find_queue(self._queues, ask)
        members = queue.members
        rows = [self._row(queue, member, position) for position, member in enumerate(members, 1)]
        return slice_page(rows, ask.page, [_place(member) for member in members])

    @get("/Queues/{QueueSid}/Members/{CallSid}", MEMBER)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One who waits."""
        queue, member = self._find(ask)
        return self._row(queue, member, queue.position(member))

    @post("/Queues/{QueueSid}/Members/{CallSid}", MEMBER, takes=_TAKES)
    async def dequeue(self, ask: Ask) -> Mapping[str, Any]:
        """Take a caller out of its queue and let it run a document."""
        queue, member = self._find(ask)
        row = self._row(queue, member, queue.position(member))
        change = Redirected(ask.form["url"], ask.form.get("method", "POST"))
        try:
            self._switch.dequeue(queue, member.call_sid, change)
        except ChangeRefused as refusal:
            raise ApiError(400, NOT_IN_PROGRESS, str(refusal)) from None
        return row

    def _find(self, ask: Ask) -> tuple[WaitingLine, Place]:
        queue = find_queue(self._queues, ask)
        try:
            return queue, queue.member(ask.keys["CallSid"])
        except QueueRefused:
            raise ask.not_found() from None

    def _row(self, queue: WaitingLine, member: Place, position: int) -> dict[str, Any]:
        return {
            "account_sid": queue.account_sid,
            "call_sid": member.call_sid,
            "queue_sid": queue.sid,
            "date_enqueued": member.date_enqueued,
            "position": position,
            "wait_time": round(self._now() - member.entered),
        }


def _place(member: Place) -> tuple[datetime, str]:
    """By the clock that no one sets back, so that the order of the pages is that of the queue."""
    return _START + timedelta(seconds=member.entered), member.call_sid
