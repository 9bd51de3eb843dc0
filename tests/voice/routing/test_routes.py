"""Section 6.3 and the dialling rules of the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from markup.verbs import Header, Number, Sip, Uri
from sip.endpoint import Credentials
from tests.voice.exchange import ACCOUNT
from voice.calls.branches import Turn
from voice.errors import TargetRefused
from voice.routing.directory import Directory
from voice.routing.phones import Phones
from voice.routing.routes import Routes
from voice.settings import Dial, Settings, Trunk
from voice.trunks.trunks import Trunks


def _routes(**more: object) -> Routes:
    trunks = (
        Trunk(name="world", uri="sip:world.example", prefixes=("+",)),
        Trunk(name="home", uri="sip:home.example:5070;transport=tcp", username="u", password="p", prefixes=("+1",)),
    )
    return made(Settings(trunk=trunks, **more))  # type: ignore[arg-type]


def made(settings: Settings, random: Random | None = None) -> Routes:
    phones = Phones(settings, lambda: datetime.now(UTC))
    trunks = Trunks(settings.trunk, "127.0.0.1", lambda: 0.0, random)
    return Routes(settings, phones, trunks, lambda number: number == "+15550100", Directory(phones, trunks).errand, random)


def _turns(routes: Routes, target: Number | Sip, *more: Any) -> tuple[Turn, ...]:
    return routes.turns(target, *more, account_sid=ACCOUNT.sid)


def test_the_trunk_with_the_longest_prefix_takes_a_number() -> None:
    ((invitation,),) = _turns(_routes(), Number(number="+1 (415) 555-0123"), None, "+15550001")
    assert invitation.uri == "sip:+14155550123@home.example:5070;transport=tcp"
    assert invitation.credentials == Credentials("u", "p")
    assert invitation.from_uri == "sip:+15550001@127.0.0.1"
    assert _turns(_routes(), Number(number="+441234567"), None, "+15550001")[0][0].uri == "sip:+441234567@world.example"


def test_a_number_of_our_own_comes_back_to_us() -> None:
    assert _turns(_routes(), Number(number="+15550100"), None, "x")[0][0].uri == "sip:+15550100@127.0.0.1:5060"


def test_a_sip_address_is_dialled_with_its_headers_and_credentials() -> None:
    target = Sip(uri="sip:bob@example.com:5080;transport=tcp?X-One=1%202&User-to-User=3", username="bob", password="s")
    ((invitation,),) = _turns(_routes(), target, "+1777", "sip:alice@example.com")
    assert invitation.uri == "sip:bob@example.com:5080;transport=tcp"
    assert invitation.headers == (("X-One", "1 2"), ("User-to-User", "3"))
    assert invitation.credentials == Credentials("bob", "s")
    assert invitation.from_uri == "sip:+1777@127.0.0.1"


@pytest.mark.parametrize(
    ("caller_id", "caller", "user"),
    [
        (None, "sip:alice@example.com", "alice"),
        (None, "+1555", "+1555"),
        ("bob", "+1555", "bob"),
        (None, "strange caller", "anonymous"),
    ],
)
def test_who_the_callee_sees(caller_id: str | None, caller: str, user: str) -> None:
    assert _turns(_routes(), Sip(uri="sip:x@y"), caller_id, caller)[0][0].from_uri == f"sip:{user}@127.0.0.1"


@pytest.mark.parametrize(
    ("target", "code"),
    [
        (Number(number="hello"), 13223),
        (Sip(uri="not a uri"), 13243),
        (Sip(uri="sip:" + "a" * 300 + "@b"), 13243),
        (Sip(uri="sip:a@b;maddr=10.0.0.1"), 13243),
        (Sip(uri="sip:a@b?Contact=evil"), 13252),
        (Sip(uri="sip:a@b?x-a=1%0D%0AVia:%20x"), 13252),
        (Sip(uri="sip:a@b?x-a=" + "1" * 1100), 13253),
    ],
)
def test_what_is_not_dialled_says_why(target: Number | Sip, code: int) -> None:
    with pytest.raises(TargetRefused) as refusal:
        _turns(_routes(), target, None, "+1555")
    assert refusal.value.code == code


def test_numbers_are_denied_unless_their_prefix_is_allowed() -> None:
    with pytest.raises(TargetRefused) as refusal:
        _turns(_routes(dial=Dial(allowed_prefixes=())), Number(number="+14155550123"), None, "+1555")
    assert refusal.value.code == 13227
    with pytest.raises(TargetRefused) as refusal:
        _turns(made(Settings()), Number(number="+14155550123"), None, "+1555")
    assert refusal.value.code == 13224


@pytest.mark.parametrize(("caller_id", "code"), [("a b\r\nVia: x", 13214), ("bob\n", 13214), ("a" * 256, 13248)])
def test_a_caller_id_holds_no_strange_characters(caller_id: str, code: int) -> None:
    with pytest.raises(TargetRefused) as refusal:
        _turns(_routes(), Number(number="+14155550123"), caller_id, "+1555")
    assert refusal.value.code == code


class _Dice(Random):
    """Chooses the last of what is left."""

    def choices(self, population: Any, weights: Any = None, **more: Any) -> list[Any]:
        assert weights is not None
        assert min(weights) > 0
        return [population[-1]]


def test_several_addresses_are_tried_by_priority_and_by_chance_within_one() -> None:
    target = Sip(
        username="bob",
        password="s",
        uris=(
            Uri("sip:late@h", priority=2),
            Uri("sip:one@h", priority=1, weight=9),
            Uri("sip:two@h", priority=1, username="carol", password="t"),
        ),
    )
    invitations = _turns(made(Settings(), _Dice()), target, None, "x")
    assert [invitation.uri for (invitation,) in invitations] == ["sip:two@h", "sip:one@h", "sip:late@h"]
    assert [invitation.credentials for (invitation,) in invitations] == [
        Credentials("carol", "t"),
        Credentials("bob", "s"),
        Credentials("bob", "s"),
    ]


def test_headers_of_a_document_go_out_beside_those_of_the_address() -> None:
    target = Sip(uri="sip:bob@h?X-One=1", headers=(Header("X-Two", "2"),))
    ((invitation,),) = _turns(_routes(), target, None, "x", (("X-Ours", "0"),))
    assert sorted(invitation.headers) == [("X-One", "1"), ("X-Ours", "0"), ("X-Two", "2")]
    with pytest.raises(TargetRefused) as refusal:
        _turns(_routes(), Sip(uri="sip:bob@h", headers=(Header("Contact", "x"),)), None, "x")
    assert refusal.value.code == 13252


@pytest.mark.parametrize(
    ("asked", "dialled", "encrypted"),
    [
        ("sip:bob@example.com;secure=true", "sip:bob@example.com;transport=tls", True),
        ("sip:bob@example.com;transport=tls;secure=true", "sip:bob@example.com;transport=tls", True),
        ("sip:bob@example.com;transport=tls", "sip:bob@example.com;transport=tls", False),
        ("sips:bob@example.com", "sip:bob@example.com;transport=tls", False),
    ],
)
def test_a_uri_asks_for_encryption(asked: str, dialled: str, encrypted: bool) -> None:
    ((invitation,),) = _turns(_routes(), Sip(uri=asked), None, "+15550001")
    assert (invitation.uri, invitation.encrypted) == (dialled, encrypted)
