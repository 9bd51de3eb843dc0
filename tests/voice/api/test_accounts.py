"""``/Accounts``: subaccounts, their status, and that nobody sees or signs what is another's (spec sections 4.2 and 4.13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import insert
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from sip.fake import answers
from tests.voice.exchange import ACCOUNT, HOST, NUMBER, Customer, World, virtual
from tests.voice.sdk import refused, sdk
from voice.settings import SipDomain
from voice.store.tables.accounts import ACCOUNTS, KEYS

TENANT_NUMBER = "+15550777"
PHONE = "sip:phone@far.example"


async def subaccount(world: World, name: str = "Tenant") -> tuple[Any, Client]:
    """A new subaccount and an SDK with its own credentials."""
    made = await sdk(world).api.v2010.accounts.create_async(friendly_name=name)
    return made, sdk(world, made.sid, made.auth_token)


@virtual
async def test_a_subaccount_is_made_found_and_renamed(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        main = sdk(world)
        made, own = await subaccount(world)
        assert (made.friendly_name, made.status, made.type, made.owner_account_sid) == ("Tenant", "active", "Full", ACCOUNT.sid)
        assert made.date_created is not None
        assert made.subresource_uris["usage"] == f"/2010-04-01/Accounts/{made.sid}/Usage/Records.json"
        everything = await main.api.v2010.accounts.list_async()
        assert sorted(each.sid for each in everything) == sorted((made.sid, ACCOUNT.sid))
        assert {each.owner_account_sid for each in everything} == {ACCOUNT.sid}
        assert [each.sid for each in await main.api.v2010.accounts.list_async(friendly_name="Tenant")] == [made.sid]
        assert await main.api.v2010.accounts.list_async(status="closed") == []
        assert [each.sid for each in await own.api.v2010.accounts.list_async()] == [made.sid]
        renamed = await own.api.v2010.accounts(made.sid).update_async(friendly_name="Other")
        assert (renamed.friendly_name, renamed.auth_token) == ("Other", made.auth_token)
        assert (await main.api.v2010.accounts(ACCOUNT.sid).update_async(friendly_name="Mine")).friendly_name == "Mine"
        assert (await main.api.v2010.accounts(made.sid).fetch_async()).friendly_name == "Other"
        unnamed = await main.api.v2010.accounts.create_async()
        assert unnamed.friendly_name.startswith("SubAccount Created at 2030-01-01")


@virtual
async def test_accounts_and_keys_are_there_again_after_a_restart(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        made, own = await subaccount(world)
        key = await own.new_keys.create_async()
    async with World(tmp_path, Customer()) as world:
        assert await sdk(world, key.sid, key.secret, made.sid).calls.list_async() == []
        assert (await sdk(world).api.v2010.accounts(made.sid).fetch_async()).auth_token == made.auth_token


@virtual
async def test_a_main_account_of_earlier_settings_opens_nothing(tmp_path: Path) -> None:
    stranger, old = "AC" + "2" * 32, {"auth_token": "old", "friendly_name": "", "status": "active"}
    async with World(tmp_path, Customer()) as world:
        now = world.resources.wall()
        row = {"sid": stranger, "account_sid": stranger, "date_created": now, "date_updated": now, **old}
        await world.provisioning.change(lambda connection: connection.execute(insert(ACCOUNTS).values(row)))
        assert await refused(sdk(world, stranger, "old").calls.list_async()) == (401, 20003)
        assert [each.sid for each in await sdk(world).api.v2010.accounts.list_async()] == [ACCOUNT.sid]
        assert world.accounts.token(stranger) not in ("old", ACCOUNT.auth_token)


@virtual
async def test_an_account_reaches_itself_and_its_subaccounts_and_nothing_else(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        first, own = await subaccount(world, "first")
        second, _ = await subaccount(world, "second")
        application = await own.applications.create_async(friendly_name="of first")
        for sid in (second.sid, ACCOUNT.sid):
            elsewhere = sdk(world, first.sid, first.auth_token, sid)
            assert await refused(elsewhere.applications.list_async()) == (404, 20404)
            assert await refused(own.api.v2010.accounts(sid).fetch_async()) == (404, 20404)
            assert await refused(own.api.v2010.accounts(sid).update_async(friendly_name="x")) == (404, 20404)
        assert await refused(own.api.v2010.accounts("AC" + "0" * 32).fetch_async()) == (404, 20404)
        assert await refused(own.api.v2010.accounts.create_async(friendly_name="x")) == (403, 20003)
        for other in (sdk(world), sdk(world, account_sid=second.sid)):
            assert await refused(other.applications(application.sid).fetch_async()) == (404, 20404)
            assert await refused(other.applications(application.sid).update_async(friendly_name="x")) == (404, 20404)
            assert await refused(other.applications(application.sid).delete_async()) == (404, 20404)
            assert await other.applications.list_async() == []
        through = sdk(world, account_sid=first.sid)
        assert (await through.applications(application.sid).fetch_async()).friendly_name == "of first"


@pytest.mark.parametrize(
    ("user", "password"),
    [(ACCOUNT.sid, "wrong"), (ACCOUNT.sid, ""), ("AC" + "0" * 32, "secret"), ("SK" + "0" * 32, "secret"), ("", "")],
)
@virtual
async def test_wrong_credentials_open_nothing_and_are_told_so(tmp_path: Path, user: str, password: str) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.get(f"/2010-04-01/Accounts/{ACCOUNT.sid}/Applications.json", auth=(user, password))
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
        assert answer.headers["www-authenticate"].startswith("Basic realm=")


@virtual
async def test_the_webhooks_of_a_subaccount_are_signed_with_its_own_token(tmp_path: Path) -> None:
    customer = Customer(
        {"/voice": "<Redirect>/next</Redirect>", "/next": "<Connect><Stream url='ws://app.example/s'/></Connect>"}
    )
    customer.answers["/status"] = ""
    async with World(tmp_path, customer) as world:
        made, own = await subaccount(world)
        await own.incoming_phone_numbers.create_async(
            phone_number=TENANT_NUMBER, voice_url=f"{HOST}/voice", status_callback=f"{HOST}/status"
        )
        call = world.call(TENANT_NUMBER)
        await world.until(lambda: bool(world.dialler.peers))
        call.hang_up()
        await world.ended(call)
        assert world.dialler.signers == [made.sid]
    assert [visit.path for visit in customer.visits] == ["/voice", "/next", "/status"]
    for visit in customer.visits:
        signature = visit.headers["X-Twilio-Signature"]
        assert visit.form["AccountSid"] == made.sid
        assert RequestValidator(made.auth_token).validate(visit.url, visit.form, signature)
        assert not RequestValidator(ACCOUNT.auth_token).validate(visit.url, visit.form, signature)


@virtual
async def test_a_suspended_account_makes_and_takes_no_calls_until_it_may_again(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Pause length='60'/>"})
    async with World(tmp_path, customer) as world:
        made, own = await subaccount(world)
        tenant = sdk(world).api.v2010.accounts(made.sid)
        await own.incoming_phone_numbers.create_async(phone_number=TENANT_NUMBER, voice_url=f"{HOST}/voice")
        world.fake.phone(PHONE, answers())
        inbound = world.call(TENANT_NUMBER)
        placed = await own.calls.create_async(to=PHONE, from_="+15550001", url=f"{HOST}/voice")
        mine = world.call()
        await world.until(lambda: len(customer.visited("/voice")) == 3)
        assert (await tenant.update_async(status="suspended")).status == "suspended"
        await world.ended(inbound)
        assert (await sdk(world, account_sid=made.sid).calls(placed.sid).fetch_async()).status == "completed"
        assert await refused(own.calls.list_async()) == (403, 20005)
        assert await refused(own.api.v2010.accounts(made.sid).update_async(status="active")) == (403, 20005)
        on_behalf = sdk(world, account_sid=made.sid)
        assert await refused(on_behalf.calls.create_async(to=PHONE, from_="x", twiml="<Response/>")) == (403, 20005)
        assert len(await on_behalf.incoming_phone_numbers.list_async()) == 1
        refusedly = world.call(TENANT_NUMBER)
        await world.ended(refusedly)
        assert (refusedly.ended_code, mine.ended) == (403, False)
        assert (await tenant.update_async(status="active")).status == "active"
        again = world.call(TENANT_NUMBER)
        for call in (again, mine):
            await world.ended(call)
        assert again.ended_code == 200


@virtual
async def test_a_closed_account_is_nobody_any_more_and_its_numbers_are_free(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Hangup/>"})) as world:
        made, own = await subaccount(world)
        key = await own.new_keys.create_async()
        keyed = sdk(world, key.sid, key.secret, made.sid)
        await own.incoming_phone_numbers.create_async(phone_number=TENANT_NUMBER, voice_url=f"{HOST}/voice")
        tenant = sdk(world).api.v2010.accounts(made.sid)
        assert (await tenant.update_async(status="closed")).status == "closed"
        for client in (own, keyed):
            assert await refused(client.calls.list_async()) == (401, 20003)
        call = world.call(TENANT_NUMBER)
        await world.ended(call)
        assert call.ended_code == 404
        assert (await tenant.fetch_async()).status == "closed"
        assert await refused(tenant.update_async(status="active")) == (400, 20010)
        taken = await sdk(world).incoming_phone_numbers.create_async(phone_number=TENANT_NUMBER, voice_url=f"{HOST}/voice")
        assert taken.account_sid == ACCOUNT.sid


@virtual
async def test_calls_of_a_suspended_account_that_still_wait_are_cancelled(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        made, own = await subaccount(world)
        world.fake.phone(PHONE, answers())
        placed = [await own.calls.create_async(to=PHONE, from_="x", twiml="<Response><Pause length='9'/></Response>")]
        for _ in range(3):
            placed.append(await own.calls.create_async(to=PHONE, from_="x", twiml="<Response/>"))
        await sdk(world).api.v2010.accounts(made.sid).update_async(status="suspended")
        await world.until(lambda: not len(world.registry))
        through = sdk(world, account_sid=made.sid)
        statuses = [(await through.calls(each.sid).fetch_async()).status for each in placed]
        assert set(statuses) <= {"canceled", "completed"}


@pytest.mark.parametrize(
    ("form", "code"), [({"FriendlyName": "x" * 65}, 20002), ({"Status": "asleep"}, 20001), ({"Status": "closed"}, 20010)]
)
@virtual
async def test_what_cannot_be_done_to_an_account_has_its_code(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(f"/2010-04-01/Accounts/{ACCOUNT.sid}.json", data=form)
        assert (answer.status_code // 100, answer.json()["code"]) == (4, code)
        assert (await client.get(f"/2010-04-01/Accounts/{ACCOUNT.sid}.json")).json()["status"] == "active"


@virtual
async def test_addresses_are_not_here(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        assert await refused(sdk(world).addresses.list_async()) == (404, 20404)


@virtual
async def test_a_domain_of_a_number_is_the_main_accounts(tmp_path: Path) -> None:
    domain = SipDomain(domain="phones.example", voice_url=f"{HOST}/voice", networks=("0.0.0.0/0",))
    customer = Customer({"/voice": "<Hangup/>"})
    async with World(tmp_path, customer, sip_domain=(domain,)) as world:
        call = world.fake.phone("sip:alice@far.example").dial("sip:bob@phones.example")
        await world.ended(call)
        assert NUMBER not in customer.visited("/voice")[0]["To"]
    assert customer.visited("/voice")[0]["AccountSid"] == ACCOUNT.sid


@virtual
async def test_a_standard_key_opens_neither_accounts_nor_keys_but_a_main_key_does(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        made = await sdk(world).new_keys.create_async(friendly_name="standard")
        standard = sdk(world, made.sid, made.secret, ACCOUNT.sid)
        await standard.calls.list_async()
        for work in (
            standard.api.v2010.accounts.list_async(),
            standard.api.v2010.accounts(ACCOUNT.sid).fetch_async(),
            standard.api.v2010.accounts.create_async(),
            standard.keys.list_async(),
            standard.new_keys.create_async(),
            standard.signing_keys.list_async(),
        ):
            assert await refused(work) == (403, 20003)
        row = {"sid": "SK" + "a" * 32, "account_sid": ACCOUNT.sid, "secret": "s", "friendly_name": "", "main": True}
        now = world.resources.wall()
        work = insert(KEYS).values(**row, date_created=now, date_updated=now)
        await world.provisioning.change(lambda connection: connection.execute(work))
        main = sdk(world, str(row["sid"]), "s", ACCOUNT.sid)
        assert len(await main.keys.list_async()) == 2
        assert (await main.api.v2010.accounts(ACCOUNT.sid).fetch_async()).sid == ACCOUNT.sid


@virtual
async def test_nobody_hears_of_accounts_without_credentials(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        transport = httpx.ASGITransport(world.app())
        async with httpx.AsyncClient(transport=transport, base_url="http://switch") as nobody:
            for path in ("/2010-04-01/Accounts.json", f"/2010-04-01/Accounts/{ACCOUNT.sid}.json", "/2010-04-01/Accounts/AC1.xml"):
                assert (await nobody.get(path)).status_code == 401
