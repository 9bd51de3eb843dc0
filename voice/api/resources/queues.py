"""``/Queues``: make, change and look at call queues (spec section 4.9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from voice.api.errors import ApiError
from voice.api.operation import Ask, delete, get, post
from voice.api.paging import Page, slice_page
from voice.api.parameters import BAD_PARAMETER, Parameter, integer, required, text
from voice.api.shapes import Shape, moment, sid
from voice.api.shapes import integer as number
from voice.api.shapes import text as string
from voice.errors import QueueRefused
from voice.queue.book import QueueBook
from voice.queue.places import WaitingLine, WaitingLines
from voice.queue.queues import LARGEST_SIZE, LONGEST_NAME, MAX_SIZE

BAD_NAME, IN_USE, TOO_MANY = 20002, 20009, 20429
_REFUSALS = {"exists": (400, BAD_NAME), "in-use": (400, IN_USE), "too-many": (429, TOO_MANY)}

QUEUE = Shape(
    "Queue",
    {
        "sid": sid("QU"),
        "account_sid": sid("AC"),
        "friendly_name": string(),
        "current_size": number(),
        "max_size": number(),
        "average_wait_time": number(),
        "date_created": moment(),
        "date_updated": moment(),
    },
    "/Queues/{sid}",
)

_TAKES = (
    Parameter("FriendlyName", text(LONGEST_NAME, 1), BAD_NAME),
    Parameter("MaxSize", integer(1, LARGEST_SIZE)),
)


class QueueResource:
    """The queues of all accounts, those that documents have made as well."""

    def __init__(self, queues: WaitingLines, book: QueueBook, now: Callable[[], float], wall: Callable[[], datetime]) -> None:
        self._queues = queues
        self._book = book
        self._now = now
        self._wall = wall

    @get("/Queues", QUEUE, lists="queues")
    async def list(self, ask: Ask) -> Page:
        """The queues of an account, the oldest first."""
        queues = sorted(self._queues.of(ask.account.sid), key=_place)
        return slice_page([self._row(queue) for queue in queues], ask.page, [_place(queue) for queue in queues])

    @post("/Queues", QUEUE, takes=required(_TAKES, {"FriendlyName": BAD_NAME}), status=201)
    async def create(self, ask: Ask) -> Mapping[str, Any]:
        """Make a queue."""
        form = ask.form
        try:
            queue = self._queues.create(ask.account.sid, form["friendly_name"], form.get("max_size", MAX_SIZE), self._wall())
        except QueueRefused as refusal:
            raise refused(refusal) from None
        return await self._keep(queue)

    @get("/Queues/{QueueSid}", QUEUE)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One queue."""
        return self._row(find_queue(self._queues, ask))

    @post("/Queues/{QueueSid}", QUEUE, takes=_TAKES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """Rename or resize a queue; a smaller size turns nobody out."""
        queue, form = find_queue(self._queues, ask), ask.form
        name, size = form.get("friendly_name", queue.name), form.get("max_size", queue.max_size)
        try:
            self._queues.update(queue, name, size, self._wall())
        except QueueRefused as refusal:
            raise refused(refusal) from None
        return await self._keep(queue)

    @delete("/Queues/{QueueSid}")
    async def remove(self, ask: Ask) -> None:
        """Delete a queue in which nobody waits."""
        queue = find_queue(self._queues, ask)
        try:
            self._queues.delete(queue)
        except QueueRefused as refusal:
            raise refused(refusal) from None
        self._book.strike(queue)
        await self._book.settle()

    async def _keep(self, queue: WaitingLine) -> Mapping[str, Any]:
        self._book.write(queue)
        await self._book.settle()
        return self._row(queue)

    def _row(self, queue: WaitingLine) -> dict[str, Any]:
        return {
            "sid": queue.sid,
            "account_sid": queue.account_sid,
            "friendly_name": queue.name,
            "current_size": queue.size,
            "max_size": queue.max_size,
            "average_wait_time": queue.average_wait(self._now()),
            "date_created": queue.date_created,
            "date_updated": queue.date_updated,
        }


def find_queue(queues: WaitingLines, ask: Ask) -> WaitingLine:
    """The queue of a path. Raises ApiError."""
    try:
        return queues.by_sid(ask.account.sid, ask.keys["QueueSid"])
    except QueueRefused:
        raise ask.not_found() from None


def refused(refusal: QueueRefused) -> ApiError:
    """What the API says of it."""
    status, code = _REFUSALS.get(refusal.reason, (400, BAD_PARAMETER))
    return ApiError(status, code, str(refusal))


def _place(queue: WaitingLine) -> tuple[datetime, str]:
    return queue.date_created, queue.sid
