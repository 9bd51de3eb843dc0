"""Payments that an agent asks for by REST while the caller talks (spec section 4.11)."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from media.dtmf import tones
from sip.fake import FakeCall, answers
from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from tests.voice.sdk import refused, sdk
from voice.calls.secrecy import LINGER_SECONDS
from voice.payment.payments import TAIL_SECONDS
from voice.recording.take import Wish, channels_of
from voice.settings import Media, PaymentConnector
from voice.story.follower import collect
from voice.story.trace import render

PAN, MASTERCARD, AMEX, CODE = "4111111111111111", "5555555555554444", "378282246310005", "987"
TOLD = "http://app.example/told"
BOB = "sip:bob@carrier"
CONNECTOR = PaymentConnector(url="https://pay.example/pay")
Told = Mapping[str, str]


def customer_of(document: str = "<Gather timeout='600'/>", **made: Any) -> Customer:
    answer = httpx.Response(200, json={"error_code": None, "error_message": None, **(made or {"charge_id": "ch_1"})})
    return Customer({"/voice": document, "/told": "", "/status": "", "/pay": answer, "/gathered": "<Hangup/>"})


def world_of(folder: Path, customer: Customer, *connectors: PaymentConnector, **settings: Any) -> World:
    return World(folder, customer, payment_connector=connectors or (CONNECTOR,), **settings)


class Agent:
    """Who asks, by REST, for what a caller types."""

    def __init__(self, world: World, client: httpx.AsyncClient, caller: FakeCall) -> None:
        self.world = world
        self.caller = caller
        self._client = client
        self._requests = 0
        self._sid = ""

    @classmethod
    async def of(cls, world: World, client: httpx.AsyncClient) -> Agent:
        """One who serves a call that is up."""
        caller = world.call()
        await world.until(lambda: caller.answered and bool(len(world.registry)))
        return cls(world, client, caller)

    @property
    def call_sid(self) -> str:
        """That of the caller."""
        return self.world.customer.visited("/voice")[0]["CallSid"]

    async def post(self, below: str = "", **form: str) -> httpx.Response:
        """A request about payments."""
        self._requests += 1
        given = {"IdempotencyKey": f"request-{self._requests}", "StatusCallback": TOLD, **form}
        path = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Calls/{self.call_sid}/Payments{below}.json"
        return await self._client.post(path, data={name: value for name, value in given.items() if value})

    async def begin(self, **form: str) -> dict[str, Any]:
        """A payment."""
        answer = await self.post(**form)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        self._sid = made["sid"]
        return made

    async def change(self, **form: str) -> httpx.Response:
        """Ask the payment for something."""
        return await self.post(f"/{self._sid}", **form)

    async def capture(self, piece: str, keys: str) -> Told:
        """Have something typed; returns the last callback of it."""
        await self.world.callbacks.drain(5)
        before = len(self.told)
        answer = await self.change(Capture=piece)
        assert answer.status_code == 202, answer.text
        self.caller.press(keys)
        await self.world.until(lambda: len(self.told) > before and self.last.get("PartialResult") == "false")
        return self.last

    async def captured(self, piece: str) -> None:
        """Let time pass until an entry is over."""
        await self.world.until(lambda: (self.last.get("Capture"), self.last.get("PartialResult")) == (piece, "false"))

    async def finish(self, status: str = "complete") -> Told:
        """Let the payment end; returns how it did."""
        answer = await self.change(Status=status)
        assert answer.status_code == 202, answer.text
        await self.world.until(lambda: "Result" in self.last)
        return self.last

    @property
    def told(self) -> list[Told]:
        """The callbacks."""
        return [*self.world.customer.visited("/told")]

    @property
    def last(self) -> Told:
        """The latest of them."""
        return self.told[-1] if self.told else {}

    async def enter_card(self) -> None:
        """All that a card needs."""
        await self.capture("payment-card-number", f"{PAN}#")
        await self.capture("expiration-date", "1239")
        await self.capture("security-code", CODE)
        await self.capture("postal-code", "94105#")


def asked(customer: Customer) -> list[dict[str, Any]]:
    return [json.loads(visit.body) for visit in customer.visits if visit.path == "/pay"]


def leftovers(folder: Path, *more: str) -> list[str]:
    """What can be read of what was typed, wherever it lies; SIDs, times and addresses are no typing."""
    texts = [*(path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file()), *more]
    kept = [re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}|[0-9]+\.[0-9]+|[0-9]+ ms", "", text) for text in texts]
    return [secret for secret in (PAN, CODE, "94105") for text in kept if secret in text]


@virtual
async def test_a_card_is_charged_piece_by_piece_and_leaves_no_trace(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    customer = customer_of()
    async with world_of(tmp_path, customer) as world, world.client() as client:
        agent = await Agent.of(world, client)
        made = await agent.begin(ChargeAmount="20.45", Parameter='{"order": 7}', Description="books")
        assert made["sid"].startswith("PK")
        assert made["call_sid"] == agent.call_sid
        await agent.enter_card()
        told = await agent.finish()
        journal = world.journal()
        await world.callbacks.drain(5)
        agent.caller.hang_up()
        await world.ended(agent.caller)
    order = asked(customer)[0]
    assert (order["method"], order["amount"], order["cardnumber"], order["expiry_month"], order["expiry_year"]) == (
        "charge", "20.45", PAN, "12", "39",
    )  # fmt: skip
    assert (order["cvv"], order["postal_code"], order["description"], order["parameters"]) == (
        CODE,
        "94105",
        "books",
        {"order": "7"},
    )
    assert (told["Result"], told["PaymentConfirmationCode"], told["PaymentCardNumber"]) == ("success", "ch_1", "xxxxxxxxxxxx1111")
    assert (told["SecurityCode"], told["ChargeAmount"], told["Sid"]) == ("xxx", "20.45", made["sid"])
    printed = capfd.readouterr()
    trace = "\n".join(render(collect(agent.call_sid, world.journals.read), full=True))
    assert leftovers(tmp_path, trace, printed.out, printed.err) == []
    assert [entry.data for entry in journal if entry.kind == "digit"] == [{"secret": True}] * 30
    assert len(agent.told) == agent.told.index(told) + 1


@virtual
async def test_every_key_is_told_and_shows_nothing_of_a_number_that_is_not_whole(tmp_path: Path) -> None:
    customer = customer_of()
    async with world_of(tmp_path, customer) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        await agent.capture("payment-card-number", MASTERCARD)
        begun, *typed, done = agent.told[1:]
    assert agent.told[0]["TokenType"] == "reusable"
    assert "Capture" not in agent.told[0]
    assert (begun["PartialResult"], begun["PaymentCardNumber"]) == ("true", "")
    assert [each["PaymentCardNumber"] for each in typed] == ["x" * length for length in range(1, 16)]
    assert {each["Required"] for each in typed} == {"payment-card-number,expiration-date,postal-code,security-code"}
    assert (done["PaymentCardNumber"], done["PaymentCardType"]) == ("xxxxxxxxxxxx4444", "mastercard")
    assert done["Required"] == "expiration-date,postal-code,security-code"


@pytest.mark.parametrize(
    ("piece", "keys", "error"),
    [
        ("payment-card-number", "4111111111111112#", "invalid-card-number"),
        ("payment-card-number", "6011111111111117#", "invalid-card-type"),
        ("payment-card-number", "#", "invalid-card-number"),
        ("payment-card-number", "4111", "invalid-card-number"),
        ("expiration-date", "1319", "invalid-date"),
        ("security-code", "12#", "invalid-security-code"),
        ("postal-code", "12#", "invalid-postal-code"),
    ],
)
@virtual
async def test_an_entry_that_is_not_valid_is_told_and_asked_for_again(tmp_path: Path, piece: str, keys: str, error: str) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(MinPostalCodeLength="5")
        told = await agent.capture(piece, keys)
        assert told["ErrorType"] == error
        assert piece in told["Required"].split(",")
        assert leftovers(tmp_path) == []


@virtual
async def test_a_piece_is_captured_again_as_often_as_the_agent_likes(tmp_path: Path) -> None:
    """A security code of another kind of card goes with the card."""
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        await agent.enter_card()
        told = await agent.capture("payment-card-number", AMEX)
        assert told["Required"] == "security-code"
        await agent.capture("security-code", "1234")
        assert (await agent.finish())["PaymentCardType"] == "amex"
    assert (asked(world.customer)[0]["cardnumber"], asked(world.customer)[0]["cvv"]) == (AMEX, "1234")


@virtual
async def test_a_pause_ends_an_entry_and_there_is_no_hurry_before_its_first_key(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(Timeout="7", PostalCode="false", SecurityCode="false")
        await agent.change(Capture="payment-card-number")
        began = world.resources.now()
        await world.until(lambda: world.resources.now() > began + 100)
        agent.caller.press(PAN)
        await world.until(lambda: agent.last.get("PartialResult") == "false")
        assert (agent.last["Required"], agent.last["PaymentCardType"]) == ("expiration-date", "visa")


@virtual
async def test_what_has_to_match_is_entered_twice(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(RequireMatchingInputs="payment-card-number, security-code", PostalCode="false")
        number, again = "payment-card-number", "payment-card-number-matcher"
        early = await agent.change(Capture=again)
        assert (early.status_code, early.json()["code"]) == (400, 64021)
        assert (await agent.capture(number, MASTERCARD))["Required"].split(",")[0] == again
        failed = await agent.capture(again, f"{PAN}#")
        assert failed["ErrorType"] == "input-matching-failed"
        assert failed["Required"].split(",")[:2] == [number, again]
        await agent.capture(number, MASTERCARD)
        await agent.capture(again, MASTERCARD)
        await agent.capture("expiration-date", "1239")
        assert (await agent.capture("security-code", "123"))["Required"] == "security-code-matcher"
        assert (await agent.change(Status="complete")).json()["code"] == 64019
        assert (await agent.capture("security-code-matcher", "123"))["Required"] == ""
        assert (await agent.finish())["Result"] == "success"


@virtual
async def test_an_account_becomes_a_token(tmp_path: Path) -> None:
    customer = customer_of(token_id="tok_1", profile_id="cus_1")
    async with world_of(tmp_path, customer) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(PaymentMethod="ach-debit", BankAccountType="consumer-savings", TokenType="one-time", ChargeAmount="0")
        assert (await agent.change(Capture="security-code")).json()["code"] == 64020
        await agent.capture("bank-routing-number", "121181976")
        told = await agent.capture("bank-account-number", "508862392#")
        assert (told["BankAccountNumber"], told["BankRoutingNumber"]) == ("*******92", "121181976")
        told = await agent.finish()
        assert (told["PaymentToken"], told["ProfileId"], told["BankAccountType"]) == ("tok_1", "cus_1", "consumer-savings")
    order = asked(customer)[0]
    assert (order["method"], order["token_type"], order["bankaccounttype"]) == ("tokenize", "one-time", "consumer-savings")


@virtual
async def test_a_postal_code_that_the_agent_knows_is_not_asked_for(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(PostalCode="EC1A 1BB", SecurityCode="false")
        assert (await agent.capture("payment-card-number", MASTERCARD))["Required"] == "expiration-date"
        await agent.capture("expiration-date", "1239")
        assert (await agent.finish())["PaymentCardPostalCode"] == "EC1A 1BB"
    assert asked(world.customer)[0]["postal_code"] == "EC1A 1BB"


@virtual
async def test_a_connector_that_refuses_is_told(tmp_path: Path) -> None:
    customer = customer_of(error_code="card_declined", error_message=f"Declined {PAN}")
    async with world_of(tmp_path, customer) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(ChargeAmount="1.00")
        await agent.enter_card()
        told = await agent.finish()
        assert 64008 in world.reports()
    assert (told["Result"], told["PayErrorCode"]) == ("payment-connector-error", "64008")
    assert told["ConnectorError"] == "card_declined Declined ****************"


@virtual
async def test_a_cancelled_payment_is_over_and_another_may_begin(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        first = await agent.begin()
        assert (await agent.post()).json()["code"] == 64021
        await agent.change(Capture="payment-card-number")
        agent.caller.press("4111")
        assert (await agent.finish("cancel"))["Result"] == "cancelled"
        assert (await agent.change(Capture="payment-card-number")).json()["code"] == 64021
        assert (await agent.begin())["sid"] != first["sid"]
        assert len(world.resources.payments) == 1
    assert asked(world.customer) == []


@virtual
async def test_the_same_key_is_the_same_request(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        first = await agent.begin(IdempotencyKey="once")
        assert (await agent.begin(IdempotencyKey="once"))["sid"] == first["sid"]
        await agent.enter_card()
        for _ in range(3):
            assert (await agent.change(Status="complete", IdempotencyKey="done")).status_code == 202
        await world.until(lambda: "Result" in agent.last)
        assert (await agent.change(Status="complete", IdempotencyKey="done")).status_code == 202
        await world.callbacks.drain(5)
        assert len(asked(world.customer)) == sum("Result" in each for each in agent.told) == 1


@virtual
async def test_a_star_ends_the_payment(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        await agent.change(Capture="security-code")
        agent.caller.press("1*")
        await world.until(lambda: "Result" in agent.last)
        assert agent.last["Result"] == "caller-interrupted-with-star"
        assert not len(world.resources.payments)


@virtual
async def test_a_payment_ends_with_its_call(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        await agent.change(Capture="payment-card-number")
        agent.caller.press("4111")
        await world.until(lambda: agent.last.get("PaymentCardNumber") == "xxxx")
        agent.caller.hang_up()
        await world.ended(agent.caller)
        assert agent.last["Result"] == "caller-hung-up"
        assert (await agent.change(Status="cancel")).status_code == 404


@virtual
async def test_a_charge_that_was_sent_is_told_though_the_caller_hung_up(tmp_path: Path) -> None:
    customer = customer_of()
    customer.delays["/pay"] = 5
    async with world_of(tmp_path, customer) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin(ChargeAmount="1")
        await agent.enter_card()
        await agent.change(Status="complete")
        await world.until(lambda: bool(asked(customer)))
        agent.caller.hang_up()
        await world.ended(agent.caller)
        await world.until(lambda: "Result" in agent.last)
    assert [each["Result"] for each in agent.told if "Result" in each] == ["success"]


@virtual
async def test_keys_of_an_entry_reach_no_document_and_later_ones_do(tmp_path: Path) -> None:
    """Neither does the key that was one too many."""
    customer = customer_of("<Gather timeout='600' numDigits='1' action='/gathered'/>")
    async with world_of(tmp_path, customer) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        await agent.capture("payment-card-number", MASTERCARD)
        agent.caller.press("#")
        ended = world.resources.now()
        await world.until(lambda: world.resources.now() > ended + TAIL_SECONDS + LINGER_SECONDS + 1)
        assert not customer.visited("/gathered")
        agent.caller.press("7")
        await world.ended(agent.caller)
        noted = [entry.data for entry in world.journal() if entry.kind == "digit"]
    assert customer.visited("/gathered")[0]["Digits"] == "7"
    assert noted == [{"secret": True}] * 17 + [{"digit": "7"}]


@virtual
async def test_a_bridged_agent_talks_on_and_hears_nothing_while_keys_are_typed(tmp_path: Path) -> None:
    customer = customer_of(f"<Dial><Sip>{BOB}</Sip></Dial>")
    async with world_of(tmp_path, customer, media=Media(detect_inband_digits=True)) as world, world.client() as client:
        phone = world.fake.phone(BOB, answers())
        agent = await Agent.of(world, client)
        await world.until(lambda: bool(phone.calls) and world.fake.bridged(agent.caller) is phone.calls[0])
        bob = phone.calls[0]
        await agent.begin(PostalCode="false", SecurityCode="false")
        assert (await agent.change(Capture="payment-card-number")).status_code == 202
        await world.until(lambda: world.fake.bridged(bob) is None)
        began, heard = len(bob.heard), len(agent.caller.heard)
        bob.say(np.full(16_000, 700, np.int16))
        agent.caller.say(tones(MASTERCARD, 8000))
        await world.until(lambda: agent.last.get("PartialResult") == "false")
        assert agent.last["PaymentCardNumber"] == "xxxxxxxxxxxx4444"
        assert bob.digits_heard == ""
        await world.until(lambda: world.fake.bridged(agent.caller) is bob)
        assert not np.any(bob.heard[began:])
        assert np.count_nonzero(agent.caller.heard[heard:] == 700) > 8_000
        later = len(bob.heard)
        agent.caller.say(np.full(1_600, 300, np.int16))
        await world.until(lambda: bool(np.any(bob.heard[later:] == 300)))
        await world.until(lambda: not next(iter(world.registry)).secrecy.holds)
        agent.caller.press("5")
        await world.until(lambda: bob.digits_heard == "5")


@virtual
async def test_a_callee_pays_and_the_callbacks_name_the_call_that_was_there_first(tmp_path: Path) -> None:
    customer = customer_of(f"<Dial><Sip>{BOB}</Sip></Dial>")
    async with world_of(tmp_path, customer) as world, world.client() as client:
        phone = world.fake.phone(BOB, answers())
        agent = await Agent.of(world, client)
        await world.until(lambda: bool(phone.calls) and world.fake.bridged(agent.caller) is phone.calls[0])
        leg = next(line.call.sid for line in world.registry if line.call.parent_sid)
        payments = sdk(world).calls(leg).payments
        made = await payments.create_async("a", TOLD)
        await made.update_async("b", TOLD, capture="security-code")
        phone.calls[0].press(CODE)
        await agent.captured("security-code")
        assert (made.call_sid, agent.last["CallSid"]) == (leg, agent.call_sid)
        assert agent.caller.digits_heard == ""


@virtual
async def test_keys_in_the_audio_are_not_recorded(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of(), media=Media(detect_inband_digits=True)) as world, world.client() as client:
        agent = await Agent.of(world, client)
        line = next(iter(world.registry))
        wish = Wish("StartCallRecordingAPI", "both")
        take = world.recordings.start(line.call, channels_of(line.row, wish), wish)
        await agent.begin()
        await agent.change(Capture="security-code")
        agent.caller.say(tones("123", 8000))
        await world.until(lambda: agent.last.get("SecurityCode") == "xxx")
        await world.until(lambda: not line.secrecy.conceals)
        take.stop()
        await world.until(lambda: not len(world.recordings))
    with wave.open(str(next(tmp_path.rglob("*.wav")))) as file:
        assert not np.any(np.frombuffer(file.readframes(file.getnframes()), np.int16))


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"IdempotencyKey": ""}, 20001),
        ({"StatusCallback": ""}, 20001),
        ({"StatusCallback": "/told"}, 21205),
        ({"PaymentConnector": "Other"}, 64004),
        ({"ChargeAmount": "-0.5"}, 64003),
        ({"ChargeAmount": "1000000"}, 64003),
        ({"TokenType": "many"}, 64006),
        ({"Currency": "dollars"}, 64011),
        ({"PaymentMethod": "cash"}, 64013),
        ({"BankAccountType": "consumer-checking"}, 64017),
        ({"BankAccountType": "hoard", "PaymentMethod": "ach-debit"}, 64020),
        ({"Input": "speech"}, 64020),
        ({"Timeout": "601"}, 64020),
        ({"MinPostalCodeLength": "0"}, 64020),
        ({"PostalCode": "9" * 13}, 64020),
        ({"ValidCardTypes": "visa library"}, 64020),
        ({"RequireMatchingInputs": "bank-account-number"}, 64020),
        ({"Parameter": "{'name':'foobar'}"}, 64020),
        ({"Parameter": '{"name": {"first": "x"}}'}, 64020),
        ({"Parameter": "[1]"}, 64020),
        ({"Confirmation": "true"}, 64020),
    ],
)
@virtual
async def test_what_cannot_be_begun_has_its_code(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        answer = await agent.post(**form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert not len(world.resources.payments)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, 64018),
        ({"Capture": "security-code", "Status": "cancel"}, 64018),
        ({"Capture": "shoe-size"}, 64020),
        ({"Capture": "bank-account-number"}, 64020),
        ({"Capture": "security-code-matcher"}, 64021),
        ({"Status": "paused"}, 64020),
        ({"Status": "complete"}, 64019),
        ({"Status": "cancel", "IdempotencyKey": ""}, 20001),
        ({"Status": "cancel", "StatusCallback": ""}, 20001),
    ],
)
@virtual
async def test_what_cannot_be_changed_has_its_code(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        answer = await agent.change(**form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert len(world.resources.payments) == 1


@virtual
async def test_only_a_call_of_the_account_that_is_in_progress_pays(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of()) as world, world.client() as client:
        agent = await Agent.of(world, client)
        await agent.begin()
        assert (await agent.post("/PK" + "0" * 32, Status="cancel")).status_code == 404
        world.fake.phone(BOB, lambda call: call.ring())
        main = f"/2010-04-01/Accounts/{ACCOUNT.sid}"
        form = {"To": BOB, "From": "x", "Url": "http://app.example/voice"}
        ringing = (await client.post(f"{main}/Calls.json", data=form)).json()["sid"]
        await world.until(lambda: world.registry.by_sid(ringing) is not None)
        order = {"IdempotencyKey": "1", "StatusCallback": TOLD}
        early = await client.post(f"{main}/Calls/{ringing}/Payments.json", data=order)
        assert (early.status_code, early.json()["code"]) == (400, 21220)
        assert (await client.post(f"{main}/Calls/CA{'0' * 32}/Payments.json", data=order)).status_code == 404
        branch = (await client.post("/2010-04-01/Accounts.json", data={"FriendlyName": "Branch"})).json()["sid"]
        theirs = f"/2010-04-01/Accounts/{branch}/Calls/{agent.call_sid}/Payments.json"
        assert (await client.post(theirs, data=order)).status_code == 404


@virtual
async def test_the_sdk_takes_a_payment(tmp_path: Path) -> None:
    async with world_of(tmp_path, customer_of(token_id="tok_1")) as world, world.client() as client:
        agent = await Agent.of(world, client)
        payments = sdk(world).calls(agent.call_sid).payments
        made = await payments.create_async("a", TOLD, security_code=False, postal_code=False, valid_card_types="visa mastercard")
        assert made.call_sid == agent.call_sid
        for number, (piece, keys) in enumerate((("payment-card-number", MASTERCARD), ("expiration-date", "1239"))):
            changed = await made.update_async(f"b{number}", TOLD, capture=piece)
            assert changed.sid == made.sid
            agent.caller.press(keys)
            await agent.captured(piece)
        await made.update_async("c", TOLD, status="complete")
        await world.until(lambda: agent.last.get("PaymentToken") == "tok_1")
        assert await refused(made.update_async("d", TOLD, status="cancel")) == (400, 64021)
        assert await refused(payments.create_async("e", TOLD, payment_connector="Other")) == (400, 64004)
