"""A telephone pays: the shop and the connector of the samples, a real switch, and nothing of the card left anywhere."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.interop.switch import SID, TOKEN, RunningSwitch, events, running_switch
from tests.ports import free_port
from tests.sip.far import PhoneProcess, Policy, hears
from tests.telephone import Caller
from tests.webhook import Webhook

PAN, EXPIRATION, POSTCODE, CODE = "4111111111111111", "1239", "94105", "987"
KEYS = f"{PAN}#{EXPIRATION}{POSTCODE}#{CODE}"
PASSWORD = "only the switch knows"


@contextlib.asynccontextmanager
async def _flask(module: str, log: Path) -> AsyncIterator[int]:
    """One of the samples, as a customer would run it; yields its port."""
    port = free_port()
    environment = {**os.environ, "TWILIO_AUTH_TOKEN": TOKEN, "CONNECTOR_PASSWORD": PASSWORD}
    command = (sys.executable, "-m", "flask", "--app", module, "run", "--port", str(port))
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output, env=environment)
    try:
        async with asyncio.timeout(20):
            while "Running on" not in log.read_text():
                await asyncio.sleep(0.1)
        yield port
    finally:
        process.terminate()
        await process.wait()


def _connector(url: str) -> str:
    return f'[[payment_connector]]\nurl = "{url}"\nusername = "strowger"\npassword = "{PASSWORD}"'


async def _entry(switch: RunningSwitch, kind: str, **wanted: object) -> dict[str, object]:
    """Wait until the one call there was has an entry of this kind in its journal."""
    async with asyncio.timeout(30):
        while True:
            for path in (switch.data_dir / "journals").glob("CA*.jsonl"):
                for data in events(switch.journal(path.stem), kind):
                    if wanted.items() <= data.items():
                        return data
            await asyncio.sleep(0.1)


def _leftovers(folder: Path) -> list[str]:
    """Where what was typed can be read; the SIDs, times and addresses of a call are no typing."""
    found = []
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_bytes().decode("latin-1")
            text = re.sub(r"[0-9a-f]{32}|[0-9a-f-]{36}|[0-9]+\.[0-9]+|[0-9]+ ms|:[0-9]{4,5}|=[0-9]{9,}", "", text)
            found += [f"{path.name}: {secret}" for secret in (PAN, CODE, POSTCODE) if re.search(rf"(?<!\w){secret}(?!\w)", text)]
    return found


async def test_a_telephone_pays_in_the_sample_shop(tmp_path: Path) -> None:
    async with (
        _flask("samples.shop", tmp_path / "shop.log") as shop,
        _flask("samples.connector", tmp_path / "connector.log") as connector,
        running_switch(
            tmp_path,
            {"+15550100": f"http://127.0.0.1:{shop}/voice"},
            _connector(f"http://127.0.0.1:{connector}/payments"),
        ) as switch,
    ):
        phone = PhoneProcess(switch.address, free_port(), lambda user: "")
        await phone.start()
        try:
            caller = phone.dial("+15550100")
            await caller.answered()
            await _entry(switch, "verb", name="Pay")
            caller.press(KEYS)
            assert (await _entry(switch, "payment"))["outcome"] == "settled"
            await _entry(switch, "ended")
            assert (await _entry(switch, "left", name="Pay"))["outcome"] == "success"
        finally:
            await phone.stop()
    assert "charge of …11" in (tmp_path / "connector.log").read_text()
    assert _leftovers(tmp_path) == []


async def test_keys_by_info_leave_no_trace_either(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Pay action='/paid'/>"
    webhook.answers["/paid"] = "<Hangup/>"
    async with (
        _flask("samples.connector", tmp_path / "connector.log") as connector,
        running_switch(
            tmp_path, {"+15550100": webhook.url("/voice")}, _connector(f"http://127.0.0.1:{connector}/payments")
        ) as switch,
    ):
        caller = Caller("+15550100", switch.sip_port, 1)
        await caller.call()
        await _entry(switch, "verb", name="Pay")
        for key in KEYS:
            caller.press(key)
            await asyncio.sleep(0.05)
        await asyncio.wait_for(caller.ended, 30)
        paid = webhook.visited("/paid")[0].form
        assert (paid["Result"], paid["PaymentCardNumber"]) == ("success", "xxxxxxxxxxxx1111")
        assert paid["PaymentToken"].startswith("tok_")
        journal = await switch.finished_journal(paid["CallSid"])
        infos = [text for data in events(journal, "sip") if (text := str(data["text"])).startswith("INFO ")]
        assert len(infos) == len(KEYS)
        assert not any("Signal" in text for text in infos)
    assert _leftovers(tmp_path) == []


@pytest.mark.parametrize("password", ["", "wrong"])
async def test_the_sample_connector_takes_orders_from_the_switch_alone(tmp_path: Path, webhook: Webhook, password: str) -> None:
    webhook.answers["/voice"] = "<Pay action='/paid'/>"
    webhook.answers["/paid"] = "<Hangup/>"
    async with _flask("samples.connector", tmp_path / "connector.log") as connector:
        settings = _connector(f"http://127.0.0.1:{connector}/payments").replace(PASSWORD, password)
        async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}, settings) as switch:
            caller = Caller("+15550100", switch.sip_port, 1)
            await caller.call()
            await _entry(switch, "verb", name="Pay")
            caller.press(KEYS)
            await asyncio.wait_for(caller.ended, 30)
            assert webhook.visited("/paid")[0].form["PayErrorCode"] == "64009"


async def test_an_agent_on_the_phone_hears_no_keys_and_is_heard_all_the_time(tmp_path: Path, webhook: Webhook) -> None:
    """While a piece is typed the two phones are not connected in the network layer, and are again after it."""
    webhook.answers |= {"/told": "", "/done": "<Hangup/>"}
    numbers = {"+15550100": webhook.url("/voice")}
    connector = _connector("https://payments.example.com/charge")
    async with running_switch(tmp_path, numbers, connector) as switch:
        phone = PhoneProcess(switch.address, free_port(), lambda user: "")
        await phone.start()
        try:
            agent = phone.target("agent", Policy("answer", tone=900))
            webhook.answers["/voice"] = f"<Dial action='/done'><Sip>{agent}</Sip></Dial>"
            caller = phone.dial("+15550100")
            caller.say(500)
            called = await phone.called("agent")
            await hears(caller, 900)
            await hears(called, 500)
            call_sid = webhook.visited("/voice")[0].form["CallSid"]
            address = f"/2010-04-01/Accounts/{SID}/Calls/{call_sid}/Payments"

            async def ask(path: str, key: str, **form: str) -> dict[str, str]:
                data = {"IdempotencyKey": key, "StatusCallback": webhook.url("/told"), **form}
                answer = await switch.client.post(f"{path}.json", data=data, auth=(SID, TOKEN))
                assert answer.is_success, answer.text
                made: dict[str, str] = answer.json()
                return made

            made = await ask(address, "begin")
            await ask(f"{address}/{made['sid']}", "number", Capture="payment-card-number")
            await hears(called, 0)
            await hears(caller, 900)
            caller.press(f"{PAN}#")
            await hears(called, 500)
            await hears(caller, 900)
            done = next(visit.form for visit in webhook.visited("/told") if visit.form.get("PartialResult") == "false")
            assert done["PaymentCardNumber"] == "xxxxxxxxxxxx1111"
            caller.press("5")
            assert await called.digits(1) == "5"
        finally:
            await phone.stop()
        await switch.finished_journal(call_sid)
    assert _leftovers(tmp_path) == []
