"""Carriers, on whole calls: which address a number takes, what happens when that is dead or full, and who calls us from there."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from sip.endpoint import Credentials
from sip.events import Enrolled
from sip.fake import Behaviour, FakeCall, is_dead, refuses
from tests.voice.exchange import HOST, NUMBER, Customer, World, virtual
from voice.settings import Trunk, TrunkTarget
from voice.trunks.care import ask
from voice.trunks.numbers import rewrite
from voice.trunks.resolver import Place

FAR = "+4930123456"
FIRST, SECOND, THIRD = "sip:first.example", "sip:second.example", "sip:third.example"


def carrier(name: str = "carrier", **more: Any) -> Trunk:
    return Trunk(name=name, **{"uri": FIRST, **more})


def several(**more: Any) -> Trunk:
    targets = (TrunkTarget(uri=THIRD, priority=30), TrunkTarget(uri=SECOND, priority=20))
    return carrier(targets=targets, **more)


def dialling(number: str = FAR) -> Customer:
    return Customer({"/voice": f"<Dial action='/after'>{number}</Dial>", "/after": "<Hangup/>"})


def talks(seconds: float) -> Behaviour:
    """Answer, and hang up after some time."""

    def behave(call: FakeCall) -> None:
        call.answer()
        call.later(seconds, call.hang_up)

    return behave


def at(target: str, number: str = FAR) -> str:
    return target.replace("sip:", f"sip:{number}@")


def begun(world: World, *targets: str) -> list[int]:
    """How many calls each target got."""
    return [len(world.fake.phone(at(target)).calls) for target in targets]


@virtual
@pytest.mark.parametrize("code", [503, 500, 505, 408, 404])
async def test_the_next_target_is_tried_when_one_cannot_be_reached(tmp_path: Path, code: int) -> None:
    customer = dialling()
    async with World(tmp_path, customer, trunk=(several(),)) as world:
        world.fake.phone(at(FIRST), refuses(code))
        world.fake.phone(at(SECOND), refuses(503))
        world.fake.phone(at(THIRD), talks(3))
        await world.ended(world.call())
        assert begun(world, FIRST, SECOND, THIRD) == [1, 1, 1]
    assert customer.visited("/after")[0]["DialCallStatus"] == "completed"


@virtual
async def test_an_address_that_says_nothing_is_given_up_soon(tmp_path: Path) -> None:
    async with World(tmp_path, dialling(), trunk=(several(patience_seconds=2),)) as world:
        world.fake.phone(at(FIRST), is_dead())
        world.fake.phone(at(SECOND), talks(3))
        call = world.call()
        await world.until(lambda: begun(world, FIRST) == [1])
        began = asyncio.get_running_loop().time()
        await world.until(lambda: begun(world, SECOND) == [1])
        assert asyncio.get_running_loop().time() - began < 2.5
        await world.ended(call)


@virtual
@pytest.mark.parametrize("code", [486, 603])
async def test_what_the_callee_says_is_not_asked_again_elsewhere(tmp_path: Path, code: int) -> None:
    async with World(tmp_path, dialling(), trunk=(several(),)) as world:
        world.fake.phone(at(FIRST), refuses(code))
        await world.ended(world.call())
        assert begun(world, FIRST, SECOND) == [1, 0]


@virtual
async def test_a_target_that_does_not_answer_options_is_tried_last(tmp_path: Path) -> None:
    async with World(tmp_path, dialling(), trunk=(several(keepalive_seconds=10),)) as world:
        asking = asyncio.create_task(ask(world.exchange.trunks, world.fake.peers))
        world.fake.peers.alive = {SECOND: 200, THIRD: 404}
        for target in (FIRST, SECOND):
            world.fake.phone(at(target), talks(3))
        await asyncio.sleep(25)
        (trunk,) = world.exchange.trunks
        assert [target.up for target in trunk.targets] == [False, True, True]
        await world.ended(world.call())
        assert begun(world, FIRST, SECOND) == [0, 1]
        world.fake.peers.alive[FIRST] = 200
        await asyncio.sleep(11)
        await world.ended(world.call())
        assert begun(world, FIRST, SECOND) == [1, 1]
        asking.cancel()


@virtual
async def test_a_trunk_that_is_paused_takes_no_calls_of_ours(tmp_path: Path) -> None:
    customer = dialling()
    trunks = (carrier(prefixes=("+49",)), carrier("other", uri=SECOND, prefixes=("+",)))
    async with World(tmp_path, customer, trunk=trunks) as world:
        first, other = world.exchange.trunks
        for target in (FIRST, SECOND):
            world.fake.phone(at(target), talks(3))
        world.exchange.trunks.pause(first, True)
        await world.ended(world.call())
        assert begun(world, FIRST, SECOND) == [0, 1]
        world.exchange.trunks.pause(other, True)
        await world.ended(world.call())
        assert customer.visited("/after")[1]["DialCallStatus"] == "failed"
        world.exchange.trunks.pause(first, False)
        await world.ended(world.call())
        assert begun(world, FIRST, SECOND) == [1, 1]


@virtual
async def test_a_full_trunk_is_left_out(tmp_path: Path) -> None:
    trunks = (carrier(max_calls=1), carrier("other", uri=SECOND, max_calls=1))
    customer = dialling()
    async with World(tmp_path, customer, trunk=trunks) as world:
        for target in (FIRST, SECOND):
            world.fake.phone(at(target), talks(30))
        calls = [world.call() for _ in range(3)]
        for call in calls:
            await world.ended(call)
        assert begun(world, FIRST, SECOND) == [1, 1]
        assert [trunk.live for trunk in world.exchange.trunks] == [0, 0]
        assert [trunk.refused for trunk in world.exchange.trunks] == [1, 1]
    results = sorted(form["DialCallStatus"] for form in customer.visited("/after"))
    assert results == ["completed", "completed", "failed"]


@virtual
async def test_calls_of_rest_wait_until_a_trunk_has_room(tmp_path: Path) -> None:
    async with (
        World(tmp_path, Customer({"/out": "<Hangup/>"}), trunk=(carrier(calls_per_second=1),)) as world,
        world.client() as client,
    ):
        world.fake.phone(at(FIRST), talks(3))
        form = {"To": FAR, "From": NUMBER, "Url": f"{HOST}/out"}
        for _ in range(3):
            await client.post(f"/2010-04-01/Accounts/{world.accounts.main.sid}/Calls.json", data=form)
        await asyncio.sleep(0.5)
        assert begun(world, FIRST) == [1]
        await world.until(lambda: begun(world, FIRST) == [3])
        await world.until(lambda: not len(world.registry))


@virtual
async def test_a_carrier_gets_numbers_and_names_as_it_wants_them(tmp_path: Path) -> None:
    trunk = carrier(
        rewrite=((r"\+49(.*)", r"0\1"), (r"\+(.*)", r"00\1")),
        caller_rewrite=((r"\+1(.*)", r"\1"),),
        asserted_identity=True,
        from_domain="us.example",
    )
    async with World(tmp_path, dialling(), trunk=(trunk,)) as world:
        phone = world.fake.phone(at(FIRST, "030123456"), talks(1))
        await world.ended(world.call(from_="sip:+15550001@carrier"))
        (call,) = phone.calls
        assert call.invitation is not None
        assert call.invitation.from_uri == "sip:5550001@us.example"
        assert ("P-Asserted-Identity", "<sip:+15550001@us.example>") in call.invitation.headers


@virtual
async def test_calls_may_go_through_a_proxy(tmp_path: Path) -> None:
    async with World(tmp_path, dialling(), trunk=(carrier(proxy="sip:edge.example:5070"),)) as world:
        phone = world.fake.phone(at(FIRST), talks(1))
        await world.ended(world.call())
        (call,) = phone.calls
        assert call.invitation is not None
        assert call.invitation.route == ("sip:edge.example:5070;lr",)


@virtual
async def test_the_addresses_of_a_name_are_tried_in_turn(tmp_path: Path) -> None:
    async with World(tmp_path, dialling(), trunk=(carrier(),)) as world:
        (trunk,) = world.exchange.trunks
        (named,) = trunk.targets
        places = (Place("sip:192.0.2.1:5060;transport=udp", 10), Place("sip:192.0.2.2:5060;transport=udp", 20))
        trunk.locate(named.configured, places)
        trunk.targets[0].up = False
        trunk.locate(named.configured, places[::-1])
        assert [(target.hop, target.up) for target in trunk.targets] == [(places[1].hop, True), (places[0].hop, False)]
        trunk.locate(named.configured, ())
        assert len(trunk.targets) == 2
        phone = world.fake.phone(at(FIRST), refuses(503))
        await world.ended(world.call())
        routes = [call.invitation.route for call in phone.calls if call.invitation is not None]
        assert routes == [(f"{places[1].hop};lr;hide",), (f"{places[0].hop};lr;hide",)]


@virtual
async def test_who_wants_no_name_shown_is_named_to_nobody(tmp_path: Path) -> None:
    async with World(tmp_path, dialling(), trunk=(carrier(asserted_identity=True),)) as world:
        phone = world.fake.phone(at(FIRST), talks(1))
        await world.ended(world.call(from_="sip:anonymous@anonymous.invalid"))
        (call,) = phone.calls
        assert call.invitation is not None
        names = [name for name, _ in call.invitation.headers]
        assert "Privacy" in names
        assert "P-Asserted-Identity" not in names


@virtual
async def test_a_carrier_writes_our_numbers_its_own_way(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Hangup/>"})
    trunk = carrier(networks=("192.0.2.0/24",), inbound_rewrite=((r"0(555.*)", r"+1\1"),))
    async with World(tmp_path, customer, trunk=(trunk,)) as world:
        await world.ended(world.call("05550100"))
        assert customer.visited("/voice")[0]["To"] == NUMBER
    async with World(tmp_path / "other", customer, trunk=(carrier(),)) as world:
        call = world.call("05550100")
        await world.ended(call)
        assert call.ended_code == 404


@virtual
async def test_a_trunk_is_registered_with_and_says_how_that_goes(tmp_path: Path) -> None:
    trunk = carrier(register=True, username="us", password="secret", registrar="sip:registrar.example")
    async with World(tmp_path, Customer({"/voice": "<Hangup/>"}), trunk=(trunk, carrier("other"))) as world:
        world.exchange.trunks.enrol(world.fake.peers)
        (enrolment,) = world.fake.peers.enrolments
        assert (enrolment.registrar, enrolment.identity) == ("sip:registrar.example", "sip:us@registrar.example")
        assert enrolment.credentials == Credentials("us", "secret")
        (first, _) = world.exchange.trunks
        for code, seconds, registered in ((200, 3600, True), (503, 0, False), (200, 60, True)):
            world.switch.receive(Enrolled(1, code, seconds))
            await asyncio.sleep(0.1)
            assert first.registered is registered
        call = world.fake.phone("sip:carrier@192.0.2.9").dial("sip:us@127.0.0.1", (), to=f"sip:{NUMBER}@registrar.example")
        await world.ended(call)
        assert world.customer.visited("/voice")


@pytest.mark.parametrize(("number", "expected"), [("+4930", "030"), ("+331", "00331"), ("112", "112")])
def test_the_first_rule_that_fits_counts(number: str, expected: str) -> None:
    assert rewrite(number, ((r"\+49(.*)", r"0\1"), (r"\+(.*)", r"00\1"))) == expected
