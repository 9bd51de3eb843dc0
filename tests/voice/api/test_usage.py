"""``/Usage/Records``, ``/Balance`` and ``/Tokens`` (spec section 4.13)."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from tests.voice.sdk import refused, sdk
from voice.settings import IceServer, Prices
from voice.store.tables.calls import CALLS
from voice.store.tables.recordings import RECORDINGS

ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}"
TODAY = datetime(2030, 1, 1, 0, 30, tzinfo=UTC)
PRICES = Prices(inbound=Decimal("0.01"), outbound=Decimal("0.02"), sip_outbound=Decimal("0.001"), recording=Decimal("0.0025"))
_numbers = iter(range(1, 10_000))


def call(world: World, began: datetime, seconds: int | None, **more: Any) -> None:
    """Store a call that has ended."""
    row = {
        "sid": f"CA{next(_numbers):032x}",
        "account_sid": ACCOUNT.sid,
        "date_created": began,
        "date_updated": began,
        "start_time": began,
        "duration": seconds,
        "status": "completed",
        "direction": "inbound",
        "to": "+15550100",
        "from": "+15550001",
    }
    world.database.put(CALLS, {**row, **more})


def recording(world: World, began: datetime, seconds: float, **more: Any) -> None:
    row = {"sid": f"RE{next(_numbers):032x}", "account_sid": ACCOUNT.sid, "date_created": began, "date_updated": began}
    world.database.put(RECORDINGS, {**row, "start_time": began, "seconds": seconds, "status": "completed", **more})


def fill(world: World) -> None:
    """Calls of every kind, over two years."""
    yesterday, long_ago = TODAY - timedelta(days=1), datetime(2028, 5, 17, 12, tzinfo=UTC)
    call(world, TODAY, 61)
    call(world, TODAY, 60)
    call(world, TODAY, 0, status="busy")
    call(world, TODAY, 10, direction="outbound-api")
    call(world, TODAY.replace(hour=23, minute=59, second=59), 5, direction="outbound-dial", to="sip:bob@phones.example")
    call(world, yesterday, 120, to="sip:alice@phones.example")
    call(world, yesterday, 1, direction="outbound-dial", to="client:alice")
    call(world, long_ago, 3600)
    recording(world, TODAY, 59.6)
    recording(world, long_ago, 30.2)
    recording(world, TODAY, 10.0, status="processing")


async def lines(listed: Any, **filters: Any) -> dict[str, tuple[str, str, str]]:
    return {each.category: (each.count, each.usage, str(each.price)) for each in await listed.list_async(**filters)}


@virtual
async def test_calls_and_recordings_are_counted_by_what_they_were(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), prices=PRICES) as world:
        fill(world)
        records = sdk(world).usage.records
        everything = await lines(records)
        assert everything == {
            "calls": ("7", "68", "0.651"),
            "calls-inbound": ("3", "63", "0.63"),
            "calls-outbound": ("1", "1", "0.02"),
            "calls-sip": ("2", "3", "0.001"),
            "calls-sip-inbound": ("1", "2", "0"),
            "calls-sip-outbound": ("1", "1", "0.001"),
            "calls-client": ("1", "1", "0"),
            "recordings": ("2", "2", "0.005"),
            "totalprice": ("", "0.656", "0.656"),
        }
        assert await lines(records.all_time) == everything
        assert (await lines(records.today))["calls"] == ("4", "5", "0.051")
        assert (await lines(records.yesterday))["calls"] == ("2", "3", "0")
        assert (await lines(records.this_month))["calls-inbound"] == ("2", "3", "0.03")
        assert (await lines(records.last_month))["calls"][0] == "2"
        assert await lines(records.today, category="recordings") == {"recordings": ("1", "1", "0.0025")}
        (line,) = await records.today.list_async(category="calls-sip")
        assert (line.account_sid, line.count_unit, line.usage_unit, line.price_unit) == (ACCOUNT.sid, "calls", "minutes", "usd")
        assert (line.start_date, line.end_date, line.description) == (date(2030, 1, 1), date(2030, 1, 1), "SIP Minutes")
        assert line.uri == f"{ALL}/Usage/Records.json?Category=calls-sip&StartDate=2030-01-01&EndDate=2030-01-01"
        assert line.subresource_uris["all_time"] == f"{ALL}/Usage/Records/AllTime.json?Category=calls-sip"
        assert line.as_of.startswith("2030-01-01T")
        balance = await sdk(world).balance.fetch_async()
        assert (balance.account_sid, balance.balance, balance.currency) == (ACCOUNT.sid, "-0.656", "USD")


@virtual
async def test_days_months_and_years_are_listed_the_newest_first(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        fill(world)
        records = sdk(world).usage.records

        async def spans(listed: Any, **filters: Any) -> list[tuple[str, str, str]]:
            found = await listed.list_async(category="calls", page_size=7, **filters)
            return [(str(each.start_date), str(each.end_date), each.count) for each in found]

        daily = await spans(records.daily, start_date=date(2029, 12, 30), end_date=date(2030, 1, 1))
        assert daily == [
            ("2030-01-01", "2030-01-01", "4"),
            ("2029-12-31", "2029-12-31", "2"),
            ("2029-12-30", "2029-12-30", "0"),
        ]
        assert len(await spans(records.daily)) == 30
        monthly = await spans(records.monthly, start_date=date(2028, 5, 10), end_date=date(2028, 6, 3))
        assert monthly == [("2028-06-01", "2028-06-03", "0"), ("2028-05-10", "2028-05-31", "1")]
        assert len(await spans(records.monthly)) == 13
        yearly = await spans(records.yearly)
        assert yearly[:3] == [
            ("2030-01-01", "2030-01-01", "4"),
            ("2029-01-01", "2029-12-31", "2"),
            ("2028-01-01", "2028-12-31", "1"),
        ]


@virtual
async def test_without_prices_nothing_costs_anything(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        fill(world)
        assert {price for _, _, price in (await lines(sdk(world).usage.records)).values()} == {"0"}
        assert (await sdk(world).balance.fetch_async()).balance == "0"


@virtual
async def test_the_usage_of_subaccounts_is_their_owners_too(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        main = sdk(world)
        tenant = await main.api.v2010.accounts.create_async()
        call(world, TODAY, 60)
        call(world, TODAY, 60, account_sid=tenant.sid)
        call(world, TODAY, 60, account_sid="AC" + "2" * 32)
        own = sdk(world, tenant.sid, tenant.auth_token)
        assert (await lines(main.usage.records.today))["calls"][0] == "2"
        assert (await lines(main.usage.records.today, include_subaccounts=False))["calls"][0] == "1"
        assert (await lines(own.usage.records.today))["calls"][0] == "1"


@virtual
async def test_a_real_call_is_counted(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Say>Hello.</Say><Pause length='2'/>"})) as world:
        await world.ended(world.call())
        assert (await lines(sdk(world).usage.records.today))["calls-inbound"][:2] == ("1", "1")


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("Records", "Category=telegrams"),
        ("Records", "StartDate=yesterday"),
        ("Records", "StartDate=2030-02-30"),
        ("Records", "StartDate=2030-01-01&EndDate=2029-01-01"),
        ("Records/Daily", "StartDate=2010-01-01"),
    ],
)
@virtual
async def test_a_wrong_question_has_its_code(tmp_path: Path, path: str, query: str) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.get(f"{ALL}/Usage/{path}.json?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, 20001)


@pytest.mark.parametrize(
    "query", ["StartDate=-30days", "StartDate=-1day&EndDate=%2B0days", "EndDate=2999-01-01", "StartDate=1900-01-01"]
)
@virtual
async def test_dates_may_be_days_from_today(tmp_path: Path, query: str) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        call(world, TODAY, 60)
        answer = (await client.get(f"{ALL}/Usage/Records.json?{query}&Category=calls")).json()
        assert [each["count"] for each in answer["usage_records"]] == ["1"]


@virtual
async def test_a_token_tells_the_servers_of_the_settings(tmp_path: Path) -> None:
    servers = (
        IceServer(urls="stun:stun.example:3478"),
        IceServer(urls="turn:turn.example:3478?transport=udp", shared_secret="north"),
        IceServer(urls="turn:old.example:3478", username="u", credential="c"),
    )
    async with World(tmp_path, Customer(), ice_server=servers) as world:
        token = await sdk(world).tokens.create_async(ttl=600)
        stun, turn, old = token.ice_servers
        assert stun == {"urls": "stun:stun.example:3478"}
        assert old == {"urls": "turn:old.example:3478", "username": "u", "credential": "c"}
        expires = int(turn["username"].partition(":")[0])
        assert expires == int(world.resources.wall().timestamp()) + 600
        digest = hmac.new(b"north", turn["username"].encode(), hashlib.sha1).digest()
        assert turn["credential"] == base64.b64encode(digest).decode()
        assert (token.username, token.password) == (turn["username"], turn["credential"])
        assert (token.account_sid, token.ttl) == (ACCOUNT.sid, "600")
        assert (await sdk(world).tokens.create_async()).ttl == "86400"
        for ttl in (0, 86_401):
            assert await refused(sdk(world).tokens.create_async(ttl=ttl)) == (400, 20001)


@virtual
async def test_a_token_without_servers_is_still_one(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        token = await sdk(world).tokens.create_async()
        assert (token.ice_servers, bool(token.username), bool(token.password)) == ([], True, True)
