"""What every endpoint does, the one in memory and the one on the network alike."""

from __future__ import annotations

import itertools

import pytest

from sip.endpoint import Credentials
from sip.events import Answered, Dialled, Digit, Ended, Held, Incoming, Measured, Ringing
from tests.sip.conftest import Network
from tests.sip.far import FarCall, Policy, hears

pytestmark = pytest.mark.asyncio(loop_scope="session")

_numbers = itertools.count(15550100)


@pytest.fixture
def number() -> str:
    """A number that no other test uses."""
    return f"+{next(_numbers)}"


async def talk(network: Network, number: str) -> tuple[FarCall, Incoming, int]:
    """An inbound call that is up; its far end, our event and its row."""
    call = network.far.dial(number)
    incoming, row = await network.near.answered(number)
    await network.near.event(incoming.leg, Answered)
    await call.answered()
    return call, incoming, row


async def test_incoming_call_is_described(network: Network, number: str) -> None:
    call = network.far.dial(number, (("X-Origin", "kiosk 7"),))
    incoming = await network.near.incoming(number)
    assert incoming.request_uri.startswith(f"sip:{number}@127.0.0.1")
    assert incoming.from_uri.startswith("sip:phone@")
    assert number in incoming.to_uri
    assert "@" in incoming.call_id or incoming.call_id
    assert ("X-Origin", "kiosk 7") in incoming.headers
    assert dict(incoming.headers)["Call-ID"] == incoming.call_id
    assert incoming.source.rpartition(":")[2].isdigit()
    network.near.endpoint.hang_up(incoming.leg)
    await call.ended()


async def test_caller_hears_ringing_then_answer(network: Network, number: str) -> None:
    call = network.far.dial(number)
    incoming = await network.near.incoming(number)
    network.near.endpoint.ring(incoming.leg)
    await call.ringing()
    network.near.endpoint.answer(incoming.leg)
    await call.answered()
    answered = await network.near.event(incoming.leg, Answered)
    assert answered.headers == ()
    call.hang_up()
    await network.near.event(incoming.leg, Ended)


@pytest.mark.parametrize("answered", [True, False])
async def test_caller_hears_and_is_heard_before_the_answer(network: Network, number: str, answered: bool) -> None:
    call = network.far.dial(number)
    incoming, row = await network.near.incoming(number), next(network.near.rows)
    leg = incoming.leg
    network.near.endpoint.attach(leg, row)
    network.near.endpoint.ring(leg)
    network.near.endpoint.progress(leg)
    network.near.say(row, 700)
    await hears(call, 700)
    call.say(1100)
    await network.near.hears(row, 1100)
    if not answered:
        network.near.endpoint.refuse(leg, 486)
        assert await call.ended() == 486
        assert [type(event) for event in await network.near.all_events(leg)] == [Ended]
        return
    network.near.endpoint.answer(leg)
    await network.near.event(leg, Answered)
    await call.answered()
    network.near.say(row, 900)
    await hears(call, 900)
    network.near.say(row, 0)
    call.hang_up()
    await network.near.event(leg, Ended)


@pytest.mark.parametrize("code", [404, 486, 503, 603])
async def test_refusal_reaches_the_caller_with_its_headers(network: Network, number: str, code: int) -> None:
    call = network.far.dial(number)
    incoming = await network.near.incoming(number)
    network.near.endpoint.refuse(incoming.leg, code, (("Retry-After", "17"),))
    assert await call.ended() == code
    assert ("Retry-After", "17") in call.headers
    ended = await network.near.event(incoming.leg, Ended)
    assert (ended.code, ended.by_peer) == (code, False)


async def test_caller_gives_up_before_the_answer(network: Network, number: str) -> None:
    call = network.far.dial(number)
    incoming = await network.near.incoming(number)
    network.near.endpoint.ring(incoming.leg)
    await call.ringing()
    call.hang_up()
    ended = await network.near.event(incoming.leg, Ended)
    assert (ended.code, ended.by_peer) == (487, True)


