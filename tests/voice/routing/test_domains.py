"""SIP domains: who may register, who may call, and what the application is told."""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal

import pytest

from sip.events import Incoming
from sip.fake_network import PEER
from sip.uri import parse_uri
from tests.voice.exchange import ACCOUNT, HOST, Customer, World, virtual
from tests.voice.softphone import DOMAIN, Softphone
from voice.accounts.accounts import Account
from voice.errors import CallRefused
from voice.routing.domains import Domain, Domains
from voice.routing.phones import Phones
from voice.settings import Registrar, Settings, Sip, SipDomain

USERS = {"alice": "alice-password", "bob": "bob-password"}
HERE = PEER.partition(":")[0]


def world(folder: Path, customer: Customer | None = None, *, registrar: Registrar | None = None, **domain: Any) -> World:
    """A switch with one domain."""
    settings: dict[str, Any] = {"domain": DOMAIN, "voice_url": f"{HOST}/domain", "users": USERS, **domain}
    more: dict[str, Any] = {"registrar": registrar} if registrar else {}
    if settings.get("secure"):
        more["sip"] = Sip(tls_port=5061, tls_certificate="certificate.pem")
    return World(folder, customer or Customer(), sip_domain=(SipDomain(**settings),), **more)


def targets(switch: World, name: str = "alice") -> list[str]:
    """Where a user is reached."""
    uri = parse_uri(f"sip:{name}@{DOMAIN}")
    assert uri is not None
    return [str(binding.contact.target) for binding in switch.phones.find(uri)]


