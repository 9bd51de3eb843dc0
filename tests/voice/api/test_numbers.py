"""``/IncomingPhoneNumbers`` and ``/AvailablePhoneNumbers`` (spec section 4.13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.voice.exchange import ACCOUNT, HOST, NUMBER, Customer, World, virtual
from tests.voice.sdk import refused, sdk
from voice.settings import AvailableNumber, Settings

ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}"
POOL = (
    AvailableNumber(phone_number="+14155550100", count=3, locality="San Francisco", region="CA"),
    AvailableNumber(phone_number="+18005550100", kind="toll-free"),
    AvailableNumber(phone_number="+447400000001", kind="mobile", country="GB"),
)


@virtual
async def test_a_number_is_taken_called_changed_and_given_up(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Hangup/>", "/other": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        main = sdk(world)
        made = await main.incoming_phone_numbers.create_async(phone_number="(415) 555-0123", voice_url=f"{HOST}/voice")
        assert (made.phone_number, made.friendly_name, made.voice_url) == ("+14155550123", "(415) 555-0123", f"{HOST}/voice")
        assert (made.status, made.type, made.origin, made.beta, made.trunk_sid) == ("in-use", "local", "twilio", False, None)
        assert (made.capabilities["voice"], made.voice_method, made.emergency_status) == (True, "POST", "Inactive")
        await world.ended(world.call("+14155550123"))
        one = main.incoming_phone_numbers(made.sid)
        assert (await one.update_async(voice_url=f"{HOST}/other", voice_method="GET", friendly_name="Desk")).voice_method == "GET"
        await world.ended(world.call("+14155550123"))
        fetched = await one.fetch_async()
        assert (fetched.friendly_name, fetched.voice_url) == ("Desk", f"{HOST}/other")
        assert await one.delete_async()
        gone = world.call("+14155550123")
        await world.ended(gone)
        assert gone.ended_code == 404
        assert await refused(one.fetch_async()) == (404, 20404)
    assert [visit.path for visit in customer.visits] == ["/voice", "/other"]
    assert customer.visits[0].form["AccountSid"] == ACCOUNT.sid


@virtual
async def test_nobody_answers_a_number_without_an_address(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Hangup/>"})) as world:
        made = await sdk(world).incoming_phone_numbers.create_async(phone_number="+14155550123")
        calls = [world.call("+14155550123")]
        await world.ended(calls[0])
        await sdk(world).incoming_phone_numbers(made.sid).update_async(voice_url=f"{HOST}/voice")
        calls.append(world.call("+14155550123"))
        await world.ended(calls[1])
        assert [call.ended_code for call in calls] == [404, 200]


@virtual
async def test_numbers_are_found_by_parts_of_them(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        main = sdk(world)
        for number in ("+14155550123", "+14155550199", "+18005550123"):
            await main.incoming_phone_numbers.create_async(phone_number=number, friendly_name=number[-3:])

        async def found(**filters: str) -> list[str]:
            return sorted([each.phone_number for each in await main.incoming_phone_numbers.list_async(**filters)])

        assert await found(phone_number="0123") == ["+14155550123", "+18005550123"]
        assert await found(phone_number="+1415") == ["+14155550123", "+14155550199"]
        assert await found(phone_number="4155550***") == ["+14155550123", "+14155550199"]
        assert await found(phone_number="415*12") == []
        assert await found(phone_number="+15550100") == [NUMBER]
        assert await found(friendly_name="199") == ["+14155550199"]
        assert await found(origin="hosted") == []
        assert [each.phone_number for each in await main.incoming_phone_numbers.toll_free.list_async()] == ["+18005550123"]
        assert len(await main.incoming_phone_numbers.local.list_async()) == 3
        assert await main.incoming_phone_numbers.mobile.list_async() == []
        made = await main.incoming_phone_numbers.mobile.create_async(phone_number="+447400000001")
        assert (await main.incoming_phone_numbers.mobile.list_async())[0].sid == made.sid


@virtual
async def test_an_application_of_the_account_answers_for_a_number(tmp_path: Path) -> None:
    customer = Customer({"/application": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        main = sdk(world)
        application = await main.applications.create_async(voice_url=f"{HOST}/application")
        numbers = main.incoming_phone_numbers
        made = await numbers.create_async(phone_number="+14155550123", voice_application_sid=application.sid)
        await world.ended(world.call("+14155550123"))
        assert customer.visited("/application")[0]["To"] == "+14155550123"
        trunk = "TK" + "1" * 32
        on_trunk = await numbers(made.sid).update_async(trunk_sid=trunk)
        assert (on_trunk.trunk_sid, on_trunk.voice_application_sid) == (trunk, None)
        back = await numbers(made.sid).update_async(voice_application_sid=application.sid)
        assert (back.trunk_sid, back.voice_application_sid) == (None, application.sid)
        assert (await numbers(made.sid).update_async(voice_application_sid="")).voice_application_sid is None
        tenant = await main.api.v2010.accounts.create_async()
        theirs = await sdk(world, account_sid=tenant.sid).applications.create_async(voice_url=f"{HOST}/theirs")
        assert await refused(numbers(made.sid).update_async(voice_application_sid=theirs.sid)) == (400, 21420)
        assert await refused(numbers(made.sid).update_async(sms_application_sid="AP" + "0" * 32)) == (400, 21420)


@virtual
async def test_a_number_is_handed_over_to_a_subaccount_and_back(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        main = sdk(world)
        tenant = await main.api.v2010.accounts.create_async()
        application = await main.applications.create_async(voice_url=f"{HOST}/application")
        made = await main.incoming_phone_numbers.create_async(
            phone_number="+14155550123", voice_url=f"{HOST}/voice", voice_application_sid=application.sid
        )
        moved = await main.incoming_phone_numbers(made.sid).update_async(account_sid=tenant.sid)
        assert (moved.account_sid, moved.voice_application_sid, moved.sid) == (tenant.sid, None, made.sid)
        assert f"/Accounts/{tenant.sid}/" in moved.uri
        assert await refused(main.incoming_phone_numbers(made.sid).fetch_async()) == (404, 20404)
        await world.ended(world.call("+14155550123"))
        own = sdk(world, tenant.sid, tenant.auth_token)
        assert await refused(own.incoming_phone_numbers(made.sid).update_async(account_sid=ACCOUNT.sid)) == (400, 21471)
        through = sdk(world, account_sid=tenant.sid)
        assert (await through.incoming_phone_numbers(made.sid).update_async(account_sid=ACCOUNT.sid)).account_sid == ACCOUNT.sid
        await main.api.v2010.accounts(tenant.sid).update_async(status="suspended")
        for sid, code in (("AC" + "0" * 32, 21471), ("nobody", 21470), (tenant.sid, 21472)):
            assert await refused(main.incoming_phone_numbers(made.sid).update_async(account_sid=sid)) == (400, code)
    assert customer.visited("/voice")[0]["AccountSid"] == tenant.sid


@virtual
async def test_another_account_neither_sees_nor_changes_nor_takes_a_number(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world:
        main = sdk(world)
        tenant = await main.api.v2010.accounts.create_async()
        own = sdk(world, tenant.sid, tenant.auth_token)
        made = await main.incoming_phone_numbers.create_async(phone_number="+14155550123")
        assert await own.incoming_phone_numbers.list_async() == []
        for work in (
            own.incoming_phone_numbers(made.sid).fetch_async(),
            own.incoming_phone_numbers(made.sid).update_async(voice_url=f"{HOST}/x"),
            own.incoming_phone_numbers(made.sid).update_async(account_sid=tenant.sid),
            own.incoming_phone_numbers(made.sid).delete_async(),
        ):
            assert await refused(work) == (404, 20404)
        assert await refused(own.incoming_phone_numbers.create_async(phone_number="+14155550123")) == (400, 21422)
        assert await refused(own.incoming_phone_numbers.create_async(phone_number=NUMBER)) == (400, 21422)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 21421),
        ({"PhoneNumber": "nobody"}, 21421),
        ({"PhoneNumber": NUMBER}, 21422),
        ({"AreaCode": "41"}, 21451),
        ({"AreaCode": "415"}, 21452),
        ({"PhoneNumber": "+14155550123", "VoiceUrl": "ftp://x"}, 21402),
        ({"PhoneNumber": "+14155550123", "StatusCallbackMethod": "PUT"}, 21403),
        ({"PhoneNumber": "+14155550123", "VoiceFallbackUrl": "http://a.example/"}, 21405),
        ({"PhoneNumber": "+14155550123", "SmsFallbackUrl": "http://a.example/"}, 21406),
        ({"PhoneNumber": "+14155550123", "VoiceApplicationSid": "AP1"}, 21420),
        ({"PhoneNumber": "+14155550123", "VoiceApplicationSid": "AP" + "0" * 32}, 21420),
        ({"PhoneNumber": "+14155550123", "FriendlyName": "x" * 65}, 20001),
        ({"PhoneNumber": "+14155550123", "VoiceReceiveMode": "telex"}, 20001),
        ({"PhoneNumber": "+14155550123", "TrunkSid": "1"}, 20001),
    ],
)
@virtual
async def test_what_is_wrong_with_a_number_has_its_code_and_takes_none(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(f"{ALL}/IncomingPhoneNumbers.json", data=form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        listed = (await client.get(f"{ALL}/IncomingPhoneNumbers.json")).json()["incoming_phone_numbers"]
        assert [each["phone_number"] for each in listed] == [NUMBER]


@virtual
async def test_numbers_of_the_pool_are_offered_until_they_are_taken(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), available_number=POOL) as world:
        main = sdk(world)
        countries = await main.available_phone_numbers.list_async()
        assert [(each.country_code, each.country) for each in countries] == [("GB", "United Kingdom"), ("US", "United States")]
        assert countries[0].subresource_uris["toll_free"] == f"{ALL}/AvailablePhoneNumbers/GB/TollFree.json"
        assert (await main.available_phone_numbers("gb").fetch_async()).country == "United Kingdom"
        offered = await main.available_phone_numbers("US").local.list_async(area_code="415")
        assert [each.phone_number for each in offered] == ["+14155550100", "+14155550101", "+14155550102"]
        first = offered[0]
        assert (first.friendly_name, first.locality, first.region) == ("(415) 555-0100", "San Francisco", "CA")
        assert (first.iso_country, first.capabilities["voice"], first.latitude) == ("US", True, None)
        assert [each.phone_number for each in await main.available_phone_numbers("US").toll_free.list_async()] == ["+18005550100"]
        assert [each.phone_number for each in await main.available_phone_numbers("GB").mobile.list_async()] == ["+447400000001"]
        bought = await main.incoming_phone_numbers.create_async(area_code="415")
        assert bought.phone_number == "+14155550100"
        assert len(await main.available_phone_numbers("US").local.list_async()) == 2
        free = await main.incoming_phone_numbers.toll_free.create_async(phone_number="+18005550100")
        assert (await main.incoming_phone_numbers(free.sid).fetch_async()).type == "toll-free"
        assert await main.available_phone_numbers("US").toll_free.list_async() == []
        assert await refused(main.incoming_phone_numbers.create_async(phone_number="+18005550100")) == (400, 21422)
        assert await refused(main.incoming_phone_numbers.create_async(phone_number="+14155559999")) == (400, 21422)
        assert await refused(main.incoming_phone_numbers.mobile.create_async(phone_number="+14155550101")) == (400, 21422)
        await main.incoming_phone_numbers(bought.sid).delete_async()
        assert len(await main.available_phone_numbers("US").local.list_async()) == 3
        assert await refused(main.available_phone_numbers("FR").fetch_async()) == (404, 20404)
        assert await refused(main.available_phone_numbers("FR").local.list_async()) == (404, 20404)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"AreaCode": "212"}, 0),
        ({"Contains": "5550101"}, 1),
        ({"Contains": "415555010*"}, 3),
        ({"Contains": "KJL0102"}, 1),
        ({"Contains": "+1555"}, 0),
        ({"InRegion": "CA", "InLocality": "San Francisco"}, 3),
        ({"InRegion": "NY"}, 0),
        ({"VoiceEnabled": "true"}, 3),
        ({"SmsEnabled": "true"}, 0),
        ({"PageSize": "2"}, 2),
    ],
    ids=str,
)
@virtual
async def test_offers_are_filtered(tmp_path: Path, filters: dict[str, str], found: int) -> None:
    async with World(tmp_path, Customer(), available_number=POOL) as world, world.client() as client:
        answer = (await client.get(f"{ALL}/AvailablePhoneNumbers/US/Local.json", params=filters)).json()
        assert (len(answer["available_phone_numbers"]), answer["next_page_uri"]) == (found, None)


@pytest.mark.parametrize(("filters", "code"), [({"AreaCode": "x"}, 21451), ({"Contains": "a%b"}, 20001)])
@virtual
async def test_a_filter_that_cannot_be_meant_has_its_code(tmp_path: Path, filters: dict[str, str], code: int) -> None:
    async with World(tmp_path, Customer(), available_number=POOL) as world, world.client() as client:
        answer = await client.get(f"{ALL}/AvailablePhoneNumbers/US/Local.json", params=filters)
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@virtual
async def test_a_number_of_the_settings_keeps_its_age_over_restarts(tmp_path: Path) -> None:
    ages = []
    for _ in range(2):
        async with World(tmp_path, Customer()) as world:
            (found,) = await sdk(world).incoming_phone_numbers.list_async()
            ages.append((found.sid, found.date_created))
    assert ages[0] == ages[1]


def test_the_same_number_twice_in_the_settings_is_refused() -> None:
    twice = [
        {"phone_number": "+15550100", "voice_url": "http://a.example/"},
        {"phone_number": "15550100", "voice_url": "http://b/"},
    ]
    with pytest.raises(ValueError, match="same phone_number"):
        Settings.model_validate({"number": twice})
