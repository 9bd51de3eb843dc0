"""Registered phones are called by their names."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sip.fake import FakeCall, answers, busy, declines, early_media, ignores, refuses, rings
from tests.voice.api.sip import OTHER
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.softphone import DOMAIN, Softphone
from voice.routing.domains import Domain
from voice.settings import SipDomain

USERS = {"alice": "alice-password", "bob": "bob-password"}


def world(folder: Path, customer: Customer, **domain: Any) -> World:
    """A switch with one domain, whose number dials as ``customer`` says."""
    settings: dict[str, Any] = {"domain": DOMAIN, "voice_url": f"{HOST}/domain", "users": USERS, **domain}
    return World(folder, customer, sip_domain=(SipDomain(**settings),))


def dialling(noun: str, attributes: str = "") -> Customer:
    """An application that dials one noun and notes how it went."""
    return Customer({"/voice": f"<Dial action='/over' {attributes}>{noun}</Dial>", "/over": "<Hangup/>"})


def bob(switch: World, place: int = 1) -> Softphone:
    """One of Bob's phones, which the fake network finds at its contact."""
    return Softphone(switch, "bob", USERS["bob"], contact=f"sip:bob@198.51.100.{place}:5060")


async def result(switch: World, call: FakeCall) -> dict[str, str]:
    """What the action of the Dial was told."""
    await switch.until(lambda: bool(switch.customer.visited("/over")))
    await switch.ended(call)
    return switch.customer.visited("/over")[0]


@pytest.mark.parametrize(
    ("noun", "called"),
    [
        (f"<Sip>sip:bob@{DOMAIN}</Sip>", f"sip:bob@{DOMAIN}"),
        (f"<Sip>bob@{DOMAIN.upper()}:5070;transport=tcp</Sip>", f"sip:bob@{DOMAIN.upper()}:5070;transport=tcp"),
        ("<Sip>sip:bob@127.0.0.1</Sip>", "sip:bob@127.0.0.1"),
        ("<Client>bob</Client>", "client:bob"),
    ],
)
def test_a_registered_phone_is_called_where_it_is(tmp_path: Path, noun: str, called: str) -> None:
    @virtual
    async def run() -> None:
        async with world(tmp_path, dialling(noun.replace("'", ""), "timeLimit='5'")) as switch:
            phone = switch.fake.phone("sip:bob@198.51.100.1:5060")
            await bob(switch).register()
            over = await result(switch, switch.call())
            assert over["DialCallStatus"] == "completed"
            invitation = phone.calls[0].invitation
            assert invitation is not None
            assert invitation.uri.lower() == f"sip:bob@{DOMAIN}"
            assert invitation.target == "sip:bob@198.51.100.1:5060"
            assert invitation.from_uri == f"sip:+15550001@{invitation.uri.partition('@')[2]}"

    run()


@virtual
async def test_the_phones_of_a_secure_domain_are_called_encrypted(tmp_path: Path) -> None:
    async with world(tmp_path, dialling(f"<Sip>sip:bob@{DOMAIN}</Sip>", "timeLimit='5'")) as switch:
        phone = switch.fake.phone("sip:bob@198.51.100.1:5060")
        await bob(switch).register()
        (domain,) = switch.phones.domains
        switch.phones.put(replace(domain, secure=True))
        await result(switch, switch.call())
        invitation = phone.calls[0].invitation
        assert invitation is not None
        assert invitation.encrypted
        assert invitation.target == "sip:bob@198.51.100.1:5060;transport=tls"


@virtual
async def test_all_phones_ring_and_the_first_to_answer_wins(tmp_path: Path) -> None:
    customer = dialling(
        f"<Sip statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>sip:bob@{DOMAIN}</Sip>",
        "timeLimit='5'",
    )
    customer.answers["/leg"] = ""
    async with world(tmp_path, customer) as switch:
        phones = [switch.fake.phone(f"sip:bob@198.51.100.{place}:5060", rings()) for place in (1, 2, 3)]
        phones[1].behaviour = answers(after=3)
        for place in (1, 2, 3):
            await bob(switch, place).register()
        call = switch.call()
        await switch.until(lambda: all(phone.calls for phone in phones))
        assert [phone.calls[0].ringing for phone in phones] == [True] * 3
        over = await result(switch, call)
        assert (over["DialCallStatus"], over["DialCallDuration"]) == ("completed", "5")
        assert over["DialSipCallId"] == phones[1].calls[0].call_id
        assert [phone.calls[0].ended_code for phone in phones] == [487, 200, 487]
        told = switch.customer.visited("/leg")
        assert [each["CallStatus"] for each in told] == ["initiated", "ringing", "in-progress", "completed"]
        assert len({each["CallSid"] for each in told}) == 1
        assert switch.fake.live == 0