@virtual
async def test_a_phone_registers(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        assert (await Softphone(switch, "alice", USERS["alice"]).register()).code == 200
        assert targets(switch) == ["sip:alice@198.51.100.7:5060"]
        assert targets(switch, "bob") == []


@virtual
async def test_nobody_learns_who_exists(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        wrong = await Softphone(switch, "alice", "guess").register()
        unknown = await Softphone(switch, "mallory", "guess").register()
        other = await Softphone(switch, "alice", USERS["alice"], domain="elsewhere.example.com").register()
        assert (wrong, other.code) == (unknown, 404)
        assert wrong.code == 403
        assert targets(switch) == []


@virtual
async def test_nobody_registers_in_the_name_of_another(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        phone = Softphone(switch, "alice", USERS["alice"])
        given = phone.prove((await phone.send()).headers, "REGISTER", f"sip:{DOMAIN}")
        phone.name = "bob"
        assert (await phone.send(("Authorization", given), ("Contact", "<sip:x@198.51.100.7>"))).code == 403
        assert targets(switch, "bob") == []


@virtual
async def test_the_servers_own_address_means_its_first_domain(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        assert (await Softphone(switch, "alice", USERS["alice"], domain="127.0.0.1").register()).code == 200
        assert len(targets(switch)) == 1


@virtual
async def test_the_limits_of_the_settings_hold(tmp_path: Path) -> None:
    registrar = Registrar(min_expires=60, max_expires=120, max_contacts=1)
    async with world(tmp_path, registrar=registrar) as switch:
        phone = Softphone(switch, "alice", USERS["alice"])
        assert (await phone.register(59)).code == 423
        assert (await phone.register(500)).headers[0][1].endswith(";expires=120")
        phone.contact = "sip:second@198.51.100.7"
        assert (await phone.register(60)).code == 403


@virtual
async def test_a_domain_without_registration_takes_none(tmp_path: Path) -> None:
    async with world(tmp_path, registration=False) as switch:
        assert (await Softphone(switch, "alice", USERS["alice"]).register()).code == 403


@virtual
async def test_a_secure_domain_wants_tls(tmp_path: Path) -> None:
    async with world(tmp_path, secure=True) as switch:
        phone = Softphone(switch, "alice", USERS["alice"])
        assert (await phone.register()).code == 403
        assert (await phone.dial("bob")).ended_code == 403


@pytest.mark.parametrize(
    ("transport", "offers_srtp", "srtp", "code"),
    [
        ("udp", True, "optional", 32209),
        ("tls", False, "optional", 32208),
        ("tls", True, "off", 32208),
        ("tls", True, "optional", 0),
    ],
)
def test_calls_to_a_secure_domain_are_encrypted(
    tmp_path: Path, transport: str, offers_srtp: bool, srtp: Literal["off", "optional"], code: int
) -> None:
    phones = Phones(Settings(data_dir=tmp_path, sip=Sip(srtp=srtp)), lambda: datetime.now(UTC))
    domain = Domain(DOMAIN, ACCOUNT.sid, secure=True, networks=(ip_network("198.51.100.0/24"),))
    target = f"sip:bob@{DOMAIN}"
    headers = (("Via", "SIP/2.0/TLS 198.51.100.7"), ("Call-ID", "1"))
    call = Incoming(1, "1", target, target, "", target, headers, "198.51.100.7:5061", transport, offers_srtp)
    if not code:
        assert phones.admit(call, domain) == ""
        return
    with pytest.raises(CallRefused, match=f"^{code}: "):
        phones.admit(call, domain)


@virtual
async def test_a_repeated_register_is_answered_alike(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        phone = Softphone(switch, "alice", USERS["alice"])
        given = phone.prove((await phone.send()).headers, "REGISTER", f"sip:{DOMAIN}")
        fields = (("Contact", "<sip:a@198.51.100.7>"), ("Authorization", given))
        first = await phone.send(*fields)
        phone._cseq -= 1
        assert await phone.send(*fields) == first
        assert first.code == 200


@virtual
async def test_a_call_to_a_domain_reaches_its_application(tmp_path: Path) -> None:
    customer = Customer({"/domain": "<Reject/>"})
    async with world(tmp_path, customer) as switch:
        call = await Softphone(switch, "alice", USERS["alice"]).dial("+15550100", (("X-Account", "42"), ("Subject", "no")))
        await switch.ended(call)
        (form,) = customer.visited("/domain")
        assert (form["From"], form["To"]) == (f"sip:alice@{DOMAIN}", f"sip:+15550100@{DOMAIN}")
        assert (form["SipDomain"], form["SipAuthUsername"], form["SipSourceIp"]) == (DOMAIN, "alice", HERE)
        assert form["SipDomainSid"].startswith("SD")
        assert (form["SipHeader_X-Account"], form["SipCallId"], form["Direction"]) == ("42", call.call_id, "inbound")
        assert (form["AccountSid"], form["CallStatus"]) == (ACCOUNT.sid, "ringing")
        assert not {"SipHeader_Subject", "SipHeader_Proxy-Authorization"} & form.keys()


@virtual
async def test_a_domain_of_the_api_has_a_sid_and_an_account(tmp_path: Path) -> None:
    customer = Customer({"/other": "<Reject/>", "/done": ""})
    async with world(tmp_path, customer) as switch:
        account, name = "AC" + "2" * 32, "other.example.com"
        secret = switch.phones.secret("carol", "carol-password")
        domain = Domain(name, account, "SD1", f"{HOST}/other", callers={"carol": secret}, status_callback=f"{HOST}/done")
        switch.accounts.put(Account(account, "token", owner_sid=ACCOUNT.sid))
        switch.phones.domains.put(domain)
        await switch.ended(await Softphone(switch, "carol", "carol-password", name).dial("x"))
        (form,) = customer.visited("/other")
        assert (form["SipDomainSid"], form["AccountSid"]) == ("SD1", account)
        assert [done["CallStatus"] for done in customer.visited("/done")] == ["no-answer"]
        switch.phones.domains.remove(name)
        assert (await Softphone(switch, "carol", "carol-password", name).dial("x")).ended_code == 404


@pytest.mark.parametrize(
    ("networks", "users", "password", "code"),
    [
        ([f"{HERE}/32"], {}, "", 0),
        (["203.0.113.0/24"], {}, "", 403),
        (["203.0.113.0/24", f"{HERE}/32"], USERS, USERS["alice"], 0),
        ([f"{HERE}/32"], USERS, "guess", 403),
        (["203.0.113.0/24"], USERS, USERS["alice"], 403),
        ([], USERS, USERS["alice"], 0),
        ([], USERS, "guess", 403),
        ([], {}, "", 403),
        (["2001:db8::/32"], {}, "", 403),
    ],
)
def test_every_list_has_to_let_a_caller_pass(
    tmp_path: Path, networks: list[str], users: dict[str, str], password: str, code: int
) -> None:
    @virtual
    async def run() -> None:
        async with world(tmp_path, Customer({"/domain": "<Pause length='5'/>"}), networks=networks, users=users) as switch:
            call = await Softphone(switch, "alice", password).dial("anybody")
            assert call.ended_code == code

    run()


@virtual
async def test_a_call_is_not_authenticated_by_a_recording_of_another(tmp_path: Path) -> None:
    async with world(tmp_path, Customer({"/domain": "<Pause/>"})) as switch:
        phone = Softphone(switch, "alice", USERS["alice"])
        assert not (await phone.dial("bob")).ended
        thief = switch.fake.phone("sip:thief@elsewhere")
        again = thief.dial(f"sip:bob@{DOMAIN}", (("Proxy-Authorization", phone.proof),))
        await again.until(lambda call: call.ended or call.ringing)
        assert again.ended_code == 407


@virtual
async def test_numbers_are_reached_by_the_address_and_not_through_a_domain(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Reject/>"})
    async with world(tmp_path, customer) as switch:
        await switch.ended(switch.call())
        assert len(customer.visited("/voice")) == 1
        call = switch.fake.phone("sip:x@y").dial(f"sip:+15550100@{DOMAIN}")
        await switch.ended(call)
        assert call.ended_code == 407


@pytest.mark.parametrize("host", ["phones.example.com", "PHONES.example.com", "localhost", "192.0.2.5", "[2001:db8::5]"])
def test_a_domain_is_found_by_its_name_and_the_servers_addresses(host: str) -> None:
    domains = Domains(
        [Domain(DOMAIN, ACCOUNT.sid), Domain("second.example.com", ACCOUNT.sid)], hosts=("192.0.2.5", "2001:db8::5", "")
    )
    found = domains.find(host)
    assert found is not None
    assert found.name == DOMAIN


def test_a_domain_can_be_put_in_the_place_of_another() -> None:
    domains = Domains([Domain(DOMAIN, ACCOUNT.sid)])
    domains.put(Domain(DOMAIN, ACCOUNT.sid, registration=True))
    assert [domain.registration for domain in domains] == [True]
    domains.remove(DOMAIN)
    assert len(domains) == 0
    assert domains.find("localhost") is None


def test_networks_of_both_kinds() -> None:
    domain = Domain(DOMAIN, ACCOUNT.sid, networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))
    assert [domain.is_near(each) for each in ("192.0.2.9", "192.0.3.9", "2001:db8::1", "::1", "nonsense")] == [
        True,
        False,
        True,
        False,
        False,
    ]
