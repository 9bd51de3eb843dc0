"""``/OutgoingCallerIds``: a call that verifies a number, and who may call with which number (spec sections 4.6 and 4.13)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sip.fake import FakeCall, FakePhone, answers, busy, rings
from tests.voice.exchange import ACCOUNT, HOST, NUMBER, Customer, World, virtual
from tests.voice.sdk import refused, sdk
from voice.errors import StoreUnavailable
from voice.settings import Dial, Trunk

OWN = "+14155550123"
ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}/OutgoingCallerIds"
CALLBACK = f"{HOST}/verified"


def world(folder: Path, customer: Customer | None = None, *, strict: bool = False) -> World:
    trunk = (Trunk(name="carrier", uri="sip:carrier"),)
    return World(folder, customer or Customer({"/verified": ""}), trunk=trunk, dial=Dial(verified_caller_ids=strict))


def owner(switch: World) -> FakePhone:
    """The phone that rings when OWN is called."""
    return switch.fake.phone(f"sip:{OWN}@carrier", answers(after=1))


async def ask(switch: World, **more: Any) -> Any:
    return await sdk(switch).validation_requests.create_async(phone_number=OWN, **more)


async def idle(switch: World) -> None:
    """Let time pass until nobody calls anybody."""
    await switch.until(lambda: not len(switch.registry) and not len(switch.switch.outbound))


async def answered(switch: World, phone: FakePhone) -> FakeCall:
    await switch.until(lambda: bool(phone.calls) and phone.calls[0].answered)
    await switch.until(lambda: len(phone.calls[0].heard) > 8000)
    return phone.calls[0]


@virtual
async def test_whoever_keys_in_the_code_has_verified_the_number(tmp_path: Path) -> None:
    customer = Customer({"/verified": ""})
    async with world(tmp_path, customer) as switch:
        phone, main = owner(switch), sdk(switch)
        request = await ask(switch, friendly_name="Desk", status_callback=CALLBACK)
        assert (request.account_sid, request.phone_number, request.friendly_name) == (ACCOUNT.sid, OWN, "Desk")
        assert (len(request.validation_code), request.validation_code.isdecimal()) == (6, True)
        call = await answered(switch, phone)
        assert await main.outgoing_caller_ids.list_async() == []
        wrong = f"{(int(request.validation_code) + 1) % 1_000_000:06}"
        call.press(wrong)
        await switch.until(lambda: len(call.heard) > 40_000)
        call.press(request.validation_code)
        await switch.ended(call)
        (found,) = await main.outgoing_caller_ids.list_async()
        assert (found.phone_number, found.friendly_name, found.account_sid) == (OWN, "Desk", ACCOUNT.sid)
        assert found.date_created is not None
        placed = await main.calls(request.call_sid).fetch_async()
        assert (placed.to, placed.direction, placed.status) == (OWN, "outbound-api", "completed")
        assert await refused(ask(switch)) == (400, 21450)
        one = main.outgoing_caller_ids(found.sid)
        assert (await one.update_async(friendly_name="Home")).friendly_name == "Home"
        assert len(await main.outgoing_caller_ids.list_async(phone_number=OWN)) == 1
        assert await main.outgoing_caller_ids.list_async(friendly_name="Desk") == []
        assert await one.delete_async()
        assert await refused(one.fetch_async()) == (404, 20404)
    (told,) = customer.visited("/verified")
    assert (told["VerificationStatus"], told["OutgoingCallerIdSid"], told["CallSid"]) == ("success", found.sid, request.call_sid)
    assert told["CallStatus"] == "completed"


@pytest.mark.parametrize("keys", ["", "000000 wrong", "silence"])
@virtual
async def test_who_does_not_know_the_code_has_verified_nothing(tmp_path: Path, keys: str) -> None:
    customer = Customer({"/verified": ""})
    async with world(tmp_path, customer) as switch:
        phone = owner(switch)
        request = await ask(switch, status_callback=CALLBACK, status_callback_method="GET")
        call = await answered(switch, phone)
        wrong = f"{(int(request.validation_code) + 1) % 1_000_000:06}"
        if not keys:
            call.hang_up()
        elif keys != "silence":
            for _ in range(3):
                said = len(call.heard)
                await switch.until(lambda: len(call.heard) > said + 60_000)  # noqa: B023 - called before the next turn
                call.press(wrong)
        await switch.ended(call)
        assert await sdk(switch).outgoing_caller_ids.list_async() == []
    (told,) = customer.visited("/verified")
    assert (told["VerificationStatus"], "OutgoingCallerIdSid" in told) == ("failed", False)
    assert customer.visits[-1].method == "GET"


@pytest.mark.parametrize(("behaviour", "status"), [(busy(), "busy"), (rings(), "no-answer")], ids=["busy", "no answer"])
@virtual
async def test_a_verification_that_nobody_answers_has_failed(tmp_path: Path, behaviour: Any, status: str) -> None:
    customer = Customer({"/verified": ""})
    async with world(tmp_path, customer) as switch:
        switch.fake.phone(f"sip:{OWN}@carrier", behaviour)
        await ask(switch, status_callback=CALLBACK)
        await switch.until(lambda: bool(customer.visits))
        await idle(switch)
    assert (customer.visits[0].form["VerificationStatus"], customer.visits[0].form["CallStatus"]) == ("failed", status)


@virtual
async def test_a_verification_waits_as_long_as_it_is_asked_to_and_dials_the_extension(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        phone = owner(switch)
        began = switch.resources.now()
        request = await ask(switch, call_delay=30, extension="12w3")
        queued = await sdk(switch).calls(request.call_sid).fetch_async()
        assert (queued.status, phone.calls) == ("queued", [])
        call = await answered(switch, phone)
        assert 30 <= switch.resources.now() - began < 35
        await switch.until(lambda: call.digits_heard == "123")
        call.hang_up()
        await switch.ended(call)
        delayed = await ask(switch, call_delay=30)
        await sdk(switch).calls(delayed.call_sid).update_async(status="canceled")
        await switch.until(lambda: not len(switch.switch.outbound), 60)
        assert len(phone.calls) == 1


@virtual
async def test_a_number_that_cannot_be_kept_is_not_verified(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    customer = Customer({"/verified": ""})
    async with world(tmp_path, customer) as switch:
        phone = owner(switch)
        request = await ask(switch, status_callback=CALLBACK)
        call = await answered(switch, phone)

        async def fail(work: object) -> None:
            raise StoreUnavailable("no space left on device")

        monkeypatch.setattr(switch.provisioning, "change", fail)
        call.press(request.validation_code)
        await switch.ended(call)
    assert customer.visited("/verified")[0]["VerificationStatus"] == "failed"


@virtual
async def test_a_customers_document_cannot_verify_anything(tmp_path: Path) -> None:
    customer = Customer({"/verified": "", "/own": "<Gather numDigits='6' action='/keys'/>", "/keys": "<Hangup/>"})
    async with world(tmp_path, customer) as switch:
        phone = owner(switch)
        request = await ask(switch)
        call = await answered(switch, phone)
        await sdk(switch).calls(request.call_sid).update_async(url=f"{HOST}/own")
        await switch.until(lambda: bool(customer.visited("/own")))
        call.press(request.validation_code)
        await switch.ended(call)
        assert customer.visited("/keys")[0]["Digits"] == request.validation_code
        assert await sdk(switch).outgoing_caller_ids.list_async() == []


@virtual
async def test_a_number_is_verified_for_one_account_only(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        phone, main = owner(switch), sdk(switch)
        tenant = await main.api.v2010.accounts.create_async()
        own = sdk(switch, tenant.sid, tenant.auth_token)
        request = await own.validation_requests.create_async(phone_number=OWN)
        call = await answered(switch, phone)
        call.press(request.validation_code)
        await switch.ended(call)
        (found,) = await own.outgoing_caller_ids.list_async()
        assert await main.outgoing_caller_ids.list_async() == []
        for work in (
            main.outgoing_caller_ids(found.sid).fetch_async(),
            main.outgoing_caller_ids(found.sid).update_async(friendly_name="x"),
            main.outgoing_caller_ids(found.sid).delete_async(),
        ):
            assert await refused(work) == (404, 20404)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 21401),
        ({"PhoneNumber": "nobody"}, 21401),
        ({"PhoneNumber": OWN, "CallDelay": "61"}, 21454),
        ({"PhoneNumber": OWN, "Extension": "1,2"}, 21455),
        ({"PhoneNumber": OWN, "StatusCallback": "nowhere"}, 21402),
        ({"PhoneNumber": OWN, "StatusCallbackMethod": "PUT"}, 21403),
        ({"PhoneNumber": OWN, "FriendlyName": "x" * 65}, 20001),
    ],
)
@virtual
async def test_a_wrong_request_has_its_code_and_calls_nobody(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with world(tmp_path) as switch, switch.client() as client:
        answer = await client.post(f"{ALL}.json", data=form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert len(switch.switch.outbound) == 0


@virtual
async def test_a_number_that_may_not_be_called_cannot_be_verified(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), dial=Dial(allowed_prefixes=("+49",))) as switch, switch.client() as client:
        answer = await client.post(f"{ALL}.json", data={"PhoneNumber": OWN})
        assert (answer.status_code, answer.json()["code"]) == (400, 21215)


@virtual
async def test_any_number_may_be_shown_unless_the_settings_mind(tmp_path: Path) -> None:
    async with world(tmp_path) as switch:
        owner(switch)
        made = await sdk(switch).calls.create_async(to=OWN, from_="+19995550000", twiml="<Response/>")
        assert made.status == "queued"
        await idle(switch)


@virtual
async def test_only_numbers_of_the_account_are_shown_when_the_settings_say_so(tmp_path: Path) -> None:
    async with world(tmp_path, strict=True) as switch:
        phone, main = owner(switch), sdk(switch)
        tenant = await main.api.v2010.accounts.create_async()
        own = sdk(switch, tenant.sid, tenant.auth_token)

        async def code(client: Any, from_: str, to: str = OWN, **more: str) -> int:
            work = client.calls.create_async(to=to, from_=from_, twiml="<Response/>", **more)
            return (await refused(work))[1]

        assert await code(main, "+19995550000") == 21210
        assert await code(main, OWN) == 21210
        assert await code(own, NUMBER) == 21210
        assert await code(main, NUMBER, caller_id="+19995550000") == 21210
        for from_, to in ((NUMBER, OWN), ("client:alice", OWN), ("alice", "sip:bob@far.example")):
            assert (await main.calls.create_async(to=to, from_=from_, twiml="<Response/>")).sid
        await idle(switch)
        phone.calls.clear()
        request = await ask(switch)
        call = await answered(switch, phone)
        call.press(request.validation_code)
        await switch.ended(call)
        assert (await main.calls.create_async(to=OWN, from_=OWN, twiml="<Response/>")).sid
        assert await code(own, OWN) == 21210
        await idle(switch)


@pytest.mark.parametrize(
    ("caller", "status"),
    [("+19995550000", "failed"), (NUMBER, "completed"), ("+15550001", "completed"), ("desk", "completed")],
    ids=["nobody's", "the number called", "the caller's", "a name"],
)
@virtual
async def test_a_dial_shows_no_strangers_number_either(tmp_path: Path, caller: str, status: str) -> None:
    customer = Customer({"/voice": f"<Dial callerId='{caller}' action='/dialled'><Number>{OWN}</Number></Dial>"})
    customer.answers |= {"/dialled": "<Hangup/>", "/status": ""}
    async with world(tmp_path, customer, strict=True) as switch:
        phone = switch.fake.phone(f"sip:{OWN}@carrier", answers())
        call = switch.call()
        await switch.until(lambda: call.ended or (bool(phone.calls) and phone.calls[0].answered))
        for each in phone.calls:
            each.hang_up()
        await switch.ended(call)
        assert (13214 in switch.reports()) == (status == "failed")
    assert customer.visited("/dialled")[0]["DialCallStatus"] == status