@pytest.mark.parametrize(
    ("first", "second", "status", "code"),
    [
        (busy(), refuses(480), "busy", "486"),
        (refuses(480, after=2), busy(), "busy", "486"),
        (refuses(480), refuses(503), "no-answer", "480"),
        (declines(), rings(), "failed", "603"),
        (rings(), ignores(), "no-answer", "487"),
        (busy(), rings(), "busy", "486"),
    ],
)
def test_of_several_failures_the_most_telling_is_told(tmp_path: Path, first: Any, second: Any, status: str, code: str) -> None:
    @virtual
    async def run() -> None:
        async with world(tmp_path, dialling(f"<Sip>sip:bob@{DOMAIN}</Sip>", "timeout='10'")) as switch:
            for place, behaviour in ((1, first), (2, second)):
                switch.fake.phone(f"sip:bob@198.51.100.{place}:5060", behaviour)
                await bob(switch, place).register()
            over = await result(switch, switch.call())
            assert (over["DialCallStatus"], over["DialSipResponseCode"]) == (status, code)
            assert switch.fake.live == 0

    run()


@virtual
async def test_one_failure_does_not_end_the_ringing_of_another(tmp_path: Path) -> None:
    async with world(tmp_path, dialling(f"<Sip>sip:bob@{DOMAIN}</Sip>", "timeLimit='2'")) as switch:
        switch.fake.phone("sip:bob@198.51.100.1:5060", busy())
        switch.fake.phone("sip:bob@198.51.100.2:5060", answers(after=5))
        for place in (1, 2):
            await bob(switch, place).register()
        assert (await result(switch, switch.call()))["DialCallStatus"] == "completed"


@virtual
async def test_two_who_answer_at_once_are_not_both_connected(tmp_path: Path) -> None:
    async with world(tmp_path, dialling(f"<Sip>sip:bob@{DOMAIN}</Sip>", "timeLimit='3'")) as switch:
        phones = [switch.fake.phone(f"sip:bob@198.51.100.{place}:5060") for place in (1, 2)]
        for place in (1, 2):
            await bob(switch, place).register()
        assert (await result(switch, switch.call()))["DialCallStatus"] == "completed"
        assert [phone.calls[0].ended_code for phone in phones] == [200, 200]
        assert switch.fake.live == 0


@virtual
async def test_a_caller_who_gives_up_cancels_all(tmp_path: Path) -> None:
    async with world(tmp_path, dialling(f"<Sip>sip:bob@{DOMAIN}</Sip>", "answerOnBridge='true'")) as switch:
        phones = [switch.fake.phone(f"sip:bob@198.51.100.{place}:5060", rings()) for place in (1, 2)]
        for place in (1, 2):
            await bob(switch, place).register()
        call = switch.call()
        await switch.until(lambda: all(phone.calls for phone in phones))
        call.cancel()
        await switch.until(lambda: switch.fake.live == 0)
        assert [phone.calls[0].ended_code for phone in phones] == [487, 487]
        assert len(switch.registry) == 0


@virtual
async def test_an_address_that_fails_with_all_its_phones_is_followed_by_the_next(tmp_path: Path) -> None:
    noun = f"<Sip><Uri priority='1'>sip:bob@{DOMAIN}</Uri><Uri priority='2'>sip:desk@elsewhere</Uri></Sip>"
    async with world(tmp_path, dialling(noun, "timeLimit='2'")) as switch:
        for place in (1, 2):
            switch.fake.phone(f"sip:bob@198.51.100.{place}:5060", early_media() if place == 1 else refuses(480))
            await bob(switch, place).register()
        desk = switch.fake.phone("sip:desk@elsewhere")
        call = switch.call()
        first = switch.fake.phone("sip:bob@198.51.100.1:5060")
        await switch.until(lambda: bool(first.calls) and len(switch.fake.phone("sip:bob@198.51.100.2:5060").calls) == 1)
        first.calls[0].reject(503)
        assert (await result(switch, call))["DialCallStatus"] == "completed"
        assert len(desk.calls) == 1


@pytest.mark.parametrize(
    ("noun", "code"),
    [
        (f"<Sip>sip:bob@{DOMAIN}</Sip>", 32009),
        ("<Client>bob</Client>", 32009),
        ("<Client>nobody</Client>", 32009),
        (f"<Sip>sip:{DOMAIN}</Sip>", 32223),
        (f"<Sip>sip:bob@{DOMAIN};edge=dublin</Sip>", 32220),
        (f"<Sip>sip:bob@{DOMAIN};region=ie1</Sip>", 32221),
    ],
)
def test_who_is_not_registered_is_not_called(tmp_path: Path, noun: str, code: int) -> None:
    @virtual
    async def run() -> None:
        async with world(tmp_path, dialling(noun)) as switch:
            over = await result(switch, switch.call())
            assert over["DialCallStatus"] == "failed"
            assert code in switch.reports()

    run()


