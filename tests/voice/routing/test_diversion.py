"""Who passed a call on, and what a caller calls itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.voice.exchange import NUMBER, Customer, World, virtual
from voice.routing.diversion import LONGEST, forwarded_from


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("Diversion", "<sip:+15550111@carrier.example>;reason=unconditional"),), "+15550111"),
        ((("DIVERSION", '"Office" <tel:+15550111;phone-context=x>;reason=no-answer'),), "+15550111"),
        ((("Diversion", "<sip:+15550112@a>;reason=user-busy"), ("Diversion", "<sip:+15550111@b>")), "+15550112"),
        ((("Diversion", "<sip:+15550112@a>;counter=1, <sip:+15550111@b>"),), "+15550112"),
        ((("Diversion", "<sip:desk@office.example:5070;transport=tcp>"),), "sip:desk@office.example"),
        (
            (
                (
                    "History-Info",
                    "<sip:+15550111@a?Reason=SIP%3Bcause%3D302>;index=1, <sip:+15550100@b;cause=302>;index=1.1",
                ),
            ),
            "+15550111",
        ),
        ((("History-Info", "<sip:+15550111@a>;index=1"), ("History-Info", "<sip:+15550100@b>;index=1.1")), "+15550111"),
        ((("History-Info", "<sip:+15550100@a>;index=1"),), ""),
        ((("Diversion", "nothing of the kind"),), ""),
        ((("Diversion", "<mailto:bob@example.com>"),), ""),
        ((("Diversion", "<" * LONGEST * 10),), ""),
        ((), ""),
    ],
)
def test_who_forwarded_last_is_found(headers: tuple[tuple[str, str], ...], expected: str) -> None:
    assert forwarded_from(headers) == expected


@virtual
async def test_webhooks_are_told_who_forwarded_a_call(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        await world.ended(world.call(headers=(("Diversion", "<sip:+15550111@carrier>;reason=unconditional"),)))
        await world.ended(world.call())
    first, second = customer.visited("/voice")
    assert (first["ForwardedFrom"], first["CalledVia"]) == ("+15550111", "+15550111")
    assert "ForwardedFrom" not in second


@virtual
async def test_webhooks_of_a_number_that_wants_it_are_told_the_callers_name(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Hangup/>"})
    async with World(tmp_path, customer) as world, world.client() as client:
        phone = world.fake.phone("sip:+15550001@carrier")
        await world.ended(phone.dial(f"sip:{NUMBER}@127.0.0.1", display="Ada Lovelace"))
        path = f"/2010-04-01/Accounts/{world.accounts.main.sid}/IncomingPhoneNumbers"
        (number,) = (await client.get(f"{path}.json")).json()["incoming_phone_numbers"]
        await client.post(f"{path}/{number['sid']}.json", data={"VoiceCallerIdLookup": "true"})
        await world.ended(phone.dial(f"sip:{NUMBER}@127.0.0.1", display="Ada Lovelace"))
    first, second = customer.visited("/voice")
    assert "CallerName" not in first
    assert second["CallerName"] == "Ada Lovelace"
