"""``/SIP/Domains``: which names an account may have, and what becomes of its domains."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.voice.api.sip import OTHER, PASSWORD, all_of, client_of, make, make_domain, make_networks, make_users, refused
from tests.voice.exchange import HOST, Customer, World, virtual
from voice.settings import Sip, SipDomain

TLS = {"tls_port": 5061, "tls_certificate": "made.pem"}


@virtual
async def test_a_domain_is_made_changed_and_deleted(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        made = await make(client, "/Domains", DomainName="Office.sip.twilio.com", VoiceUrl=f"{HOST}/domain", ByocTrunkSid="")
        one = f"/Domains/{made['sid']}"
        assert (made["domain_name"], made["friendly_name"]) == ("office.sip.twilio.com", "office.sip.twilio.com")
        assert (made["voice_url"], made["voice_method"], made["sip_registration"]) == (f"{HOST}/domain", "POST", False)
        assert (made["auth_type"], made["byoc_trunk_sid"], made["secure"]) == ("", None, False)
        assert made["subresource_uris"] == {
            "credential_list_mappings": made["uri"].replace(".json", "/CredentialListMappings.json"),
            "ip_access_control_list_mappings": made["uri"].replace(".json", "/IpAccessControlListMappings.json"),
        }
        assert (await client.get(f"{one}.json")).json() == made
        changed = (await client.post(f"{one}.json", data={"DomainName": "pbx.example.com", "Secure": "false"})).json()
        assert (changed["domain_name"], changed["secure"], changed["sid"]) == ("pbx.example.com", False, made["sid"])
        assert [each["sid"] for each in await all_of(client, "/Domains", "domains")] == [made["sid"]]
        assert (await client.delete(f"{one}.json")).status_code == 204
        for gone in (await client.get(f"{one}.json"), await client.post(f"{one}.json"), await client.delete(f"{one}.json")):
            assert (gone.status_code, gone.json()["code"]) == (404, 20404)


@pytest.mark.parametrize(("sip", "taken"), [(TLS, True), ({}, False), ({**TLS, "srtp": "off"}, False)])
def test_a_domain_is_secure_only_where_calls_can_be_encrypted(tmp_path: Path, sip: dict[str, Any], taken: bool) -> None:
    @virtual
    async def run() -> None:
        async with World(tmp_path, Customer(), sip=Sip(**sip)) as world, client_of(world) as client:
            domain = await make_domain(client, "pbx.example.com", Secure="false")
            for path, form in (("/Domains", {"DomainName": "a.example.com"}), (f"/Domains/{domain}", {})):
                answer = await client.post(f"{path}.json", data={**form, "Secure": "true"})
                assert answer.is_success is taken
                assert taken or (answer.json()["code"], "tls_port" in answer.json()["message"]) == (21231, True)
            rows = await all_of(client, "/Domains", "domains")
            assert [row["secure"] for row in rows] == ([True, True] if taken else [False])

    run()


@virtual
async def test_the_kinds_of_lists_that_calls_have_to_pass_are_told(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        users, networks = await make_users(client), await make_networks(client)
        domain = await make_domain(client, "pbx.example.com")

        async def told() -> str:
            (row,) = await all_of(client, "/Domains", "domains")
            assert row == (await client.get(f"/Domains/{domain}.json")).json()
            return str(row["auth_type"])

        await make(client, f"/Domains/{domain}/Auth/Registrations/CredentialListMappings", CredentialListSid=users)
        assert await told() == ""
        await make(client, f"/Domains/{domain}/CredentialListMappings", CredentialListSid=users)
        assert await told() == "CREDENTIAL_LIST"
        await make(client, f"/Domains/{domain}/Auth/Calls/IpAccessControlListMappings", IpAccessControlListSid=networks)
        assert await told() == "IP_ACL,CREDENTIAL_LIST"
        assert (await client.delete(f"/Domains/{domain}/Auth/Calls/CredentialListMappings/{users}.json")).status_code == 204
        assert await told() == "IP_ACL"


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 21232),
        ({"DomainName": ""}, 21232),
        ({"DomainName": "with space.example.com"}, 21232),
        ({"DomainName": "under_score.example.com"}, 21232),
        ({"DomainName": "-dash.example.com"}, 21232),
        ({"DomainName": "a..example.com"}, 21232),
        ({"DomainName": "example.com."}, 21232),
        ({"DomainName": "192.0.2.7"}, 21232),
        ({"DomainName": ("a" * 60 + ".") * 5 + "example.com"}, 21232),
        ({"DomainName": "localhost"}, 21232),
        ({"DomainName": "sip.twilio.com"}, 21232),
        ({"DomainName": "a.example.com", "FriendlyName": "x" * 65}, 21231),
        ({"DomainName": "a.example.com", "VoiceUrl": "ftp://a.example"}, 21231),
        ({"DomainName": "a.example.com", "VoiceMethod": "PUT"}, 21231),
        ({"DomainName": "a.example.com", "EmergencyCallerSid": "AC1"}, 21231),
    ],
)
def test_what_is_wrong_about_a_domain_is_told(tmp_path: Path, form: dict[str, str], code: int) -> None:
    @virtual
    async def run() -> None:
        async with World(tmp_path, Customer()) as world, client_of(world) as client:
            assert await refused(client, "/Domains", **form) == (400, code)

    run()


@virtual
async def test_a_name_belongs_to_one_domain_of_all_accounts(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        await make_domain(client, "pbx.example.com")
        theirs = await make_domain(other, "theirs.example.com")
        assert await refused(other, "/Domains", DomainName="PBX.example.com") == (400, 21232)
        assert await refused(other, f"/Domains/{theirs}", DomainName="pbx.example.com") == (400, 21232)


@virtual
async def test_a_subdomain_belongs_to_who_has_the_domain_or_is_owned_by_them(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        parent = await make_domain(client, "example.com")
        theirs = await make_domain(other, "theirs.example.net")
        assert await refused(client, "/Domains", DomainName="a.theirs.example.net") == (400, 21232)
        own = await make_domain(client, "a.example.com")
        for asked in (
            client.delete(f"/Domains/{parent}.json"),
            client.post(f"/Domains/{parent}.json", data={"DomainName": "b.de"}),
        ):
            answer = await asked
            assert (answer.status_code, answer.json()["code"]) == (400, 21233)
        assert (await client.delete(f"/Domains/{own}.json")).status_code == 204
        await make_domain(other, "b.a.theirs.example.net")
        assert (await client.post(f"/Domains/{parent}.json", data={"DomainName": "b.de"})).status_code == 200
        assert (await other.delete(f"/Domains/{theirs}.json")).json()["code"] == 21233


@virtual
async def test_an_account_has_a_hundred_domains(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        for number in range(100):
            await make_domain(client, f"d{number}.example.com")
        assert await refused(client, "/Domains", DomainName="one.more.example.com") == (400, 21230)
        await make_domain(other, "one.more.example.com")


@virtual
async def test_nobody_touches_the_domains_of_another_account(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        domain, users = await make_domain(client, "pbx.example.com"), await make_users(client)
        theirs = await make_users(other)
        mappings = f"/Domains/{domain}/Auth/Calls/CredentialListMappings"
        assert await all_of(other, "/Domains", "domains") == []
        for answer in (
            await other.get(f"/Domains/{domain}.json"),
            await other.post(f"/Domains/{domain}.json", data={"Secure": "true"}),
            await other.delete(f"/Domains/{domain}.json"),
            await other.get(f"{mappings}.json"),
            await other.post(f"{mappings}.json", data={"CredentialListSid": theirs}),
        ):
            assert (answer.status_code, answer.json()["code"]) == (404, 20404)
        assert await refused(client, mappings, CredentialListSid=theirs) == (400, 21231)
        await make(client, mappings, CredentialListSid=users)
        for answer in (await other.get(f"{mappings}/{users}.json"), await other.delete(f"{mappings}/{users}.json")):
            assert answer.status_code == 404


@virtual
async def test_the_domains_of_the_settings_are_the_same_rows_and_win_at_the_start(tmp_path: Path) -> None:
    configured = SipDomain(
        domain="Phones.example.com",
        voice_url=f"{HOST}/domain",
        users={"alice": "short"},
        networks=("192.0.2.0/24", "2001:db8::/32"),
    )
    async with World(tmp_path, Customer(), sip_domain=(configured,)) as world, client_of(world) as client:
        (row,) = await all_of(client, "/Domains", "domains")
        assert (row["domain_name"], row["auth_type"]) == ("phones.example.com", "IP_ACL,CREDENTIAL_LIST")
        (users,) = await all_of(client, "/CredentialLists", "credential_lists")
        assert [
            each["username"] for each in await all_of(client, f"/CredentialLists/{users['sid']}/Credentials", "credentials")
        ] == ["alice"]
        (networks,) = await all_of(client, "/IpAccessControlLists", "ip_access_control_lists")
        addresses = await all_of(client, f"/IpAccessControlLists/{networks['sid']}/IpAddresses", "ip_addresses")
        assert {(each["ip_address"], each["cidr_prefix_length"]) for each in addresses} == {("192.0.2.0", 24), ("2001:db8::", 32)}
        (sixth,) = (each["sid"] for each in addresses if ":" in each["ip_address"])
        await client.post(f"/IpAccessControlLists/{networks['sid']}/IpAddresses/{sixth}.json", data={"IpAddress": "192.0.2.1"})
        await client.post(f"/Domains/{row['sid']}.json", data={"VoiceUrl": f"{HOST}/other"})
        await make(client, f"/CredentialLists/{users['sid']}/Credentials", Username="mallory", Password=PASSWORD)
        more = await make_users(client, "More", bob=PASSWORD)
        await make(client, f"/Domains/{row['sid']}/Auth/Calls/CredentialListMappings", CredentialListSid=more)
        await client.delete(f"/Domains/{row['sid']}/Auth/Registrations/CredentialListMappings/{users['sid']}.json")
        await make_domain(client, "later.example.com", users["sid"])
    later = SipDomain(domain="later.example.com", voice_url=f"{HOST}/later")
    async with World(tmp_path, Customer(), sip_domain=(later, configured)) as world, client_of(world) as client:
        assert [domain.name for domain in world.phones.domains] == ["later.example.com", "phones.example.com"]
        domain = world.phones.domains.named("phones.example.com")
        assert domain is not None
        assert (domain.voice_url, set(domain.callers or ()), set(domain.registrants)) == (
            f"{HOST}/domain",
            {"alice", "bob"},
            {"alice"},
        )
        taken = world.phones.domains.named("later.example.com")
        assert taken is not None
        assert (taken.voice_url, taken.callers) == (f"{HOST}/later", None)
        again = (await client.get(f"/Domains/{row['sid']}.json")).json()
        assert again["date_created"] == row["date_created"]
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        assert await all_of(client, "/Domains", "domains") == []
        assert [each["sid"] for each in await all_of(client, "/CredentialLists", "credential_lists")] == [more]
