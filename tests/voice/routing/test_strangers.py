"""Who guesses, scans or floods is not heard for a while; who has proven who it is goes on."""

from __future__ import annotations

import asyncio
import re
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import pytest

from sip.fake import refuses
from tests.voice.exchange import NUMBER, Customer, World, virtual
from voice.routing.premium import is_premium
from voice.routing.strangers import MOST_SOURCES
from voice.routing.strangers import Strangers as Bouncer
from voice.settings import Dial, Strangers

ELSEWHERE = "198.51.100.9:5060"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.shunned: dict[str, float] = {}
        self.alerts: list[str] = []

    def bouncer(self, **rules: Any) -> Bouncer:
        return Bouncer(Strangers(**rules), self.shunned.__setitem__, self.alerts.append, lambda: self.now)


def test_who_guesses_too_often_is_banned_and_longer_each_time() -> None:
    clock = Clock()
    strangers = clock.bouncer(failures=3, ban_seconds=10)
    for seconds in (10, 20, 40):
        for _ in range(3):
            strangers.fails(ELSEWHERE)
        assert clock.shunned.get("198.51.100.9", 0) != seconds
        strangers.fails(ELSEWHERE)
        assert clock.shunned["198.51.100.9"] == seconds
        assert not strangers.asks(ELSEWHERE)
        clock.now += seconds
    assert clock.alerts == ["guessing"] * 3


def test_who_has_a_network_of_ipv6_is_one_however_many_addresses_he_uses() -> None:
    clock = Clock()
    strangers = clock.bouncer(failures=3)
    for number in range(4):
        strangers.fails(f"[2001:db8::{number}]:5060")
    assert list(clock.shunned) == ["2001:db8::/64"]
    assert not strangers.asks("[2001:db8::ffff]:5060")
    assert strangers.asks("[2001:db8:0:1::1]:5060")


def test_a_mistake_now_and_then_is_forgiven() -> None:
    clock = Clock()
    strangers = clock.bouncer(failures=3, window_seconds=60)
    for _ in range(100):
        strangers.fails(ELSEWHERE)
        clock.now += 21
    assert clock.shunned == {}


def test_a_flood_is_stopped_but_not_a_burst() -> None:
    clock = Clock()
    strangers = clock.bouncer(requests_per_second=5)
    assert all(strangers.asks(ELSEWHERE) for _ in range(50))
    assert not strangers.asks(ELSEWHERE)
    assert "198.51.100.9" in clock.shunned


def test_a_scanner_is_known_by_its_name() -> None:
    clock = Clock()
    assert not clock.bouncer().asks(ELSEWHERE, "Friendly-Scanner")
    assert (list(clock.shunned), clock.alerts) == (["198.51.100.9"], ["scanner"])


def test_a_good_phone_behind_the_same_nat_is_not_banned_with_the_guesser() -> None:
    clock = Clock()
    strangers = clock.bouncer(failures=3)
    strangers.proves(ELSEWHERE)
    for _ in range(10):
        strangers.fails("198.51.100.9:40000")
    assert list(clock.shunned) == ["198.51.100.9:40000"]


def test_phones_that_register_again_keep_their_good_name() -> None:
    clock = Clock()
    strangers = clock.bouncer(failures=3)
    for _ in range(5):
        strangers.proves(ELSEWHERE)
        clock.now += 3_600
        for _ in range(10):
            strangers.fails("198.51.100.9:40000")
    assert list(clock.shunned) == ["198.51.100.9:40000"]


def test_the_trusted_may_do_anything() -> None:
    clock = Clock()
    strangers = clock.bouncer(failures=1, requests_per_second=1, trusted=(IPv4Network("198.51.100.0/24"),))
    for _ in range(100):
        strangers.fails(ELSEWHERE)
        assert strangers.asks(ELSEWHERE, "sipvicious")
    assert clock.shunned == {}


def test_memory_is_bounded() -> None:
    strangers = Clock().bouncer()
    for number in range(MOST_SOURCES + 500):
        strangers.asks(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}:5060")
    assert len(strangers) == MOST_SOURCES


@pytest.mark.parametrize("number", ["+19005551234", "+449012345678", "+88213300000", "+4990012345", "+97912345678"])
def test_premium_numbers_are_known(number: str) -> None:
    assert is_premium(number)


@pytest.mark.parametrize("number", ["+14155551234", "+4930123456", "+442071234567", "+33123456789"])
def test_others_are_not(number: str) -> None:
    assert not is_premium(number)


