"""Hangup and Reject in every position: what the network sees, and what the status callback is told (sections 1.6, 2.8, 2.9)."""

from __future__ import annotations

from pathlib import Path

import pytest

from sip.fake import FakeCall, answers
from tests.voice.exchange import Customer, World, virtual

BOB = "sip:bob@carrier"
DIAL = f"<Dial action='/after'><Sip url='/aside'>{BOB}</Sip></Dial>"
HEAR = "<Gather numDigits='1'>{}</Gather>"


def _customer(document: str, aside: str = "") -> Customer:
    return Customer(
        {"/voice": document, "/aside": aside, "/next": "<Reject reason='busy'/>", "/after": "<Hangup/>", "/status": ""}
    )


async def _ring(world: World) -> FakeCall:
    call = world.call()
    await world.ended(call)
    return call


@pytest.mark.parametrize(
    ("document", "code", "status"),
    [
        ("<Reject/>", 404, "no-answer"),
        ("<Reject reason='rejected'/>", 404, "no-answer"),
        ("<Reject reason='busy'/>", 486, "busy"),
        ("<Reject reason='tired'/>", 404, "no-answer"),
        ("<Reject reason='busy'><Parameter name='a' value='b'/></Reject><Say>Never heard.</Say>", 486, "busy"),
        ("<Pause length='2'/><Reject reason='busy'/>", 486, "busy"),
        ("<Redirect>/next</Redirect>", 486, "busy"),
    ],
)
@virtual
async def test_a_call_that_rings_is_refused(tmp_path: Path, document: str, code: int, status: str) -> None:
    """busy is SIP 486 and `busy`, rejected is SIP 404 and `no-answer`; nothing is answered, nothing is heard."""
    customer = _customer(document)
    async with World(tmp_path, customer) as world:
        call = await _ring(world)
        assert (call.ended_code, len(call.heard)) == (code, 0)
        assert ("tired" in document) == (13810 in world.reports())
    told = customer.visited("/status")[0]
    assert (told["CallStatus"], told["CallDuration"]) == (status, "0")


@pytest.mark.parametrize(
    "document",
    [
        "<Hangup/>",
        "<Hangup><Parameter name='a' value='b'/></Hangup>",
        "<Say>Bye.</Say><Hangup/><Say>Never heard.</Say>",
        "<Say>Bye.</Say><Reject reason='busy'/>",
        "<Play digits='1'/><Reject/>",
        "<Pause/><Hangup/>",
        "",
    ],
)
@virtual
async def test_a_call_that_is_answered_ends_with_bye(tmp_path: Path, document: str) -> None:
    """A leading Hangup answers and then hangs up; Reject after an answer is no more than Hangup."""
    customer = _customer(document)
    async with World(tmp_path, customer) as world:
        call = await _ring(world)
        assert call.ended_code == 200
    assert customer.visited("/status")[0]["CallStatus"] == "completed"


@pytest.mark.parametrize("verb", ["<Hangup/>", "<Reject/>"])
@virtual
async def test_neither_may_stand_inside_another_verb(tmp_path: Path, verb: str) -> None:
    """1.8: Gather holds Say, Play and Pause: a warning, and the rest runs."""
    customer = _customer(f"{HEAR.format(verb)}<Redirect>/after</Redirect>")
    async with World(tmp_path, customer) as world:
        call = await _ring(world)
        assert call.ended_code == 200
        assert world.reports() == [13320]
    assert customer.visited("/after")


@virtual
async def test_hangup_in_a_whisper_declines_the_bridge(tmp_path: Path) -> None:
    customer = _customer(DIAL, "<Hangup/>")
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB)
        await _ring(world)
        assert bob.calls[0].ended_code == 200
    assert customer.visited("/after")[0]["DialBridged"] == "false"


@virtual
async def test_reject_in_a_whisper_means_nothing(tmp_path: Path) -> None:
    """1.8: Say Play Pause Gather Hangup Redirect; 12200 and on to the bridge."""
    customer = _customer(DIAL, "<Reject/>")
    async with World(tmp_path, customer) as world:
        bob = world.fake.phone(BOB, answers(after=0.5))
        alice = world.call()
        await world.until(lambda: any(entry.kind == "joined" for entry in world.journal()) if customer.visits else False)
        assert 12200 in world.reports("/aside")
        bob.calls[0].hang_up()
        await world.ended(alice)
    assert customer.visited("/after")[0]["DialBridged"] == "true"


@virtual
async def test_hangup_while_waiting_in_a_queue_ends_the_call(tmp_path: Path) -> None:
    """1.8: Enqueue waitUrl may hang up; the action is told."""
    customer = _customer("<Enqueue waitUrl='/aside' action='/after'>support</Enqueue>", "<Hangup/>")
    async with World(tmp_path, customer) as world:
        call = await _ring(world)
        assert call.ended_code == 200
    assert customer.visited("/after")[0]["QueueResult"] == "hangup"
