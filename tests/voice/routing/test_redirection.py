"""Callees who are elsewhere: 302 is followed where the settings say so, and never past the dialling rules."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sip.endpoint import Credentials, Invitation
from sip.fake import answers, refuses, rings
from tests.voice.exchange import Customer, World, virtual
from voice.calls.branches import MOST_REDIRECTIONS
from voice.errors import TargetRefused
from voice.routing.redirection import MOST_TARGETS, redirected
from voice.settings import Dial

BOB, CAROL, DAVE = "sip:bob@desk", "sip:carol@desk", "sip:dave@elsewhere"


def dialling(*uris: str) -> Customer:
    nouns = "".join(f"<Sip>{uri}</Sip>" for uri in uris)
    return Customer({"/voice": f"<Dial action='/after'>{nouns}</Dial>", "/after": "<Hangup/>"})


def to(*contacts: str) -> tuple[tuple[str, str], ...]:
    return tuple(("Contact", contact) for contact in contacts)


def following(folder: Path, customer: Customer, **more: Any) -> World:
    return World(folder, customer, dial=Dial(follow_redirects=True, **more))


@virtual
async def test_a_call_goes_where_302_points_to(tmp_path: Path) -> None:
    customer = dialling(BOB)
    async with following(tmp_path, customer) as world:
        world.fake.phone(BOB, refuses(302, to(f"<{CAROL}>")))
        carol = world.fake.phone(CAROL, answers(after=1.0))
        call = world.call()
        await world.until(lambda: bool(carol.calls) and carol.calls[0].answered)
        carol.calls[0].later(2, carol.calls[0].hang_up)
        await world.ended(call)
    assert customer.visited("/after")[0]["DialCallStatus"] == "completed"


@virtual
async def test_302_is_a_failure_where_it_is_not_followed(tmp_path: Path) -> None:
    customer = dialling(BOB)
    async with World(tmp_path, customer) as world:
        world.fake.phone(BOB, refuses(302, to(f"<{CAROL}>")))
        await world.ended(world.call())
        assert not world.fake.phone(CAROL).calls
    assert customer.visited("/after")[0]["DialCallStatus"] == "failed"


@virtual
async def test_others_go_on_ringing_beside_it(tmp_path: Path) -> None:
    customer = dialling(BOB, DAVE)
    async with following(tmp_path, customer) as world:
        world.fake.phone(BOB, refuses(302, to(f"<{CAROL}>"), after=1))
        carol, dave = world.fake.phone(CAROL, answers(after=2)), world.fake.phone(DAVE, rings())
        call = world.call()
        await world.until(lambda: bool(carol.calls) and carol.calls[0].answered)
        await world.until(lambda: dave.calls[0].ended)
        carol.calls[0].hang_up()
        await world.ended(call)
        assert not world.fake.live


@virtual
async def test_a_circle_comes_to_an_end(tmp_path: Path) -> None:
    customer = dialling(BOB)
    async with following(tmp_path, customer) as world:
        world.fake.phone(BOB, refuses(302, to(f"<{BOB}>")))
        await world.ended(world.call())
        assert len(world.fake.phone(BOB).calls) == MOST_REDIRECTIONS + 1
    assert customer.visited("/after")[0]["DialCallStatus"] == "failed"


@virtual
@pytest.mark.parametrize("user", ["+19005551234", "19005551234", "+4930123456"])
async def test_numbers_that_may_not_be_dialled_are_not_dialled_this_way_either(tmp_path: Path, user: str) -> None:
    async with following(tmp_path, dialling(BOB), allowed_prefixes=("+1",)) as world:
        world.fake.phone(BOB, refuses(302, to(f"<sip:{user}@carrier>")))
        await world.ended(world.call())
        assert not world.fake.phone(f"sip:{user}@carrier").calls


def allow(number: str) -> None:
    if number.startswith("+1900"):
        raise TargetRefused(13227, "no")


def test_credentials_and_carrier_stay_with_their_host() -> None:
    sent = Invitation("sip:bob@desk", "sip:alice@here", credentials=Credentials("a", "b"), carrier="c", route=("sip:p;lr",))
    near, far = redirected(sent, to("<sip:x@DESK;transport=tcp>, <sip:y@elsewhere>;q=0.5"), allow)
    assert (near.uri, near.credentials, near.carrier, near.route) == (
        "sip:x@DESK;transport=tcp",
        Credentials("a", "b"),
        "c",
        ("sip:p;lr",),
    )
    assert (far.uri, far.credentials, far.carrier, far.route) == ("sip:y@elsewhere", None, "", ())


@pytest.mark.parametrize(
    "contact",
    [
        "",
        "<tel:+15551234567>",
        "<mailto:x@y>",
        "<sip:x@y;maddr=192.0.2.1>",
        f"<sip:{'x' * 300}@y>",
        "<sip:+1900555@y>",
        "*",
        "<<<",
    ],
)
def test_what_cannot_be_called_is_left_out(contact: str) -> None:
    assert redirected(Invitation("sip:bob@desk", "sip:alice@here"), to(contact), allow) == ()


def test_the_preferred_come_first_and_not_too_many() -> None:
    many = ", ".join(f"<sip:{number}@y>;q=0.{number}" for number in range(1, 10))
    found = redirected(Invitation("sip:bob@desk", "sip:alice@here"), to(many), allow)
    assert [each.uri for each in found] == [f"sip:{number}@y" for number in range(MOST_TARGETS, 0, -1)]