@virtual
@pytest.mark.parametrize(("allowed", "status"), [((), "failed"), (("+1900",), "completed")])
async def test_premium_numbers_are_dialled_only_where_that_is_allowed(
    tmp_path: Path, allowed: tuple[str, ...], status: str
) -> None:
    customer = Customer({"/voice": "<Dial action='/after'>+19005551234</Dial>", "/after": "<Hangup/>"})
    trunk = ({"name": "t", "uri": "sip:carrier"},)
    async with World(tmp_path, customer, dial=Dial(premium_prefixes=allowed), trunk=trunk) as world:
        call = world.call()
        await world.until(lambda: call.ended or bool(world.fake.phone("sip:+19005551234@carrier").calls))
        for leg in world.fake.phone("sip:+19005551234@carrier").calls:
            leg.hang_up()
        await world.ended(call)
        assert ("premium_prefix" in world.exchange.metrics.exposition().decode()) is (not allowed)
    assert customer.visited("/after")[0]["DialCallStatus"] == status


def alerts(world: World) -> set[str]:
    """The kinds of what has been counted for somebody to look at."""
    return set(re.findall(r'strowger_alerts_total{kind="(\w+)"}', world.exchange.metrics.exposition().decode()))


@virtual
async def test_an_account_has_so_many_calls_and_minutes(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Dial action='/after'>+14155550199</Dial>", "/after": "<Hangup/>"})
    dial = Dial(account_calls=1, account_minutes_per_day=2)
    trunk = ({"name": "t", "uri": "sip:carrier"},)
    phone_uri = "sip:+14155550199@carrier"
    async with World(tmp_path, customer, dial=dial, trunk=trunk) as world:
        first = world.call()
        await world.until(lambda: len(world.fake.phone(phone_uri).calls) == 1)
        second = world.call()
        await world.ended(second)
        assert len(world.fake.phone(phone_uri).calls) == 1
        assert alerts(world) == {"account_calls"}
        first.later(125, first.hang_up)
        await world.ended(first, 200)
        third = world.call()
        await world.ended(third)
        assert len(world.fake.phone(phone_uri).calls) == 1
        assert alerts(world) == {"account_calls", "account_minutes"}
    async with World(tmp_path, customer, dial=dial, trunk=trunk) as world:
        fourth = world.call()
        await world.ended(fourth)
        assert not world.fake.phone(phone_uri).calls
    statuses = [form["DialCallStatus"] for form in customer.visited("/after")]
    assert statuses.count("failed") == 3


@virtual
async def test_minutes_count_while_they_are_talked(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Dial action='/after'>+14155550199</Dial>", "/after": "<Hangup/>"})
    trunk = ({"name": "t", "uri": "sip:carrier"},)
    async with World(tmp_path, customer, dial=Dial(account_minutes_per_day=1), trunk=trunk) as world:
        phone = world.fake.phone("sip:+14155550199@carrier")
        first = world.call()
        await world.until(lambda: bool(phone.calls) and phone.calls[0].answered)
        await asyncio.sleep(61)
        await world.ended(world.call())
        assert len(phone.calls) == 1
        first.hang_up()
        await world.ended(first)


@virtual
async def test_an_account_dials_so_often_in_a_minute(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Dial action='/after'>+14155550199</Dial>", "/after": "<Hangup/>"})
    trunk = ({"name": "t", "uri": "sip:carrier"},)
    async with World(tmp_path, customer, dial=Dial(account_dials_per_minute=2), trunk=trunk) as world:
        phone = world.fake.phone("sip:+14155550199@carrier", refuses(486))
        for _ in range(4):
            await world.ended(world.call())
        assert len(phone.calls) == 2
        await asyncio.sleep(60)
        await world.ended(world.call())
        assert len(phone.calls) == 3
        assert alerts(world) == {"account_dials"}


@virtual
async def test_numbers_that_nobody_has_allowed_are_somebody_to_look_at(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Dial action='/after'>+4930123456</Dial>", "/after": "<Hangup/>"})
    trunk = ({"name": "t", "uri": "sip:carrier"},)
    async with World(tmp_path, customer, dial=Dial(allowed_prefixes=("+1",)), trunk=trunk) as world:
        await world.ended(world.call())
        assert alerts(world) == {"forbidden_prefix"}
        assert not world.fake.phone("sip:+4930123456@carrier").calls


@virtual
async def test_who_dials_numbers_that_nobody_has_is_shunned(tmp_path: Path) -> None:
    rules = Strangers(failures=3, trusted=())
    async with World(tmp_path, Customer({"/voice": "<Hangup/>"}), strangers=rules) as world:
        for number in range(5):
            await world.ended(world.call(f"+1999000{number}"))
        assert list(world.fake.peers.shunned) == ["192.0.2.1"]
        await world.ended(world.call(NUMBER))
