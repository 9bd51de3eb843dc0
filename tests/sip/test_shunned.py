"""Sources whose requests are not heard."""

from __future__ import annotations

from sip.shunned import MOST, Shunned


def test_a_source_is_heard_again_after_its_time() -> None:
    now = [0.0]
    shunned = Shunned(lambda: now[0])
    shunned.add("198.51.100.9", 10)
    shunned.add("198.51.100.7:5062", 10)
    shunned.add("2001:db8::/64", 10)
    held = ["198.51.100.9:1", "198.51.100.9:2", "198.51.100.7:5062", "[2001:db8::1]:5060", "[2001:db8:0:0:ffff::1]:5061"]
    free = ["198.51.100.7:5060", "198.51.100.90:1", "203.0.113.1:5060", "[2001:db8:0:1::1]:5060"]
    assert [shunned.holds(source) for source in (*held, *free)] == [True] * 5 + [False] * 4
    now[0] = 11.0
    assert not any(shunned.holds(source) for source in (*held, *free))


def test_there_are_never_too_many() -> None:
    shunned = Shunned()
    for number in range(MOST + 10):
        shunned.add(str(number), 10)
    assert len(shunned) == MOST
