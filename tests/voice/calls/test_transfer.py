"""Transfers by REFER: whole calls with fake phones (spec section 6.4)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from sip.fake import FakeCall, busy, rings
from tests.voice.exchange import Customer, World, virtual

BOB, CAROL = "sip:bob@carrier", "sip:carol@carrier"
DIAL = f"<Dial action='/done' referUrl='/refer'><Sip statusCallback='/child'>{BOB}</Sip></Dial>"
WAITING = DIAL.replace("<Dial", "<Dial answerOnBridge='true'")
TO_CAROL = f"<Dial action='/moved'><Sip>{CAROL}</Sip></Dial>"


def customer(voice: str = DIAL, refer: str = TO_CAROL) -> Customer:
    return Customer(
        {"/voice": voice, "/refer": refer, "/done": "<Hangup/>", "/moved": "<Hangup/>", "/child": "", "/status": ""},
        delays={"/refer": 0.2},
    )


async def talking(world: World) -> tuple[FakeCall, FakeCall]:
    """Alice dialled in and talks with Bob."""
    bob, alice = world.fake.phone(BOB), world.call()
    await world.until(lambda: bool(bob.calls) and bob.calls[0].answered)
    await world.until(lambda: audible(alice, bob.calls[0]))
    return alice, bob.calls[0]


def audible(one: FakeCall, other: FakeCall) -> bool:
    """Whether what one says reaches the other; it says one frame more each time."""
    one.say(np.full(160, 5000, np.int16))
    return bool(np.any(other.heard[-160:] == 5000))


async def connected(world: World, one: FakeCall, other: FakeCall) -> None:
    await world.until(lambda: one.answered and other.answered and audible(one, other) and audible(other, one))


def only_call(world: World, uri: str) -> Callable[[], FakeCall | None]:
    return lambda: next(iter(world.fake.phone(uri).calls), None)


@virtual
async def test_the_callee_transfers_the_caller(tmp_path: Path) -> None:
    served = customer()
    async with World(tmp_path, served) as world:
        carol = world.fake.phone(CAROL)
        alice, bob = await talking(world)
        bob.referral.ask("<sip:carol@carrier>")
        await world.until(lambda: bob.ended)
        assert (bob.referral.code, bob.referral.notified, bob.ended_code) == (202, [100, 200], 200)
        await connected(world, alice, carol.calls[0])
        asked = served.visited("/refer")[0]
        assert asked["ReferTransferTarget"] == "<sip:carol@carrier>"
        assert asked["CallSid"] == served.visited("/voice")[0]["CallSid"]
        assert asked["CallStatus"] == "in-progress"
        carol.calls[0].hang_up()
        await world.ended(alice)
        assert served.visited("/moved")[0]["DialCallStatus"] == "completed"
        assert not served.visited("/done")


@virtual
async def test_the_caller_transfers_the_callee(tmp_path: Path) -> None:
    """The document runs in the callee's call."""
    served = customer()
    async with World(tmp_path, served) as world:
        carol = world.fake.phone(CAROL)
        alice, bob = await talking(world)
        alice.referral.ask("<sip:carol@carrier>")
        await world.until(lambda: alice.ended)
        assert (alice.referral.code, alice.referral.notified) == (202, [100, 200])
        await connected(world, bob, carol.calls[0])
        asked = served.visited("/refer")[0]
        assert asked["Direction"] == "outbound-dial"
        assert asked["ParentCallSid"] == served.visited("/voice")[0]["CallSid"]
        assert served.visited("/done")[0]["DialCallStatus"] == "completed"
        bob.hang_up()
        await world.ended(carol.calls[0])
        moved = served.visited("/moved")[0]
        assert (moved["CallSid"], moved["DialCallStatus"]) == (asked["CallSid"], "completed")


@virtual
async def test_a_phone_that_hangs_up_with_its_202(tmp_path: Path) -> None:
    served = customer()
    async with World(tmp_path, served) as world:
        carol = world.fake.phone(CAROL)
        alice, bob = await talking(world)
        bob.referral.ask("<sip:carol@carrier>")
        await world.until(lambda: bob.referral.code == 202)
        bob.hang_up()
        await world.until(lambda: bool(carol.calls))
        await connected(world, alice, carol.calls[0])
        alice.hang_up()
        await world.ended(carol.calls[0])


@virtual
async def test_answer_on_bridge_keeps_the_transferor_until_the_target_answers(tmp_path: Path) -> None:
    served = customer(WAITING)
    async with World(tmp_path, served) as world:
        carol = world.fake.phone(CAROL, rings())
        alice, bob = await talking(world)
        bob.referral.ask("<sip:carol@carrier>")
        await world.until(lambda: bool(carol.calls))
        assert not bob.ended
        assert not audible(alice, bob)
        carol.calls[0].answer()
        await world.until(lambda: bob.ended)
        assert bob.referral.notified == [100, 200]
        await connected(world, alice, carol.calls[0])
        carol.calls[0].hang_up()
        await world.ended(alice)


@virtual
async def test_answer_on_bridge_gives_a_failed_transfer_back(tmp_path: Path) -> None:
    served = customer(WAITING, f"<Dial><Sip>{CAROL}</Sip></Dial>")
    async with World(tmp_path, served) as world:
        world.fake.phone(CAROL, busy())
        alice, bob = await talking(world)
        bob.referral.ask("<sip:carol@carrier>")
        await world.until(lambda: 486 in bob.referral.notified)
        await connected(world, alice, bob)
        bob.hang_up()
        await world.ended(alice)
        assert served.visited("/done")[0]["DialCallStatus"] == "completed"


@virtual
async def test_a_transfer_that_nobody_allows(tmp_path: Path) -> None:
    """13802 E: REFER received but no referUrl; the call is unchanged."""
    served = customer(DIAL.replace("referUrl='/refer'", ""))
    async with World(tmp_path, served) as world:
        alice, bob = await talking(world)
        for transferor in (bob, alice):
            transferor.referral.ask("<sip:carol@carrier>")
            await world.until(lambda call=transferor: call.referral.code != 0)  # type: ignore[misc]
            assert transferor.referral.code == 603
        await connected(world, alice, bob)
        assert world.reports() == [13802, 13802]
        alice.hang_up()
        await world.ended(bob)


@virtual
async def test_a_url_that_fails_leaves_the_call_as_it_is(tmp_path: Path) -> None:
    served = customer()
    del served.answers["/refer"]
    async with World(tmp_path, served) as world:
        alice, bob = await talking(world)
        bob.referral.ask("<sip:carol@carrier>")
        await world.until(lambda: 503 in bob.referral.notified)
        await connected(world, alice, bob)
        assert world.reports() == [11200]
        alice.hang_up()
        await world.ended(bob)