async def test_caller_hangs_up(network: Network, number: str) -> None:
    call, incoming, _ = await talk(network, number)
    call.hang_up()
    ended = await network.near.event(incoming.leg, Ended)
    assert (ended.code, ended.by_peer) == (200, True)


async def test_we_hang_up(network: Network, number: str) -> None:
    call, incoming, _ = await talk(network, number)
    network.near.endpoint.hang_up(incoming.leg)
    ended = await network.near.event(incoming.leg, Ended)
    assert (ended.code, ended.by_peer) == (200, False)
    assert await call.ended() == 200


async def test_hanging_up_an_unanswered_call_declines_it(network: Network, number: str) -> None:
    call = network.far.dial(number)
    incoming = await network.near.incoming(number)
    network.near.endpoint.hang_up(incoming.leg)
    ended = await network.near.event(incoming.leg, Ended)
    assert (ended.code, ended.by_peer) == (603, False)
    assert await call.ended() == 603


async def test_audio_goes_both_ways(network: Network, number: str) -> None:
    call, _, row = await talk(network, number)
    call.say(700)
    network.near.say(row, 1100)
    await network.near.hears(row, 700)
    await hears(call, 1100)
    network.near.say(row, 0)
    await hears(call, 0)
    call.hang_up()


async def test_the_packets_that_have_come_are_counted(network: Network, number: str) -> None:
    call, incoming, row = await talk(network, number)
    call.say(700)
    await network.near.hears(row, 700)
    counts = []
    for _ in range(2):
        network.near.endpoint.measure(incoming.leg)
        counts.append((await network.near.event(incoming.leg, Measured)).received)
        await network.near.hears(row, 700)
    assert 0 < counts[0] < counts[1]
    call.hang_up()


async def test_the_audio_of_several_legs_is_looked_at_together(network: Network, number: str) -> None:
    call, incoming, row = await talk(network, number)
    call.say(700)
    looks = []
    for _ in range(2):
        await network.near.hears(row, 700)
        looks.append(await network.near.survey(incoming.leg, 987_654_321))
    (leg, first), nobody = looks[0]
    (_, second), _ = looks[1]
    assert leg == incoming.leg
    assert nobody == (987_654_321, None)
    assert first is not None
    assert second is not None
    assert 0 < first.received < second.received
    assert 0 < first.sent < second.sent
    assert second.since(first).received == second.received - first.received
    assert second.declared == second.heard_from
    assert (second.codec, second.lost, second.mos > 4) == ("PCMU", 0, True)
    call.hang_up()


async def test_row_falls_silent_when_its_call_ends(network: Network, number: str) -> None:
    call, incoming, row = await talk(network, number)
    call.say(700)
    await network.near.hears(row, 700)
    call.hang_up()
    await network.near.event(incoming.leg, Ended)
    await network.near.hears(row, 0)


async def test_row_may_be_given_before_or_after_the_answer(network: Network, number: str) -> None:
    call = network.far.dial(number)
    incoming = await network.near.incoming(number)
    network.near.endpoint.answer(incoming.leg)
    await network.near.event(incoming.leg, Answered)
    await call.answered()
    row = next(network.near.rows)
    network.near.endpoint.attach(incoming.leg, row)
    network.near.say(row, 900)
    await hears(call, 900)
    network.near.say(row, 0)
    network.near.endpoint.hang_up(incoming.leg)
    await call.ended()


async def test_keys_pressed_at_the_far_end_are_reported(network: Network, number: str) -> None:
    call, incoming, _ = await talk(network, number)
    call.press("15#*")
    digits = [(await network.near.event(incoming.leg, Digit)).digit for _ in range(4)]
    assert "".join(digits) == "15#*"
    call.hang_up()


async def test_keys_we_send_arrive(network: Network, number: str) -> None:
    call, incoming, _ = await talk(network, number)
    seconds = network.near.endpoint.send_digits(incoming.leg, "290#")
    assert 0.2 <= seconds <= 2
    assert await call.digits(4) == "290#"
    network.near.endpoint.hang_up(incoming.leg)
    await call.ended()


async def test_keys_cannot_be_sent_to_nobody(network: Network) -> None:
    assert network.near.endpoint.send_digits(999_999, "1") == 0.0


