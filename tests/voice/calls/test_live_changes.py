"""A call that is changed from outside while it goes on (section 4.6, Update)."""

from __future__ import annotations

from pathlib import Path

import pytest

from markup.events import Redirected
from sip.fake import FakeCall, rings
from tests.voice.exchange import HOST, Customer, World, virtual
from voice.errors import ChangeRefused

BOB = "sip:bob@carrier"
STAY = "<Gather timeout='60'/>"
NEW = Redirected(f"{HOST}/new")


def _sid(customer: Customer, path: str = "/voice") -> str:
    return customer.visited(path)[0]["CallSid"]


async def _bridged(world: World) -> tuple[FakeCall, FakeCall]:
    bob, alice = world.fake.phone(BOB), world.call()
    await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
    return alice, bob.calls[0]


def _customer(voice: str = f"<Dial action='/dialled'><Sip statusCallback='/child'>{BOB}</Sip></Dial>") -> Customer:
    return Customer({"/voice": voice, "/new": STAY, "/dialled": STAY, "/child": "", "/status": ""})


async def _child_sid(world: World, customer: Customer) -> str:
    parent = _sid(customer)
    return next(line.call.sid for line in world.registry if line.call.sid != parent)


@virtual
async def test_another_document_takes_over(tmp_path: Path) -> None:
    customer = _customer("<Say loop='0'>On and on.</Say>")
    async with World(tmp_path, customer) as world:
        alice = world.call()
        await world.until(lambda: len(alice.heard) > 8000)
        world.switch.change(_sid(customer), NEW)
        await world.until(lambda: bool(customer.visited("/new")))
        assert not alice.ended
        world.switch.end(_sid(customer))
        await world.ended(alice)
    assert customer.visited("/new")[0]["CallStatus"] == "in-progress"


@virtual
async def test_the_callee_of_a_redirected_caller_is_hung_up_on(tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        alice, bob = await _bridged(world)
        world.switch.change(_sid(customer), NEW)
        await world.ended(bob)
        assert not alice.ended
        assert not customer.visited("/dialled")
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_a_redirected_callee_goes_on_alone_and_so_does_the_caller(tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        alice, bob = await _bridged(world)
        child = await _child_sid(world, customer)
        world.switch.change(child, NEW)
        await world.until(lambda: bool(customer.visited("/new")) and bool(customer.visited("/dialled")))
        assert (alice.ended, bob.ended) == (False, False)
        assert customer.visited("/new")[0]["CallSid"] == child
        told = customer.visited("/dialled")[0]
        assert (told["DialCallStatus"], told["DialCallSid"]) == ("completed", child)
        assert "DialCallDuration" not in told
        alice.hang_up()
        await world.ended(alice)
        assert not bob.ended
        bob.hang_up()
        await world.ended(bob)
        assert world.bus.claimed == 0


@virtual
async def test_the_end_of_a_callee_leaves_the_caller_to_the_action(tmp_path: Path) -> None:
    customer = _customer()
    async with World(tmp_path, customer) as world:
        alice, bob = await _bridged(world)
        world.switch.end(await _child_sid(world, customer))
        await world.until(lambda: bool(customer.visited("/dialled")))
        assert (alice.ended, bob.ended) == (False, True)
        alice.hang_up()
        await world.ended(alice)


@virtual
async def test_a_call_that_rings_can_be_ended_but_not_redirected(tmp_path: Path) -> None:
    customer = _customer("<Dial answerOnBridge='true'><Sip>sip:ringing@carrier</Sip></Dial>")
    async with World(tmp_path, customer) as world:
        ringing = world.fake.phone("sip:ringing@carrier", rings())
        alice = world.call()
        await world.until(lambda: bool(ringing.calls))
        with pytest.raises(ChangeRefused) as refusal:
            world.switch.change(_sid(customer), NEW)
        assert refusal.value.code == 21220
        world.switch.end(_sid(customer), unanswered_only=True)
        await world.ended(alice)
        await world.ended(ringing.calls[0])
        assert customer.visited("/status")[0]["CallStatus"] in ("canceled", "no-answer")


@virtual
async def test_a_call_in_progress_is_not_canceled(tmp_path: Path) -> None:
    customer = _customer(STAY)
    async with World(tmp_path, customer) as world:
        alice = world.call()
        await world.until(lambda: alice.answered)
        world.switch.end(_sid(customer), unanswered_only=True)
        await world.until(lambda: len(alice.heard) > 8000)
        assert not alice.ended
        alice.hang_up()
        await world.ended(alice)
        with pytest.raises(ChangeRefused) as refusal:
            world.switch.end(_sid(customer))
        assert refusal.value.code == 20404
