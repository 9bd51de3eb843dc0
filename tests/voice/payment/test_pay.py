"""Whole calls that pay, with a connector behind the client's transport."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from twilio.request_validator import RequestValidator

from media.dtmf import tones
from sip.fake import FakeCall
from tests.voice.exchange import ACCOUNT, Answer, Customer, World, virtual
from voice.calls.secrecy import LINGER_SECONDS
from voice.recording.take import Wish, channels_of
from voice.settings import Media, PaymentConnector
from voice.story.follower import collect
from voice.story.trace import render

PAN, CODE = "4111111111111111", "987"
CONNECTOR = PaymentConnector(url="https://pay.example/pay", username="strowger", password="open sesame")
PAY = "<Pay chargeAmount='20.45' statusCallback='/told' action='/paid'><Parameter name='order' value='7'/></Pay>"


def _made(**fields: Any) -> httpx.Response:
    return httpx.Response(200, json={"error_code": None, "error_message": None, **fields})


def _customer(answer: Answer | None = None, document: str = PAY) -> Customer:
    return Customer(
        {"/voice": document, "/paid": "<Hangup/>", "/told": "", "/status": "", "/pay": answer or _made(charge_id="ch_1")}
    )


def _world(folder: Path, customer: Customer, *connectors: PaymentConnector) -> World:
    return World(folder, customer, payment_connector=connectors or (CONNECTOR,))


async def _type(world: World, call: FakeCall, code: str = CODE) -> None:
    """A caller who waits for each question to begin."""
    await world.until(lambda: call.answered)
    for number, keys in enumerate((f"{PAN}#", "1239", "94105#", code), start=1):
        await world.until(lambda wanted=number: len(world.customer.visited("/told")) >= wanted)  # type: ignore[misc]
        call.press(keys)


def _asked(customer: Customer) -> list[dict[str, Any]]:
    return [json.loads(visit.body) for visit in customer.visits if visit.path == "/pay"]


def _files(folder: Path) -> Iterator[str]:
    return (path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


@virtual
async def test_a_card_is_charged_and_leaves_no_trace(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    customer = _customer()
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await _type(world, call)
        await world.ended(call)
        journal = world.journal()
    order = _asked(customer)[0]
    assert order.pop("transaction_id")
    assert order == {
        "method": "charge",
        "amount": "20.45",
        "currency_code": "USD",
        "cardnumber": PAN,
        "expiry_month": "12",
        "expiry_year": "39",
        "cvv": CODE,
        "postal_code": "94105",
        "description": "",
        "parameters": {"order": "7"},
    }
    told = customer.visited("/paid")[0]
    assert (told["Result"], told["PaymentConfirmationCode"], told["PaymentCardNumber"], told["CallStatus"]) == (
        "success", "ch_1", "xxxxxxxxxxxx1111", "in-progress",
    )  # fmt: skip
    printed = capfd.readouterr()
    for text in (
        *_files(tmp_path),
        "\n".join(render(collect(told["CallSid"], world.journals.read), full=True)),
        printed.out,
        printed.err,
    ):
        kept = re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}|[0-9]+\.[0-9]+|[0-9]+ ms", "", text)
        assert not [secret for secret in (PAN, CODE, "94105", "1239") if secret in kept]
    assert [entry.data for entry in journal if entry.kind == "digit"] == [{"secret": True}] * 30
    payment = next(entry.data for entry in journal if entry.kind == "payment")
    assert (payment["connector"], payment["method"], payment["outcome"], payment["code"]) == ("Default", "charge", "settled", 0)


@virtual
async def test_the_connector_can_tell_that_the_switch_asks(tmp_path: Path) -> None:
    """Basic authentication, and a signature over the address with the hash of the body in it (section 3.9)."""
    customer = _customer()
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await _type(world, call)
        await world.ended(call)
    visit = next(visit for visit in customer.visits if visit.path == "/pay")
    assert httpx.BasicAuth("strowger", "open sesame")._auth_header == visit.headers["authorization"]
    assert visit.headers["content-type"] == "application/json"
    validator = RequestValidator(ACCOUNT.auth_token)
    assert validator.validate(visit.url, visit.body, visit.headers["x-twilio-signature"])
    assert not validator.validate(visit.url, visit.body + " ", visit.headers["x-twilio-signature"])


@pytest.mark.parametrize(
    ("answer", "code", "words"),
    [
        (_made(charge_id=None, error_code="card_declined", error_message="Declined"), 64008, "Declined"),
        (httpx.Response(402, json={"error_code": 51, "error_message": None}), 64008, "error 51"),
        (_made(error_message=f"Bad card {PAN} or {CODE}"), 64008, "Bad card **************** or ***"),
        (_made(charge_id=f"x{PAN}"), 64008, "repeats"),
        (_made(), 64008, "neither"),
        (httpx.Response(200, json=[1]), 64008, "neither"),
        (httpx.Response(200, text="<html>"), 64008, "neither"),
        (httpx.Response(401), 64009, "credentials"),
        (httpx.Response(500, text=PAN), 64002, "500"),
        (httpx.Response(307, headers={"Location": "https://evil.example/"}), 64002, "307"),
        (httpx.Response(200, text="x" * 100_000), 64002, "larger"),
    ],
)
@virtual
async def test_a_connector_that_refuses_or_misbehaves(tmp_path: Path, answer: httpx.Response, code: int, words: str) -> None:
    customer = _customer(answer)
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await _type(world, call)
        await world.ended(call)
        assert code in world.reports()
    told = customer.visited("/paid")[0]
    assert (told["Result"], told["PayErrorCode"]) == ("payment-connector-error", str(code))
    assert words in told["PaymentError"]
    assert len(_asked(customer)) == 1
    assert not any(PAN in text for text in _files(tmp_path))


@virtual
async def test_a_connector_that_is_silent_is_given_up_and_not_asked_twice(tmp_path: Path) -> None:
    customer = _customer()
    customer.delays["/pay"] = 60
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await _type(world, call)
        await world.ended(call)
    assert customer.visited("/paid")[0]["PayErrorCode"] == "64002"
    assert len(_asked(customer)) == 1


@virtual
async def test_a_token_is_made_without_an_amount(tmp_path: Path) -> None:
    customer = _customer(_made(token_id="tok_1", profile_id="cus_1"), "<Pay statusCallback='/told' action='/paid'/>")
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await _type(world, call)
        await world.ended(call)
    order = _asked(customer)[0]
    assert (order["method"], order["token_type"], "amount" in order) == ("tokenize", "reusable", False)
    told = customer.visited("/paid")[0]
    assert (told["PaymentToken"], told["ProfileId"]) == ("tok_1", "cus_1")


@pytest.mark.parametrize(
    ("attributes", "abilities", "code"),
    [
        ("paymentConnector='Other'", {}, 64004),
        ("", {"operations": ("charge",)}, 64005),
        ("tokenType='one-time'", {"token_types": ("reusable",)}, 64006),
        ("chargeAmount='1'", {"operations": ("tokenize",)}, 64007),
        ("chargeAmount='1' currency='eur'", {"currencies": ("USD",)}, 64011),
        ("paymentMethod='ach-debit'", {"payment_methods": ("credit-card",)}, 64013),
        ("", {"required_parameters": ("AVSName",)}, 64014),
        ("", {"required_parameters": ("order",)}, 64015),
    ],
)
@virtual
async def test_what_a_connector_cannot_do_is_told_before_the_caller_types(
    tmp_path: Path, attributes: str, abilities: dict[str, Any], code: int
) -> None:
    customer = _customer(document=f"<Pay {attributes} statusCallback='/told' action='/paid'/>")
    async with _world(tmp_path, customer, CONNECTOR.model_copy(update=abilities)) as world:
        call = world.call()
        await world.ended(call)
        assert code in world.reports()
    told = customer.visited("/paid")[0]
    assert (told["Result"], told["PayErrorCode"]) == ("payment-connector-error", str(code))
    assert not _asked(customer)


@virtual
async def test_a_charge_that_was_sent_is_noted_though_the_caller_hung_up(tmp_path: Path) -> None:
    customer = _customer()
    customer.delays["/pay"] = 5
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await _type(world, call)
        await world.until(lambda: bool(_asked(customer)))
        call.hang_up()
        await world.ended(call)
        assert customer.visited("/paid")[0]["Result"] == "caller-hung-up"
        await world.connectors.drain(10)
        await world.until(lambda: any(entry.kind == "payment" for entry in world.journal()))
        assert next(entry.data["outcome"] for entry in world.journal() if entry.kind == "payment") == "settled"


@virtual
async def test_keys_are_ordinary_again_after_the_payment(tmp_path: Path) -> None:
    """But not at once: a caller who was given up goes on typing."""
    customer = _customer(document="<Pay maxAttempts='1' timeout='1' statusCallback='/told' action='/paid'/>")
    customer.answers["/paid"] = "<Gather timeout='30' numDigits='3'/>"
    async with _world(tmp_path, customer) as world:
        call = world.call()
        await world.until(lambda: call.answered)
        call.press("4111")
        await world.until(lambda: bool(customer.visited("/paid")))
        call.press("1")
        await world.until(lambda: any(entry.kind == "verb" and entry.data["name"] == "Gather" for entry in world.journal()))
        ended = world.resources.now()
        await world.until(lambda: world.resources.now() > ended + LINGER_SECONDS)
        call.press("2")
        call.hang_up()
        await world.ended(call)
        noted = [entry.data for entry in world.journal() if entry.kind == "digit"]
    assert noted == [{"secret": True}] * 5 + [{"digit": "2"}]


@virtual
async def test_keys_in_the_audio_are_not_recorded(tmp_path: Path) -> None:
    """They are dual tones that anyone could read off the recording."""
    customer = _customer(document="<Pay maxAttempts='1' statusCallback='/told' action='/paid'/>")
    customer.answers["/paid"] = "<Pause length='4'/>"
    customer.delays["/voice"] = 1.0
    async with World(tmp_path, customer, payment_connector=(CONNECTOR,), media=Media(detect_inband_digits=True)) as world:
        call = world.call()
        await world.until(lambda: bool(len(world.registry)))
        line = next(iter(world.registry))
        wish = Wish("StartCallRecordingAPI", "inbound")
        take = world.recordings.start(line.call, channels_of(line.row, wish), wish)
        await world.until(lambda: bool(customer.visited("/told")))
        call.say(tones("4111#", 8000))
        await world.until(lambda: bool(customer.visited("/paid")))
        call.say(tones("5", 8000))
        await world.ended(call)
        take.stop()
        await world.until(lambda: not len(world.recordings))
    assert customer.visited("/paid")[0]["PaymentError"] == "invalid-card-number"
    with wave.open(str(next(tmp_path.rglob("*.wav")))) as file:
        recorded = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    heard = np.flatnonzero(np.abs(recorded) > 100)
    assert 0 < heard[-1] - heard[0] < 0.5 * 8000, "one key, after the payment"
