"""What every endpoint does with REFER, the one in memory and the one on the network alike (RFC 3515)."""

from __future__ import annotations

import itertools

import pytest

from sip.events import Answered, DialogId, Ended, Incoming, LegId, ReferAnswered, ReferProgress, Referred
from tests.sip.conftest import Network
from tests.sip.far import FarCall, Policy

pytestmark = pytest.mark.asyncio(loop_scope="session")
_numbers = itertools.count(15560100)


@pytest.fixture
def number() -> str:
    return f"+{next(_numbers)}"


async def talk(network: Network, number: str) -> tuple[FarCall, Incoming]:
    call = network.far.dial(number)
    incoming, _ = await network.near.answered(number)
    await network.near.event(incoming.leg, Answered)
    await call.answered()
    return call, incoming


async def outcome(network: Network, leg: LegId) -> int:
    """The last status that a phone reports on our REFER."""
    while not (progress := await network.near.event(leg, ReferProgress)).last:
        assert progress.code < 200
    return progress.code


async def end(network: Network, call: FarCall, leg: LegId) -> None:
    network.near.endpoint.hang_up(leg)
    await call.ended()
    await network.near.event(leg, Ended)


@pytest.mark.parametrize(
    ("policy", "code"), [(Policy("answer"), 200), (Policy("refuse", 486), 486), (Policy("refuse", 603), 603)]
)
async def test_phone_that_we_refer_reports_on_its_call(network: Network, number: str, policy: Policy, code: int) -> None:
    call, incoming = await talk(network, number)
    network.near.endpoint.referrals.refer(incoming.leg, network.far.target(f"{number}7", policy), (("X-Note", "seven"),))
    assert (await network.near.event(incoming.leg, ReferAnswered)).code == 202
    assert await outcome(network, incoming.leg) == code
    await end(network, call, incoming.leg)


async def test_phone_that_we_dialled_can_be_referred(network: Network, number: str) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("answer")))
    call = await network.far.called(number)
    await network.near.event(leg, Answered)
    await call.answer_referrals(405)
    network.near.endpoint.referrals.refer(leg, "sip:carol@127.0.0.1")
    assert (await network.near.event(leg, ReferAnswered)).code == 405
    await end(network, call, leg)


async def test_phone_can_be_referred_again_after_it_refused(network: Network, number: str) -> None:
    call, incoming = await talk(network, number)
    await call.answer_referrals(603)
    for _ in range(2):
        network.near.endpoint.referrals.refer(incoming.leg, "sip:carol@127.0.0.1")
        assert (await network.near.event(incoming.leg, ReferAnswered)).code == 603
    await end(network, call, incoming.leg)


@pytest.mark.parametrize("target", ["tea, please", "", "tel:+15550100", "sip:a b@c", "sip:a@b>;x=<c", "sip:" + "a" * 2000])
async def test_phone_is_not_referred_to_nonsense(network: Network, number: str, target: str) -> None:
    call, incoming = await talk(network, number)
    network.near.endpoint.referrals.refer(incoming.leg, target)
    assert (await network.near.event(incoming.leg, ReferAnswered)).code == 400
    await end(network, call, incoming.leg)


async def test_phone_refers_us_and_is_refused(network: Network, number: str) -> None:
    call, incoming = await talk(network, number)
    call.refer("<sip:carol@example.com>")
    referred = await network.near.event(incoming.leg, Referred)
    assert (referred.target, referred.replaces) == ("<sip:carol@example.com>", None)
    assert dict(referred.headers)["Refer-To"] == "<sip:carol@example.com>"
    network.near.endpoint.referrals.answer(incoming.leg, 603)
    assert await call.referral_over() == 603
    await end(network, call, incoming.leg)


@pytest.mark.parametrize("code", [200, 486])
async def test_phone_that_refers_us_is_told_how_it_went(network: Network, number: str, code: int) -> None:
    call, incoming = await talk(network, number)
    call.refer("<sip:carol@example.com?X-Note=seven>")
    assert (await network.near.event(incoming.leg, Referred)).target == "<sip:carol@example.com?X-Note=seven>"
    network.near.endpoint.referrals.answer(incoming.leg, 202)
    network.near.endpoint.referrals.notify(incoming.leg, 180)
    network.near.endpoint.referrals.notify(incoming.leg, code)
    assert await call.referral_over() == code
    network.near.endpoint.referrals.notify(incoming.leg, 200)
    network.near.endpoint.referrals.answer(incoming.leg, 202)
    await end(network, call, incoming.leg)


async def test_phone_that_we_dialled_refers_us(network: Network, number: str) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("answer")))
    call = await network.far.called(number)
    await network.near.event(leg, Answered)
    call.refer("<sip:carol@example.com>")
    assert (await network.near.event(leg, Referred)).target == "<sip:carol@example.com>"
    network.near.endpoint.referrals.answer(leg, 404)
    assert await call.referral_over() == 404
    await end(network, call, leg)


async def test_attended_transfer_names_the_other_call(network: Network, number: str) -> None:
    call, incoming = await talk(network, number)
    other, second = await talk(network, f"{number}1")
    call.refer_to_call(other)
    referred = await network.near.event(incoming.leg, Referred)
    assert referred.replaces is not None
    assert network.near.endpoint.referrals.find(referred.replaces) == second.leg
    network.near.endpoint.referrals.answer(incoming.leg, 202)
    network.near.endpoint.referrals.notify(incoming.leg, 200)
    assert await call.referral_over() == 200
    await end(network, other, second.leg)
    assert network.near.endpoint.referrals.find(referred.replaces) is None
    await end(network, call, incoming.leg)


async def test_attended_transfer_to_a_call_that_we_dialled(network: Network, number: str) -> None:
    call, incoming = await talk(network, number)
    leg, _ = network.near.invite(network.far.target(f"{number}1", Policy("answer")))
    other = await network.far.called(f"{number}1")
    await network.near.event(leg, Answered)
    call.refer_to_call(other)
    replaces = (await network.near.event(incoming.leg, Referred)).replaces
    assert replaces is not None
    assert network.near.endpoint.referrals.find(replaces) == leg
    for wrong in (
        DialogId(replaces.call_id, replaces.remote_tag, replaces.local_tag),
        DialogId(replaces.call_id, "x", replaces.remote_tag),
        DialogId("x", replaces.local_tag, replaces.remote_tag),
    ):
        assert network.near.endpoint.referrals.find(wrong) is None
    network.near.endpoint.referrals.answer(incoming.leg, 603)
    assert await call.referral_over() == 603
    await end(network, other, leg)
    await end(network, call, incoming.leg)


async def test_referrals_of_a_leg_that_is_gone_do_nothing(network: Network, number: str) -> None:
    call, incoming = await talk(network, number)
    call.refer("<sip:carol@example.com>")
    await network.near.event(incoming.leg, Referred)
    await end(network, call, incoming.leg)
    network.near.endpoint.referrals.refer(incoming.leg, "sip:carol@example.com")
    network.near.endpoint.referrals.answer(incoming.leg, 202)
    network.near.endpoint.referrals.notify(incoming.leg, 200)
    await network.near.ticks(20)
    assert network.near.silent(incoming.leg)
