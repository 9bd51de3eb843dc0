"""Call queues: who waits, in what order, and for whom (spec sections 2.10, 2.11 and 4.9).

Pure: time is an argument, and whoever asks for a pair tells both of them.

A member keeps its place while somebody has taken it: it goes on from there or is put back as if nothing had happened. So the
head is always the one who came first of those who wait, and each has at most one taker.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from voice.errors import QueueRefused
from voice.identifiers import new_sid

MAX_SIZE = 1000
LARGEST_SIZE = 5000
LONGEST_NAME = 64
MOST_QUEUES = 10_000


@dataclass(slots=True, eq=False)
class Member:
    """A caller in a queue."""

    call_sid: str
    entered: float
    """Monotonic seconds."""
    date_enqueued: datetime


M = TypeVar("M", bound=Member)
T = TypeVar("T", bound=Hashable)
"""Whoever takes members."""


class Queue(Generic[M, T]):
    """Members first come, first served, and takers likewise."""

    def __init__(
        self, account_sid: str, name: str, max_size: int, created: datetime, *, on_demand: bool = False, sid: str = ""
    ) -> None:
        self.sid = sid or new_sid("QU")
        self.account_sid = account_sid
        self.name = name
        self.max_size = max_size
        self.date_created = self.date_updated = created
        self.on_demand = on_demand
        """Made by a document rather than by the API."""
        self._members: dict[M, bool] = {}
        """In the order of their arrival, and whether somebody has taken them."""
        self._takers: dict[T, None] = {}

    @property
    def members(self) -> list[M]:
        """Those who wait, the front first."""
        return [member for member, taken in self._members.items() if not taken]

    @property
    def size(self) -> int:
        """How many wait."""
        return len(self.members)

    @property
    def idle(self) -> bool:
        """Nobody waits here, on either side."""
        return not self._members and not self._takers

    def member(self, which: str) -> M:
        """The one with that CallSid, taken or not, or the ``Front`` of those who wait (section 4.9). Raises QueueRefused."""
        found = self.members if which == "Front" else [member for member in self._members if member.call_sid == which]
        if not found:
            raise QueueRefused("unknown", f"there is no {which[:34]} in the queue {self.name!r}")
        return found[0]

    def position(self, member: M) -> int:
        """1 is the front; 0 is somebody who does not wait."""
        waiting = self.members
        return waiting.index(member) + 1 if member in waiting else 0

    def average_wait(self, now: float) -> int:
        """Seconds that those who wait have waited, on average."""
        waits = [now - member.entered for member in self.members]
        return round(sum(waits) / len(waits)) if waits else 0

    def enter(self, member: M, most: int = 0) -> None:
        """Stand at the end; ``most`` lowers the size for this one. Raises QueueRefused."""
        size = min(most or self.max_size, self.max_size)
        if len(self._members) >= size:
            raise QueueRefused("full", f"the queue {self.name!r} holds {size} callers and is full")
        self._members[member] = False

    def leave(self, member: M) -> None:
        """Be in the queue no more, taken or not."""
        self._members.pop(member, None)

    def put_back(self, member: M) -> None:
        """Give a taken member its place back."""
        if member in self._members:
            self._members[member] = False

    def seek(self, taker: T) -> None:
        """Want the head, after those who have wanted it longer."""
        self._takers[taker] = None

    def withdraw(self, taker: T) -> None:
        """Want nobody any more."""
        self._takers.pop(taker, None)

    def pair(self) -> tuple[T, M] | None:
        """The next taker and the head, which is thereby taken; None when there are not both."""
        taker = next(iter(self._takers), None)
        head = next((member for member, taken in self._members.items() if not taken), None)
        if taker is None or head is None:
            return None
        del self._takers[taker]
        self._members[head] = True
        return taker, head


class Queues(Generic[M, T]):
    """All queues of one server; names are unique within an account."""

    def __init__(self, most: int = MOST_QUEUES) -> None:
        self._most = most
        self._by_name: dict[tuple[str, str], Queue[M, T]] = {}
        self._by_sid: dict[str, Queue[M, T]] = {}

    def of(self, account_sid: str) -> Iterator[Queue[M, T]]:
        """The queues of an account, the oldest first."""
        return (queue for queue in list(self._by_sid.values()) if queue.account_sid == account_sid)

    @property
    def waiting(self) -> int:
        """How many members wait, in all queues."""
        return sum(queue.size for queue in self._by_sid.values())

    def named(self, account_sid: str, name: str) -> Queue[M, T] | None:
        """The queue of that name, if there is one."""
        return self._by_name.get((account_sid, name))

    def by_sid(self, account_sid: str, sid: str) -> Queue[M, T]:
        """The queue with that SID. Raises QueueRefused."""
        queue = self._by_sid.get(sid)
        if queue is None or queue.account_sid != account_sid:
            raise QueueRefused("unknown", f"there is no queue {sid[:34]}")
        return queue

    def on_demand(self, account_sid: str, name: str, now: datetime) -> Queue[M, T]:
        """The queue of that name, made if need be (section 2.10). Raises QueueRefused."""
        return self.named(account_sid, name) or self._add(Queue(account_sid, name, MAX_SIZE, now, on_demand=True))

    def create(self, account_sid: str, name: str, max_size: int, now: datetime) -> Queue[M, T]:
        """A new queue (section 4.9). Raises QueueRefused."""
        _check(name, max_size)
        if self.named(account_sid, name) is not None:
            raise QueueRefused("exists", f"there is a queue named {name!r} already")
        return self._add(Queue(account_sid, name, max_size, now))

    def restore(self, queue: Queue[M, T]) -> None:
        """Know a queue of an earlier process again. Raises QueueRefused."""
        self._add(queue)

    def update(self, queue: Queue[M, T], name: str, max_size: int, now: datetime) -> None:
        """Rename and resize; a smaller size turns nobody out, and who does this means to keep the queue. Raises QueueRefused."""
        _check(name, max_size)
        other = self.named(queue.account_sid, name)
        if other is not None and other is not queue:
            raise QueueRefused("exists", f"there is a queue named {name!r} already")
        del self._by_name[queue.account_sid, queue.name]
        queue.name, queue.max_size, queue.date_updated, queue.on_demand = name, max_size, now, False
        self._by_name[queue.account_sid, name] = queue

    def delete(self, queue: Queue[M, T]) -> None:
        """Forget an empty queue. Raises QueueRefused."""
        if not queue.idle:
            raise QueueRefused("in-use", f"the queue {queue.name!r} is in use")
        self._forget(queue)

    def _add(self, queue: Queue[M, T]) -> Queue[M, T]:
        if len(self._by_sid) >= self._most:
            self._make_room()
        self._by_name[queue.account_sid, queue.name] = self._by_sid[queue.sid] = queue
        return queue

    def _make_room(self) -> None:
        """Documents that name a queue of its own for every call must not fill the memory."""
        unused = next((queue for queue in self._by_sid.values() if queue.on_demand and queue.idle), None)
        if unused is None:
            raise QueueRefused("too-many", f"there are {self._most} queues already, all of them in use")
        self._forget(unused)

    def _forget(self, queue: Queue[M, T]) -> None:
        del self._by_sid[queue.sid]
        del self._by_name[queue.account_sid, queue.name]


def _check(name: str, max_size: int) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise QueueRefused("invalid", f"the name of a queue has 1 to {LONGEST_NAME} characters")
    if not 0 < max_size <= LARGEST_SIZE:
        raise QueueRefused("invalid", f"the size of a queue is 1 to {LARGEST_SIZE}")