async def test_hold_is_reported_and_survived(network: Network, number: str) -> None:
    call, incoming, row = await talk(network, number)
    call.say(700)
    await network.near.hears(row, 700)
    await call.hold(True)
    assert (await network.near.event(incoming.leg, Held)).held
    await call.hold(False)
    assert not (await network.near.event(incoming.leg, Held)).held
    network.near.say(row, 1100)
    await hears(call, 1100)
    await network.near.hears(row, 700)
    network.near.say(row, 0)
    call.hang_up()
    await network.near.event(incoming.leg, Ended)


async def test_dialled_call_is_answered(network: Network, number: str) -> None:
    uri = network.far.target(number, Policy("answer", headers=(("X-Desk", "four"),), tone=700))
    leg, row = network.near.invite(uri, headers=(("X-Call", "seven"),), from_display='Front "Desk"')
    call = await network.far.called(number)
    assert ("X-Call", "seven") in call.headers
    dialled = await network.near.event(leg, Dialled)
    assert dialled.call_id
    ringing = await network.near.event(leg, Ringing)
    assert (ringing.code, ringing.early_media) == (180, False)
    answered = await network.near.event(leg, Answered)
    assert ("X-Desk", "four") in answered.headers
    await network.near.hears(row, 700)
    network.near.say(row, 1100)
    await hears(call, 1100)
    network.near.say(row, 0)
    network.near.endpoint.hang_up(leg)
    ended = await network.near.event(leg, Ended)
    assert (ended.code, ended.by_peer) == (200, False)
    assert await call.ended() == 200


async def test_callee_hangs_up(network: Network, number: str) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("answer")))
    call = await network.far.called(number)
    await network.near.event(leg, Answered)
    call.hang_up()
    ended = await network.near.event(leg, Ended)
    assert (ended.code, ended.by_peer) == (200, True)


async def test_dialled_call_is_sent_elsewhere(network: Network, number: str) -> None:
    """An endpoint follows nobody: it tells where the callee says he is."""
    leg, _ = network.near.invite(network.far.target(number, Policy("refuse", 302, (("Contact", "<sip:carol@192.0.2.1>"),))))
    ended = await network.near.event(leg, Ended)
    assert (ended.code, ended.by_peer) == (302, True)
    assert any(name == "Contact" and "sip:carol@192.0.2.1" in value for name, value in ended.headers)


@pytest.mark.parametrize("code", [404, 480, 486, 603])
async def test_dialled_call_is_refused(network: Network, number: str, code: int) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("refuse", code, (("X-Reason", "lunch"),))))
    ended = await network.near.event(leg, Ended)
    assert (ended.code, ended.by_peer) == (code, True)
    assert ended.reason
    assert ("X-Reason", "lunch") in ended.headers


async def test_we_give_up_while_it_rings(network: Network, number: str) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("ring")))
    call = await network.far.called(number)
    await network.near.event(leg, Ringing)
    network.near.endpoint.hang_up(leg)
    ended = await network.near.event(leg, Ended)
    assert (ended.code, ended.by_peer) == (487, False)
    assert await call.ended() == 487


async def test_we_give_up_before_anything_happens(network: Network, number: str) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("ignore")))
    network.near.endpoint.hang_up(leg)
    assert (await network.near.event(leg, Ended)).code == 487


async def test_early_media_is_heard(network: Network, number: str) -> None:
    leg, row = network.near.invite(network.far.target(number, Policy("early", tone=1300)))
    ringing = await network.near.event(leg, Ringing)
    assert (ringing.code, ringing.early_media) == (183, True)
    await network.near.hears(row, 1300)
    network.near.endpoint.hang_up(leg)
    await network.near.event(leg, Ended)


async def test_challenge_is_met_with_the_right_credentials(network: Network, number: str) -> None:
    uri = network.far.target(number, Policy("challenge"))
    leg, _ = network.near.invite(uri, credentials=Credentials("trunk-user", "secret"))
    await network.near.event(leg, Answered)
    network.near.endpoint.hang_up(leg)
    assert (await network.near.event(leg, Ended)).code == 200