@virtual
async def test_a_phone_that_has_left_is_not_called(tmp_path: Path) -> None:
    async with world(tmp_path, dialling(f"<Sip>sip:bob@{DOMAIN}</Sip>")) as switch:
        phone = bob(switch)
        await phone.register()
        await phone.register(0)
        assert (await result(switch, switch.call()))["DialCallStatus"] == "failed"


@virtual
async def test_one_phone_is_called_by_the_name_of_its_own(tmp_path: Path) -> None:
    name = f"sip:bob@{DOMAIN};gr=urn:uuid:2"
    async with world(tmp_path, dialling(f"<Sip>{name}</Sip>", "timeLimit='2'")) as switch:
        for place in (1, 2):
            phone = bob(switch, place)
            phone.contact = f'{phone.contact}>;+sip.instance="<urn:uuid:{place}>";x=<y'
            await phone.register()
        called = [switch.fake.phone(f"sip:bob@198.51.100.{place}:5060") for place in (1, 2)]
        assert (await result(switch, switch.call()))["DialCallStatus"] == "completed"
        assert [len(phone.calls) for phone in called] == [0, 1]


@virtual
async def test_the_way_through_proxies_is_kept(tmp_path: Path) -> None:
    async with world(tmp_path, dialling("<Client>bob</Client>", "timeLimit='2'")) as switch:
        await bob(switch).register(3600, ("Path", "<sip:edge.example.com;lr>"), ("Supported", "path"))
        phone = switch.fake.phone("sip:bob@198.51.100.1:5060")
        await result(switch, switch.call())
        assert phone.calls[0].invitation is not None
        assert phone.calls[0].invitation.route == ("sip:edge.example.com;lr",)


@virtual
async def test_the_phones_of_another_account_are_strangers(tmp_path: Path) -> None:
    async with world(tmp_path, dialling("<Client>carol</Client><Sip>sip:carol@other.example.com</Sip>")) as switch:
        users = {"carol": switch.phones.secret("carol", "carol-password")}
        switch.accounts.put(OTHER)
        other = Domain("other.example.com", OTHER.sid, registration=True, registrants=users)
        switch.phones.domains.put(other)
        phone = Softphone(switch, "carol", "carol-password", other.name, contact="sip:carol@198.51.100.9")
        assert (await phone.register()).code == 200
        await result(switch, switch.call())
        assert not switch.fake.phone("sip:carol@198.51.100.9").calls


@virtual
async def test_a_call_of_ours_reaches_a_registered_phone(tmp_path: Path) -> None:
    async with world(tmp_path, Customer({"/hello": "<Pause length='2'/>"})) as switch:
        phones = [switch.fake.phone(f"sip:bob@198.51.100.{place}:5060", rings()) for place in (1, 2)]
        phones[0].behaviour = answers(after=1)
        for place in (1, 2):
            await bob(switch, place).register()
        async with switch.client() as client:
            for to in (f"sip:bob@{DOMAIN}", "client:bob"):
                form = {"To": to, "From": "+15550100", "Url": f"{HOST}/hello"}
                placed = await client.post(f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls.json", data=form)
                assert placed.status_code == 201
        await switch.until(lambda: len(switch.customer.visited("/hello")) == 2)
        await switch.until(lambda: switch.fake.live == 0)
        assert [[call.ended_code for call in phone.calls] for phone in phones] == [[200, 200], [487, 487]]
        assert [form["To"] for form in switch.customer.visited("/hello")] == [f"sip:bob@{DOMAIN}", "client:bob"]


@virtual
async def test_without_an_application_phones_reach_each_other(tmp_path: Path) -> None:
    async with world(tmp_path, Customer(), voice_url="") as switch:
        await bob(switch).register()
        phone = switch.fake.phone("sip:bob@198.51.100.1:5060", answers(after=2))
        call = await Softphone(switch, "alice", USERS["alice"]).dial("bob")
        assert not call.answered
        await call.until(lambda call: call.answered)
        assert switch.fake.bridged(call) is phone.calls[0]
        assert phone.calls[0].invitation is not None
        assert phone.calls[0].invitation.from_uri == f"sip:alice@{DOMAIN}"
        call.hang_up()
        await switch.until(lambda: switch.fake.live == 0)
        nobody = await Softphone(switch, "alice", USERS["alice"]).dial("carol")
        await switch.ended(nobody)
        assert nobody.ended_code >= 400
        assert not switch.customer.visits
