"""Credential lists, IP lists and their mappings: what they may contain, how many there are, and that those in use stay."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.voice.api.sip import OTHER, PASSWORD, all_of, client_of, make, make_domain, make_networks, make_users, refused
from tests.voice.exchange import Customer, World, virtual
from voice.api.resources import credential_lists, ip_access_control_lists


@virtual
async def test_a_credential_list_is_made_renamed_and_deleted_with_its_credentials(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        made = await make(client, "/CredentialLists", FriendlyName="Staff")
        one = f"/CredentialLists/{made['sid']}"
        assert made["subresource_uris"] == {"credentials": made["uri"].replace(".json", "/Credentials.json")}
        assert await refused(client, "/CredentialLists", FriendlyName="Staff") == (400, 21240)
        second = await make_users(client, "Guests")
        assert await refused(client, f"/CredentialLists/{second}", FriendlyName="Staff") == (400, 21240)
        assert (await client.post(f"{one}.json", data={"FriendlyName": "Everybody"})).json()["friendly_name"] == "Everybody"
        user = await make(client, f"{one}/Credentials", Username="alice", Password=PASSWORD)
        assert (await client.get(f"{one}/Credentials/{user['sid']}.json")).json() == user
        assert (await client.delete(f"{one}.json")).status_code == 204
        for gone in (f"{one}.json", f"{one}/Credentials.json", f"{one}/Credentials/{user['sid']}.json"):
            assert (await client.get(gone)).json()["code"] == 20404
        assert await refused(client, f"{one}/Credentials", Username="bob", Password=PASSWORD) == (404, 20404)


@virtual
async def test_a_password_can_be_changed_and_is_never_told(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        users = f"/CredentialLists/{await make_users(client)}/Credentials"
        user = await make(client, users, Username="alice", Password=PASSWORD)
        assert user["username"] == "alice"
        form = {"Password": "Another-horse-2", "Username": "eve"}
        changed = await client.post(f"{users}/{user['sid']}.json", data=form)
        assert (changed.status_code, changed.json()["username"]) == (200, "alice")
        for answer in (changed, await client.get(f"{users}.json"), await client.get(f"{users}/{user['sid']}")):
            assert "horse" not in answer.text
            assert "password" not in answer.text.lower()
        assert (await client.delete(f"{users}/{user['sid']}.json")).status_code == 204
        assert await all_of(client, users, "credentials") == []


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("", PASSWORD),
        ("x" * 33, PASSWORD),
        ("a:b", PASSWORD),
        ("a@b", PASSWORD),
        ('a"b', PASSWORD),
        ("a b", PASSWORD),
        ("älice", PASSWORD),
        ("alice", ""),
        ("alice", "Short-pass1"),
        ("alice", "No-digits-here"),
        ("alice", "no-upper-case-1"),
        ("alice", "NO-LOWER-CASE-1"),
        ("alice", "Aa1" * 100),
        ("taken", PASSWORD),
    ],
)
def test_a_credential_that_would_not_do_is_refused(tmp_path: Path, username: str, password: str) -> None:
    @virtual
    async def run() -> None:
        async with World(tmp_path, Customer()) as world, client_of(world) as client:
            users = await make_users(client, taken=PASSWORD)
            form = {"Username": username, "Password": password}
            assert await refused(client, f"/CredentialLists/{users}/Credentials", **form) == (400, 21243)

    run()


@virtual
async def test_addresses_are_added_changed_and_deleted(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        made = await make(client, "/IpAccessControlLists", FriendlyName="Offices")
        assert made["subresource_uris"] == {"ip_addresses": made["uri"].replace(".json", "/IpAddresses.json")}
        all_addresses = f"/IpAccessControlLists/{made['sid']}/IpAddresses"
        one = await make(client, all_addresses, FriendlyName="Paris", IpAddress="192.0.2.7")
        assert (one["ip_address"], one["cidr_prefix_length"], one["friendly_name"]) == ("192.0.2.7", 32, "Paris")
        changed = await client.post(f"{all_addresses}/{one['sid']}.json", data={"CidrPrefixLength": "24"})
        assert (changed.json()["ip_address"], changed.json()["cidr_prefix_length"]) == ("192.0.2.7", 24)
        assert (await client.delete(f"{all_addresses}/{one['sid']}.json")).status_code == 204
        assert await all_of(client, all_addresses, "ip_addresses") == []
        await client.post(f"/IpAccessControlLists/{made['sid']}.json", data={"FriendlyName": "All"})
        assert (await client.get(f"/IpAccessControlLists/{made['sid']}.json")).json()["friendly_name"] == "All"
        assert (await client.delete(f"/IpAccessControlLists/{made['sid']}.json")).status_code == 204


@pytest.mark.parametrize(
    "form",
    [
        {"IpAddress": "192.0.2.7"},
        {"FriendlyName": "x"},
        {"FriendlyName": "x", "IpAddress": "192.0.2"},
        {"FriendlyName": "x", "IpAddress": "192.0.2.*"},
        {"FriendlyName": "x", "IpAddress": "192.0.2.0/24"},
        {"FriendlyName": "x", "IpAddress": "2001:db8::1"},
        {"FriendlyName": "x", "IpAddress": "192.0.2.7", "CidrPrefixLength": "33"},
        {"FriendlyName": "x", "IpAddress": "192.0.2.7", "CidrPrefixLength": "-1"},
        {"FriendlyName": "x" * 256, "IpAddress": "192.0.2.7"},
    ],
)
def test_an_address_that_would_not_do_is_refused(tmp_path: Path, form: dict[str, str]) -> None:
    @virtual
    async def run() -> None:
        async with World(tmp_path, Customer()) as world, client_of(world) as client:
            networks = await make_networks(client)
            assert await refused(client, f"/IpAccessControlLists/{networks}/IpAddresses", **form) == (400, 21238)

    run()


@pytest.mark.parametrize(("path", "code", "most"), [("CredentialLists", 21240, 64), ("IpAccessControlLists", 21235, 255)])
def test_a_list_needs_a_name(tmp_path: Path, path: str, code: int, most: int) -> None:
    @virtual
    async def run() -> None:
        async with World(tmp_path, Customer()) as world, client_of(world) as client:
            for form in ({}, {"FriendlyName": ""}, {"FriendlyName": "x" * (most + 1)}):
                assert await refused(client, f"/{path}", **form) == (400, code)
            made = await make(client, f"/{path}", FriendlyName="x" * most)
            assert await refused(client, f"/{path}/{made['sid']}") == (400, code)

    run()


@virtual
async def test_there_are_only_so_many_lists_credentials_and_addresses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (credential_lists, ip_access_control_lists):
        monkeypatch.setattr(module, "MOST", 3)
        monkeypatch.setattr(module, "MOST_LISTS", 2)
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        users = await make_users(client, "One", **dict.fromkeys(("a", "b", "c"), PASSWORD))
        form = {"Username": "d", "Password": PASSWORD}
        assert await refused(client, f"/CredentialLists/{users}/Credentials", **form) == (400, 21242)
        await make_users(client, "Two", d=PASSWORD)
        assert await refused(client, "/CredentialLists", FriendlyName="Three") == (400, 21239)
        networks = await make_networks(client, "192.0.2.1/32", "192.0.2.2/32", "192.0.2.3/32")
        form = {"FriendlyName": "x", "IpAddress": "192.0.2.4"}
        assert await refused(client, f"/IpAccessControlLists/{networks}/IpAddresses", **form) == (400, 21237)
        await make_networks(client)
        assert await refused(client, "/IpAccessControlLists", FriendlyName="Third") == (400, 21255)
        await make_users(other)
        await make_networks(other)


@virtual
async def test_a_list_that_a_domain_uses_is_not_deleted(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        users, networks = await make_users(client, alice=PASSWORD), await make_networks(client, "192.0.2.1/32")
        domain = await make_domain(client, "pbx.example.com")
        await make(client, f"/Domains/{domain}/Auth/Registrations/CredentialListMappings", CredentialListSid=users)
        await make(client, f"/Domains/{domain}/IpAccessControlListMappings", IpAccessControlListSid=networks)
        for path, code in ((f"/CredentialLists/{users}", 21241), (f"/IpAccessControlLists/{networks}", 21236)):
            answer = await client.delete(f"{path}.json")
            assert (answer.status_code, answer.json()["code"]) == (400, code)
            assert (await client.get(f"{path}.json")).status_code == 200
        assert len(await all_of(client, f"/CredentialLists/{users}/Credentials", "credentials")) == 1
        assert (await client.delete(f"/Domains/{domain}.json")).status_code == 204
        for path in (f"/CredentialLists/{users}", f"/IpAccessControlLists/{networks}"):
            assert (await client.delete(f"{path}.json")).status_code == 204


@virtual
async def test_the_two_names_of_the_mappings_of_calls_mean_the_same(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        domain, users = await make_domain(client, "pbx.example.com"), await make_users(client)
        old, new = (f"/Domains/{domain}/{part}CredentialListMappings" for part in ("", "Auth/Calls/"))
        made = await make(client, old, CredentialListSid=users)
        assert (made["sid"], made["domain_sid"], made["friendly_name"]) == (users, domain, "Staff")
        assert made["uri"].endswith(f"{old}/{users}.json")
        assert await refused(client, new, CredentialListSid=users) == (400, 21231)
        (same,) = await all_of(client, new, "contents")
        assert same == {name: made[name] for name in made.keys() - {"uri", "domain_sid"}}
        await client.post(f"/CredentialLists/{users}.json", data={"FriendlyName": "Renamed"})
        assert (await client.get(f"{new}/{users}.json")).json()["friendly_name"] == "Renamed"
        assert await all_of(client, f"/Domains/{domain}/Auth/Registrations/CredentialListMappings", "contents") == []
        assert await all_of(client, f"/Domains/{domain}/IpAccessControlListMappings", "ip_access_control_list_mappings") == []
        assert (await client.delete(f"{new}/{users}.json")).status_code == 204
        assert await all_of(client, old, "credential_list_mappings") == []
        assert (await client.get(f"{old}/{users}.json")).status_code == 404


@virtual
async def test_a_mapping_needs_a_list_of_its_kind_and_a_domain(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        domain, users, networks = (
            await make_domain(client, "pbx.example.com"),
            await make_users(client),
            await make_networks(client),
        )
        mappings = f"/Domains/{domain}/Auth/Calls/CredentialListMappings"
        for chosen in ("", networks, "CL" + "0" * 32, "nonsense"):
            assert await refused(client, mappings, CredentialListSid=chosen) == (400, 21231)
        elsewhere = f"/Domains/SD{'0' * 32}/Auth/Calls/CredentialListMappings"
        assert await refused(client, elsewhere, CredentialListSid=users) == (404, 20404)
        assert (await client.delete(f"{mappings}/{users}.json")).status_code == 404
        await make(client, f"/Domains/{domain}/Auth/Calls/IpAccessControlListMappings", IpAccessControlListSid=networks)
        assert (await client.delete(f"{mappings}/{networks}.json")).status_code == 404
        assert (await client.post(f"{mappings}/{users}.json")).json()["code"] == 20004


@virtual
async def test_mappings_come_in_pages(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        domain, made = await make_domain(client, "pbx.example.com"), list[str]()
        for number in range(5):
            made.insert(0, await make_users(client, str(number)))
            await make(client, f"/Domains/{domain}/CredentialListMappings", CredentialListSid=made[0])
            await asyncio.sleep(0.001)
        page = (await client.get(f"/Domains/{domain}/CredentialListMappings.json?PageSize=2")).json()
        seen = [each["sid"] for each in page["credential_list_mappings"]]
        while page["next_page_uri"]:
            page = (await client.get(f"http://switch{page['next_page_uri']}")).json()
            seen += [each["sid"] for each in page["credential_list_mappings"]]
        assert seen == made


@virtual
async def test_nobody_touches_the_lists_of_another_account(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        users, networks = await make_users(client, alice=PASSWORD), await make_networks(client, "192.0.2.1/32")
        (credential,) = await all_of(client, f"/CredentialLists/{users}/Credentials", "credentials")
        (address,) = await all_of(client, f"/IpAccessControlLists/{networks}/IpAddresses", "ip_addresses")
        lists = f"/CredentialLists/{users}", f"/IpAccessControlLists/{networks}"
        for path in (*lists, f"{lists[0]}/Credentials/{credential['sid']}", f"{lists[1]}/IpAddresses/{address['sid']}"):
            assert (await other.get(f"{path}.json")).status_code == 404
            assert (await other.delete(f"{path}.json")).status_code == 404
            form = {"FriendlyName": "Mine", "Password": PASSWORD, "IpAddress": "192.0.2.9"}
            assert (await other.post(f"{path}.json", data=form)).status_code == 404
            assert (await client.get(f"{path}.json")).status_code == 200
        form = {"FriendlyName": "Mine", "Username": "eve", "Password": PASSWORD, "IpAddress": "192.0.2.9"}
        for path in (f"{lists[0]}/Credentials", f"{lists[1]}/IpAddresses"):
            assert (await other.get(f"{path}.json")).status_code == 404
            assert await refused(other, path, **form) == (404, 20404)
