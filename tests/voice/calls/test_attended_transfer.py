"""Attended transfers: a phone with two calls hands one party to the other (RFC 3891, spec section 6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from sip.events import DialogId
from sip.fake import FakeCall, replacing
from tests.voice.calls.test_transfer import BOB, CAROL, connected
from tests.voice.exchange import HOST, NUMBER, Customer, World, virtual
from voice.settings import Number

SECOND = "+15550101"
NUMBERS = (
    Number(phone_number=NUMBER, voice_url=f"{HOST}/voice"),
    Number(phone_number=SECOND, voice_url=f"{HOST}/second"),
)


def follow(form: Mapping[str, str]) -> str:
    """What customers answer: the target as it came."""
    return f"<Dial action='/moved'><Sip>{escape(form['ReferTransferTarget'])}</Sip></Dial>"


def customer(first: str = BOB, second: str = CAROL, more: str = "") -> Customer:
    return Customer(
        {
            "/voice": f"<Dial action='/done' referUrl='/refer' {more}><Sip>{first}</Sip></Dial>",
            "/second": f"<Dial action='/done2' referUrl='/refer'><Sip>{second}</Sip></Dial>",
            "/refer": follow,
            "/done": "<Hangup/>",
            "/done2": "<Hangup/>",
            "/moved": "<Hangup/>",
        }
    )


def world(folder: Path, served: Customer) -> World:
    return World(folder, served, number=NUMBERS)


async def called(world: World, uri: str, count: int = 1) -> FakeCall:
    """The latest call of a phone, once it is up."""
    phone = world.fake.phone(uri)
    await world.until(lambda: len(phone.calls) == count and phone.calls[-1].answered)
    return phone.calls[-1]


def hand_over(first: FakeCall, second: FakeCall) -> None:
    """REFER in one call, with the other one to be replaced."""
    first.referral.ask(replacing("sip:127.0.0.1", second.dialog))


async def empty(world: World) -> None:
    await world.until(lambda: not len(world.registry))


@virtual
async def test_whom_the_phone_called_is_given_to_whom_called_it(tmp_path: Path) -> None:
    served = customer()
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        bob = await called(switch, BOB)
        asking = switch.call(SECOND, BOB)
        carol = await called(switch, CAROL)
        await connected(switch, asking, carol)
        hand_over(bob, asking)
        await switch.until(lambda: bob.ended and asking.ended)
        assert (bob.referral.code, bob.referral.notified) == (202, [100, 200])
        assert (bob.ended_code, asking.ended_code) == (200, 200)
        await connected(switch, alice, carol)
        assert len(switch.registry) == 2
        assert "Replaces=" in served.visited("/refer")[0]["ReferTransferTarget"]
        assert served.visited("/done2")[0]["DialCallStatus"] == "completed"
        carol.hang_up()
        await switch.ended(alice)
        moved = served.visited("/moved")[0]
        assert (moved["DialCallStatus"], moved["DialBridged"]) == ("completed", "true")
        assert moved["CallSid"] == served.visited("/voice")[0]["CallSid"]
        await empty(switch)


@virtual
async def test_the_taken_leg_ends_with_its_new_caller(tmp_path: Path) -> None:
    async with world(tmp_path, customer()) as switch:
        alice = switch.call()
        bob = await called(switch, BOB)
        asking = switch.call(SECOND, BOB)
        carol = await called(switch, CAROL)
        await connected(switch, asking, carol)
        hand_over(bob, asking)
        await connected(switch, alice, carol)
        alice.hang_up()
        await switch.ended(carol)
        await empty(switch)


@virtual
async def test_two_callers_of_one_phone_are_put_together(tmp_path: Path) -> None:
    served = customer(second=BOB)
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        first = await called(switch, BOB)
        dave = switch.call(SECOND, "sip:dave@carrier")
        second = await called(switch, BOB, 2)
        await connected(switch, dave, second)
        hand_over(first, second)
        await switch.until(lambda: first.ended and second.ended)
        await connected(switch, alice, dave)
        assert not served.visited("/done2")
        alice.hang_up()
        await switch.ended(dave)
        done = served.visited("/done2")[0]
        assert (done["DialCallStatus"], done["DialBridged"]) == ("completed", "true")
        assert int(done["DialCallDuration"]) >= 0
        await empty(switch)


@virtual
async def test_each_of_two_callers_goes_on_when_the_other_one_leaves(tmp_path: Path) -> None:
    served = customer(second=BOB)
    served.answers["/moved"] = "<Gather timeout='60'/>"
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        first = await called(switch, BOB)
        dave = switch.call(SECOND, "sip:dave@carrier")
        second = await called(switch, BOB, 2)
        await connected(switch, dave, second)
        hand_over(first, second)
        await connected(switch, alice, dave)
        dave.hang_up()
        await switch.until(lambda: bool(served.visited("/moved")))
        assert served.visited("/moved")[0]["DialCallStatus"] == "completed"
        assert not alice.ended
        alice.hang_up()
        await empty(switch)


@virtual
async def test_two_whom_the_phone_called_are_put_together(tmp_path: Path) -> None:
    """The caller of both refers: the document runs in the call of the one he called first."""
    served = customer(first="sip:alice@carrier")
    async with world(tmp_path, served) as switch:
        switch.fake.phone(CAROL)
        one, two = switch.call(NUMBER, BOB), switch.call(SECOND, BOB)
        alice, carol = await called(switch, "sip:alice@carrier"), await called(switch, CAROL)
        await connected(switch, one, alice)
        await connected(switch, two, carol)
        hand_over(one, two)
        await switch.until(lambda: one.ended and two.ended)
        await connected(switch, alice, carol)
        alice.hang_up()
        await switch.ended(carol)
        await empty(switch)


@virtual
async def test_a_caller_who_was_put_together_hands_his_partner_on(tmp_path: Path) -> None:
    served = customer(second=BOB)
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        first = await called(switch, BOB)
        dave = switch.call(SECOND, "sip:dave@carrier")
        second = await called(switch, BOB, 2)
        await connected(switch, dave, second)
        hand_over(first, second)
        await connected(switch, alice, dave)
        switch.fake.phone(CAROL)
        dave.referral.ask(f"<{CAROL}>")
        carol = await called(switch, CAROL)
        await connected(switch, alice, carol)
        assert dave.ended
        carol.hang_up()
        await switch.ended(alice)
        await empty(switch)


@virtual
async def test_answer_on_bridge_is_content_with_a_call_that_was_taken_over(tmp_path: Path) -> None:
    async with world(tmp_path, customer(more="answerOnBridge='true'")) as switch:
        alice = switch.call()
        bob = await called(switch, BOB)
        asking = switch.call(SECOND, BOB)
        carol = await called(switch, CAROL)
        await connected(switch, asking, carol)
        hand_over(bob, asking)
        await connected(switch, alice, carol)
        assert bob.referral.notified == [100, 200]
        assert bob.ended
        assert asking.ended
        alice.hang_up()
        await empty(switch)


@virtual
async def test_a_call_that_talks_with_nobody_is_not_replaced(tmp_path: Path) -> None:
    served = customer(more="answerOnBridge='true'")
    served.answers["/second"] = "<Say>Please wait.</Say><Gather timeout='60'/>"
    async with world(tmp_path, served) as switch:
        alice = switch.call()
        bob = await called(switch, BOB)
        asking = switch.call(SECOND, BOB)
        await switch.until(lambda: asking.answered)
        hand_over(bob, asking)
        await switch.until(lambda: 503 in bob.referral.notified)
        assert served.visited("/moved")[0]["DialCallStatus"] == "failed"
        assert 13243 in switch.reports()
        assert not asking.ended
        asking.hang_up()
        bob.hang_up()
        await switch.ended(alice)
        await empty(switch)


@virtual
async def test_a_call_of_somebody_else_is_replaced_by_them(tmp_path: Path) -> None:
    """The INVITE that names a dialog that is not ours goes out to its target."""
    async with world(tmp_path, customer()) as switch:
        carol = switch.fake.phone(CAROL)
        alice = switch.call()
        bob = await called(switch, BOB)
        bob.referral.ask(replacing(CAROL, DialogId("7+8@elsewhere", "a", "b")))
        await switch.until(lambda: bool(carol.calls))
        assert ("Replaces", "7+8@elsewhere;to-tag=a;from-tag=b") in carol.calls[0].headers
        await connected(switch, alice, carol.calls[0])
        alice.hang_up()
        await empty(switch)


@virtual
async def test_a_replaced_call_may_not_be_the_transferees_own(tmp_path: Path) -> None:
    async with world(tmp_path, customer(more="answerOnBridge='true'")) as switch:
        alice = switch.call()
        bob = await called(switch, BOB)
        await connected(switch, alice, bob)
        hand_over(bob, bob)
        await switch.until(lambda: 503 in bob.referral.notified)
        assert not bob.ended
        alice.hang_up()
        await empty(switch)
