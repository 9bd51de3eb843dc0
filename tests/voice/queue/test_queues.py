"""The order of a queue (sections 2.10, 2.11 and 4.9)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from voice.errors import QueueRefused
from voice.queue.queues import LARGEST_SIZE, MAX_SIZE, Member, Queue, Queues

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
ONE, OTHER = "AC" + "1" * 32, "AC" + "2" * 32


def _member(name: str, entered: float = 0.0) -> Member:
    return Member(name, entered, NOON)


def _queue(*names: str) -> tuple[Queue[Member, str], list[Member]]:
    queue: Queue[Member, str] = Queues[Member, str]().on_demand(ONE, "support", NOON)
    members = [_member(name, float(place)) for place, name in enumerate(names)]
    for member in members:
        queue.enter(member)
    return queue, members


def _refusal(error: pytest.ExceptionInfo[QueueRefused]) -> str:
    return error.value.reason


def test_who_came_first_is_taken_first() -> None:
    queue, (alice, bob) = _queue("alice", "bob")
    queue.seek("one")
    queue.seek("two")
    queue.seek("three")
    assert queue.pair() == ("one", alice)
    assert queue.pair() == ("two", bob)
    assert queue.pair() is None


def test_a_member_that_is_put_back_is_at_the_front_again() -> None:
    queue, (alice, bob, _) = _queue("alice", "bob", "carol")
    queue.seek("one")
    queue.pair()
    assert (queue.position(bob), queue.size) == (1, 2)
    queue.put_back(alice)
    assert (queue.position(alice), queue.position(bob), queue.size) == (1, 2, 3)
    queue.seek("two")
    assert queue.pair() == ("two", alice)


def test_a_member_that_left_meanwhile_is_not_put_back() -> None:
    queue, (alice,) = _queue("alice")
    queue.seek("one")
    queue.pair()
    queue.leave(alice)
    queue.put_back(alice)
    assert queue.members == []


def test_members_are_found_by_name_and_at_the_front() -> None:
    queue, (alice, bob) = _queue("alice", "bob")
    assert (queue.member("Front"), queue.member("bob")) == (alice, bob)
    queue.seek("one")
    queue.pair()
    assert (queue.member("Front"), queue.member("alice")) == (bob, alice)
    queue.leave(bob)
    for nobody in ("Front", "bob"):
        with pytest.raises(QueueRefused):
            queue.member(nobody)


def test_waiting_times_are_those_of_the_members_who_wait() -> None:
    queue, (alice, _) = _queue("alice", "bob")
    assert queue.average_wait(11.0) == 10
    queue.leave(alice)
    assert queue.average_wait(11.0) == 10
    assert _queue()[0].average_wait(11.0) == 0


def test_a_full_queue_takes_nobody_even_while_its_head_is_taken() -> None:
    """Else there would be no place for a member to come back to."""
    queue, members = _queue("alice", "bob")
    queue.max_size = 2
    queue.seek("one")
    queue.pair()
    with pytest.raises(QueueRefused) as refused:
        queue.enter(_member("carol"))
    assert _refusal(refused) == "full"
    queue.leave(members[0])
    queue.enter(_member("carol"))


def test_a_document_can_lower_the_size_but_not_raise_it() -> None:
    queue, _ = _queue("alice", "bob")
    with pytest.raises(QueueRefused):
        queue.enter(_member("carol"), 2)
    queue.max_size = 2
    with pytest.raises(QueueRefused):
        queue.enter(_member("carol"), 3)


def test_a_queue_is_made_on_demand_and_known_by_name_within_its_account() -> None:
    queues: Queues[Member, str] = Queues()
    support = queues.on_demand(ONE, "support", NOON)
    assert (support.max_size, support.sid[:2], len(support.sid)) == (MAX_SIZE, "QU", 34)
    assert queues.on_demand(ONE, "support", NOON) is support
    assert queues.on_demand(OTHER, "support", NOON) is not support
    assert list(queues.of(ONE)) == [support]
    assert queues.by_sid(ONE, support.sid) is support
    with pytest.raises(QueueRefused) as unknown:
        queues.by_sid(OTHER, support.sid)
    assert _refusal(unknown) == "unknown"


def test_names_are_unique_and_names_and_sizes_are_bounded() -> None:
    queues: Queues[Member, str] = Queues()
    queues.create(ONE, "support", 5, NOON)
    sales = queues.create(ONE, "sales", LARGEST_SIZE, NOON)
    for name in ("support", "", "x" * 65):
        with pytest.raises(QueueRefused):
            queues.create(ONE, name, 5, NOON)
        with pytest.raises(QueueRefused):
            queues.update(sales, name, 5, NOON)
    for size in (0, LARGEST_SIZE + 1):
        with pytest.raises(QueueRefused):
            queues.create(ONE, "other", size, NOON)
    queues.update(sales, "selling", 7, NOON)
    assert (queues.named(ONE, "sales"), queues.named(ONE, "selling"), sales.max_size) == (None, sales, 7)


def test_only_a_queue_that_nobody_uses_is_deleted() -> None:
    queues: Queues[Member, str] = Queues()
    support = queues.create(ONE, "support", 5, NOON)
    support.seek("one")
    with pytest.raises(QueueRefused) as used:
        queues.delete(support)
    assert _refusal(used) == "in-use"
    support.withdraw("one")
    queues.delete(support)
    assert queues.named(ONE, "support") is None


def test_queues_that_documents_left_behind_make_room_for_others() -> None:
    queues: Queues[Member, str] = Queues(most=3)
    made, waited_in = queues.create(ONE, "made", 5, NOON), queues.on_demand(ONE, "waited in", NOON)
    waited_in.enter(_member("alice"))
    for number in range(10):
        queues.on_demand(ONE, str(number), NOON)
    assert [queue.name for queue in queues.of(ONE)] == ["made", "waited in", "9"]
    assert queues.named(ONE, "made") is made
    last = queues.named(ONE, "9")
    assert last is not None
    last.seek("one")
    with pytest.raises(QueueRefused) as refused:
        queues.on_demand(ONE, "more", NOON)
    assert _refusal(refused) == "too-many"


class Interleavings(RuleBasedStateMachine):
    """Whatever agents and callers do in whatever order: nobody is lost, doubled or overtaken."""

    def __init__(self) -> None:
        super().__init__()
        self.queue: Queue[Member, int] = Queues[Member, int]().on_demand(ONE, "support", NOON)
        self.queue.max_size = 6
        self.came: list[Member] = []
        """Everyone who is in the queue, taken or not, in order."""
        self.seeking: list[int] = []
        self.taken: dict[int, Member] = {}
        self.clock = 0

    @rule()
    def somebody_calls(self) -> None:
        self.clock += 1
        member = _member(f"CA{self.clock}", self.clock)
        if len(self.came) < 6:
            self.queue.enter(member)
            self.came.append(member)
        else:
            with pytest.raises(QueueRefused):
                self.queue.enter(member)
        self._serve()

    @rule()
    def an_agent_wants_somebody(self) -> None:
        self.clock += 1
        self.queue.seek(self.clock)
        self.seeking.append(self.clock)
        self._serve()

    @precondition(lambda self: self.came)
    @rule(data=st.data())
    def a_caller_leaves(self, data: st.DataObject) -> None:
        member = data.draw(st.sampled_from(self.came))
        self.queue.leave(member)
        self.came.remove(member)
        self.taken = {agent: taken for agent, taken in self.taken.items() if taken is not member}
        self._serve()

    @precondition(lambda self: self.seeking)
    @rule(data=st.data())
    def an_agent_gives_up(self, data: st.DataObject) -> None:
        agent = data.draw(st.sampled_from(self.seeking))
        self.queue.withdraw(agent)
        self.seeking.remove(agent)
        self._serve()

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def an_agent_fails(self, data: st.DataObject) -> None:
        agent = data.draw(st.sampled_from(sorted(self.taken)))
        self.queue.put_back(self.taken.pop(agent))
        self._serve()

    @precondition(lambda self: self.taken)
    @rule(data=st.data())
    def a_pair_is_connected(self, data: st.DataObject) -> None:
        member = self.taken.pop(data.draw(st.sampled_from(sorted(self.taken))))
        self.queue.leave(member)
        self.came.remove(member)
        self._serve()

    def _serve(self) -> None:
        while (pair := self.queue.pair()) is not None:
            agent, member = pair
            assert agent == self.seeking.pop(0), "an agent was overtaken"
            waiting = [each for each in self.came if each not in self.taken.values()]
            assert member is waiting[0], "a caller was overtaken, lost or doubled"
            self.taken[agent] = member

    @invariant()
    def those_who_wait_are_in_their_order(self) -> None:
        waiting = [each for each in self.came if each not in self.taken.values()]
        assert self.queue.members == waiting
        assert self.queue.size == len(waiting)
        assert [self.queue.position(each) for each in waiting] == list(range(1, len(waiting) + 1))
        assert not (waiting and self.seeking), "an agent and a caller wait for each other"

    @invariant()
    def nobody_is_taken_twice(self) -> None:
        assert len({id(member) for member in self.taken.values()}) == len(self.taken)

    @invariant()
    def it_is_idle_when_nobody_is_there(self) -> None:
        assert self.queue.idle == (not self.came and not self.seeking)


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
