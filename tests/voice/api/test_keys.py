"""``/Keys`` and ``/SigningKeys`` (spec section 4.13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from tests.voice.sdk import refused, sdk

ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}"


@virtual
async def test_the_secret_of_a_key_is_told_once_and_opens_the_account_until_the_key_is_deleted(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        main = sdk(world)
        made = await main.new_keys.create_async(friendly_name="Browsers")
        assert (len(made.secret), made.friendly_name) == (32, "Browsers")
        keyed = sdk(world, made.sid, made.secret, ACCOUNT.sid)
        assert await keyed.calls.list_async() == []
        assert await refused(sdk(world, made.sid, "wrong", ACCOUNT.sid).calls.list_async()) == (401, 20003)
        shown = (await client.get(f"{ALL}/Keys/{made.sid}.json")).json()
        assert set(shown) == {"sid", "friendly_name", "date_created", "date_updated"}
        assert made.secret not in (await client.get(f"{ALL}/Keys.json")).text
        assert (await main.keys(made.sid).update_async(friendly_name="Phones")).friendly_name == "Phones"
        assert [each.friendly_name for each in await main.keys.list_async()] == ["Phones"]
        key = world.accounts.key(made.sid)
        assert key is not None
        assert key.secret == made.secret
        assert await main.keys(made.sid).delete_async()
        assert await refused(keyed.calls.list_async()) == (401, 20003)
        assert await refused(main.keys(made.sid).fetch_async()) == (404, 20404)
        assert world.accounts.key(made.sid) is None


@virtual
async def test_signing_keys_are_the_same_keys(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        main = sdk(world)
        made = await main.new_signing_keys.create_async(friendly_name="Tokens")
        assert made.secret
        assert [each.sid for each in await main.signing_keys.list_async()] == [made.sid]
        assert (await main.keys(made.sid).fetch_async()).friendly_name == "Tokens"
        assert (await main.signing_keys(made.sid).update_async(friendly_name="t")).friendly_name == "t"
        assert await main.signing_keys(made.sid).delete_async()
        assert await main.keys.list_async() == []


@virtual
async def test_a_key_belongs_to_one_account(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        main = sdk(world)
        tenant = await main.api.v2010.accounts.create_async(friendly_name="Tenant")
        through = sdk(world, account_sid=tenant.sid)
        made = await through.new_keys.create_async()
        assert await main.keys.list_async() == []
        assert await refused(main.keys(made.sid).fetch_async()) == (404, 20404)
        assert await refused(main.keys(made.sid).delete_async()) == (404, 20404)
        assert await sdk(world, made.sid, made.secret, tenant.sid).calls.list_async() == []
        assert await refused(sdk(world, made.sid, made.secret, ACCOUNT.sid).calls.list_async()) == (404, 20404)


@pytest.mark.parametrize("path", ["Keys", "SigningKeys"])
@virtual
async def test_a_wrong_name_has_its_code(tmp_path: Path, path: str) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(f"{ALL}/{path}.json", data={"FriendlyName": "x" * 65})
        assert (answer.status_code, answer.json()["code"]) == (400, 20002)
        assert (await client.get(f"{ALL}/{path}.json")).json()["end"] == 0
