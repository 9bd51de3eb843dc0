"""What REST changes about SIP domains and lists is what the next REGISTER and call find."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
from dataclasses import replace
from pathlib import Path

from sip.fake import answers
from sip.fake_network import PEER
from tests.voice.api.sip import OTHER, PASSWORD, client_of, make, make_domain, make_networks, make_users
from tests.voice.exchange import HOST, Customer, World, virtual
from tests.voice.softphone import Softphone

HERE = PEER.partition(":")[0]
NAME = "office.sip.twilio.com"


async def code_of(phone: Softphone) -> int:
    """How a call of a phone begins: 0 when it rings."""
    call = await phone.dial("anybody")
    code = call.ended_code
    if not call.ended:
        call.hang_up()
    return code


@virtual
async def test_a_phone_registers_is_called_and_calls(tmp_path: Path) -> None:
    customer = Customer({"/domain": "<Reject/>", "/voice": f"<Dial timeLimit='2'><Sip>sip:bob@{NAME}</Sip></Dial>"})
    async with World(tmp_path, customer) as world, client_of(world) as client:
        users = await make_users(client, alice=PASSWORD, bob=PASSWORD)
        domain = await make_domain(client, NAME, users, VoiceUrl=f"{HOST}/domain")
        phone = world.fake.phone("sip:bob@198.51.100.7:5060", answers())
        assert (await Softphone(world, "bob", PASSWORD, NAME).register()).code == 200
        await world.ended(world.call())
        assert [call.ended_code for call in phone.calls] == [200]
        await world.ended(await Softphone(world, "alice", PASSWORD, NAME).dial("desk"))
        (form,) = customer.visited("/domain")
        assert (form["SipDomain"], form["SipDomainSid"], form["To"]) == (NAME, domain, f"sip:desk@{NAME}")


@virtual
async def test_a_domain_answers_by_the_names_of_edges_and_regions(tmp_path: Path) -> None:
    customer = Customer({"/domain": "<Reject/>"})
    async with World(tmp_path, customer) as world, client_of(world) as client:
        await make_domain(client, NAME, await make_users(client, alice=PASSWORD), VoiceUrl=f"{HOST}/domain")
        for name in ("office.sip.dublin.twilio.com", "office.sip.dublin.ie1.twilio.com"):
            assert (await Softphone(world, "alice", PASSWORD, name).register()).code == 200
            await world.ended(await Softphone(world, "alice", PASSWORD, name).dial("desk"))
        assert [form["To"] for form in customer.visited("/domain")] == [f"sip:desk@{NAME}"] * 2
        assert (await Softphone(world, "alice", PASSWORD, "other.sip.dublin.twilio.com").register()).code == 404


@virtual
async def test_a_change_counts_at_once(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/domain": "<Pause/>"})) as world, client_of(world) as client:
        users = await make_users(client)
        domain = await make_domain(client, NAME, users, VoiceUrl=f"{HOST}/domain", SipRegistration="false")
        phone = Softphone(world, "alice", PASSWORD, NAME)
        assert (await phone.register()).code == 403
        await client.post(f"/Domains/{domain}.json", data={"SipRegistration": "true"})
        assert ((await phone.register()).code, await code_of(phone)) == (403, 403)
        user = await make(client, f"/CredentialLists/{users}/Credentials", Username="alice", Password=PASSWORD)
        assert ((await phone.register()).code, await code_of(phone)) == (200, 0)
        one = f"/CredentialLists/{users}/Credentials/{user['sid']}.json"
        await client.post(one, data={"Password": "Another-horse-2"})
        assert ((await phone.register()).code, await code_of(phone)) == (403, 403)
        phone.password = "Another-horse-2"
        assert ((await phone.register()).code, await code_of(phone)) == (200, 0)
        await client.delete(f"/Domains/{domain}/Auth/Registrations/CredentialListMappings/{users}.json")
        assert ((await phone.register()).code, await code_of(phone)) == (403, 0)
        await client.delete(one)
        assert await code_of(phone) == 403
        await client.delete(f"/Domains/{domain}.json")
        assert ((await phone.register()).code, await code_of(phone)) == (404, 404)


@virtual
async def test_calls_have_to_pass_lists_of_both_kinds(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/domain": "<Pause/>"})) as world, client_of(world) as client:
        domain = await make_domain(client, NAME, VoiceUrl=f"{HOST}/domain")
        stranger, alice = Softphone(world, "eve", "", NAME), Softphone(world, "alice", PASSWORD, NAME)
        assert await code_of(stranger) == 403
        near, mappings = await make_networks(client, "203.0.113.0/24"), f"/Domains/{domain}/Auth/Calls"
        await make(client, f"{mappings}/IpAccessControlListMappings", IpAccessControlListSid=near)
        assert await code_of(stranger) == 403
        form = {"FriendlyName": "here", "IpAddress": HERE, "CidrPrefixLength": "24"}
        address = await make(client, f"/IpAccessControlLists/{near}/IpAddresses", **form)
        assert await code_of(stranger) == 0
        users = await make_users(client, alice=PASSWORD)
        await make(client, f"{mappings}/CredentialListMappings", CredentialListSid=users)
        assert (await code_of(stranger), await code_of(alice)) == (403, 0)
        await client.delete(f"/IpAccessControlLists/{near}/IpAddresses/{address['sid']}.json")
        assert await code_of(alice) == 403


@virtual
async def test_of_two_passwords_the_list_that_was_mapped_first_counts(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        first, second = (
            await make_users(client, "1", alice=PASSWORD),
            await make_users(client, "2", alice="Another-horse-2", bob=PASSWORD),
        )
        domain = await make_domain(client, NAME, first)
        await asyncio.sleep(1)
        await make(client, f"/Domains/{domain}/Auth/Registrations/CredentialListMappings", CredentialListSid=second)
        codes = [(await Softphone(world, *user, NAME).register()).code for user in (("alice", PASSWORD), ("bob", PASSWORD))]
        assert codes == [200, 200]


@virtual
async def test_a_domain_speaks_for_its_own_account(tmp_path: Path) -> None:
    customer = Customer({"/theirs": "<Dial action='/over'><Sip>sip:bob@pbx.example.com</Sip></Dial>", "/over": ""})
    async with World(tmp_path, customer) as world, client_of(world) as client, client_of(world, OTHER) as other:
        await make_domain(client, "pbx.example.com", await make_users(client, bob=PASSWORD))
        await make_domain(other, NAME, await make_users(other, alice=PASSWORD), VoiceUrl=f"{HOST}/theirs")
        assert (await Softphone(world, "alice", PASSWORD, "pbx.example.com").register()).code == 403
        await world.ended(await Softphone(world, "alice", PASSWORD, NAME).dial("desk"))
        (visit,) = (visit for visit in customer.visits if visit.path == "/theirs")
        assert visit.form["AccountSid"] == OTHER.sid
        said = visit.url + "".join(name + visit.form[name] for name in sorted(visit.form))
        signature = hmac.new(OTHER.auth_token.encode(), said.encode(), hashlib.sha1).digest()
        assert visit.headers["x-twilio-signature"] == base64.b64encode(signature).decode()


@virtual
async def test_everything_is_known_after_a_restart(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, client_of(world) as client, client_of(world, OTHER) as other:
        users = await make_users(client, alice=PASSWORD)
        await make_domain(client, NAME, users)
        await make_domain(other, "theirs.example.com", await make_users(other, carol=PASSWORD))
    async with World(tmp_path, Customer()) as world, client_of(world) as client:
        world.accounts.put(OTHER)
        assert (await Softphone(world, "alice", PASSWORD, NAME).register()).code == 200
        assert (await Softphone(world, "carol", PASSWORD, "theirs.example.com").register()).code == 200
        await make(client, f"/CredentialLists/{users}/Credentials", Username="bob", Password=PASSWORD)
        assert (await Softphone(world, "bob", PASSWORD, NAME).register()).code == 200
        assert (await Softphone(world, "carol", PASSWORD, "theirs.example.com").register()).code == 200


@virtual
async def test_the_phones_of_a_suspended_account_do_not_register(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        world.accounts.put(OTHER)
        async with client_of(world, OTHER) as client:
            await make_domain(client, NAME, await make_users(client, alice=PASSWORD))
        phone = Softphone(world, "alice", PASSWORD, NAME)
        assert (await phone.register()).code == 200
        world.accounts.put(replace(OTHER, status="suspended"))
        assert (await phone.register()).code == 403