@pytest.mark.parametrize("credentials", [None, Credentials("trunk-user", "guess")])
async def test_challenge_ends_a_call_without_them(network: Network, number: str, credentials: Credentials | None) -> None:
    leg, _ = network.near.invite(network.far.target(number, Policy("challenge")), credentials=credentials)
    assert (await network.near.event(leg, Ended)).code == 401


async def test_nonsense_cannot_be_dialled(network: Network) -> None:
    leg, _ = network.near.invite("tea, please")
    events = await network.near.all_events(leg)
    assert [type(event) for event in events] == [Ended]


async def test_bridged_legs_hear_each_other_and_nobody_else(network: Network, number: str) -> None:
    near = network.near
    one, first, first_row = await talk(network, number)
    two, second, second_row = await talk(network, f"{number}1")
    three, third, third_row = await talk(network, f"{number}2")
    one.say(700)
    two.say(900)
    three.say(1300)
    for row, hz in ((first_row, 500), (second_row, 500), (third_row, 1700)):
        near.say(row, hz)
    near.endpoint.bridge(first.leg, second.leg)
    await hears(one, 900)
    await hears(two, 700)
    await hears(three, 1700)
    await near.hears(first_row, 700)
    await near.hears(third_row, 1300)
    near.endpoint.unbridge(first.leg, second.leg)
    await hears(one, 500)
    await hears(two, 500)
    for row in (first_row, second_row, third_row):
        near.say(row, 0)
    for call, incoming in ((one, first), (two, second), (three, third)):
        near.endpoint.hang_up(incoming.leg)
        await call.ended()


async def test_partner_of_an_ended_leg_hears_its_row_again(network: Network, number: str) -> None:
    near = network.near
    one, first, _ = await talk(network, number)
    two, second, second_row = await talk(network, f"{number}1")
    near.say(second_row, 1100)
    near.endpoint.bridge(first.leg, second.leg)
    one.say(700)
    await hears(two, 700)
    one.hang_up()
    await near.event(first.leg, Ended)
    await hears(two, 1100)
    near.say(second_row, 0)
    near.endpoint.hang_up(second.leg)
    await two.ended()


async def test_leg_that_is_gone_can_be_asked_for_anything(network: Network, number: str) -> None:
    call, incoming, row = await talk(network, number)
    call.hang_up()
    await network.near.event(incoming.leg, Ended)
    endpoint, leg = network.near.endpoint, incoming.leg
    endpoint.ring(leg)
    endpoint.answer(leg)
    endpoint.refuse(leg, 486)
    endpoint.hang_up(leg)
    endpoint.attach(leg, row)
    endpoint.bridge(leg, leg)
    endpoint.unbridge(leg, leg)
    assert endpoint.send_digits(leg, "1") == 0.0
    await network.near.ticks(40)
    assert network.near.silent(leg)


async def test_end_comes_once_and_last(network: Network, number: str) -> None:
    call, incoming, _ = await talk(network, number)
    network.near.endpoint.hang_up(incoming.leg)
    network.near.endpoint.hang_up(incoming.leg)
    call.hang_up()
    events = await network.near.all_events(incoming.leg)
    assert [type(event) for event in events].count(Ended) == 1
    await network.near.ticks(40)
    assert network.near.silent(incoming.leg)


async def test_messages_of_a_call_are_seen_in_order(network: Network, number: str) -> None:
    call, incoming, _ = await talk(network, number)
    call.hang_up()
    await network.near.event(incoming.leg, Ended)
    await network.near.ticks(20)
    seen = [(message.direction, message.text.split("\r\n")[0]) for message in network.near.messages[incoming.call_id]]
    ladder = [(way, line.split(" ")[1 if line.startswith("SIP/") else 0]) for way, line in seen]
    assert ladder == [("in", "INVITE"), ("out", "100"), ("out", "200"), ("in", "ACK"), ("in", "BYE"), ("out", "200")]
    times = [message.at for message in network.near.messages[incoming.call_id]]
    assert times == sorted(times)
