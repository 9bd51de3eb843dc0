"""Keys by RFC 4733 and INFO, sent by SIPp and a telephone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, events
from tests.interop.test_trunks import telephone
from tests.ports import free_port
from tests.sip.far import Policy, hears
from tests.webhook import Form, Webhook

CALLERS = 200


async def test_the_keys_of_a_caller_reach_the_action(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    webhook.answers["/voice"] = "<Gather numDigits='4' action='/digits'><Say>Type four digits, please.</Say></Gather>"
    webhook.answers["/digits"] = "<Hangup/>"
    (tmp_path / "digits.csv").write_text("SEQUENTIAL\n12*4\n")
    played = await play("digits", tmp_path, switch.address, options=("-inf", "digits.csv"))
    assert played.status == 0, played.output
    assert webhook.visited("/digits")[0].form["Digits"] == "12*4"


async def test_keys_are_passed_between_legs_each_once(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    """By RFC 4733 both ways, and by INFO, in both of its forms, to who takes RFC 4733."""
    port = free_port()
    webhook.answers["/voice"] = f"<Dial><Sip>sip:bob@127.0.0.1:{port}</Sip></Dial>"
    async with telephone(switch.address, port) as phone:
        phone.target("bob", Policy("answer", tone=900))
        calling = phone.dial("+15550100")
        called = await phone.called("bob")
        await hears(calling, 900)
        for one, other, keys in ((calling, called, "1123#"), (called, calling, "4456*")):
            one.press(keys)
            assert await other.digits(len(keys)) == keys
        calling.hang_up()
        await called.ended()
        playing = asyncio.create_task(play("info_digits", tmp_path, switch.address, values={"milliseconds": "1000"}))
        called = await phone.called("bob")
        await called.answered()
        assert await called.digits(2) == "5#"
        played = await playing
        assert played.status == 0, played.output
        assert await called.ended() == 200


async def test_two_hundred_callers_each_get_their_own_answer(switch: RunningSwitch, webhook: Webhook, tmp_path: Path) -> None:
    """Every caller types other digits; the action answers with a document that names them, and each call gets its own."""
    wanted = [f"{1000 + 37 * number}" for number in range(CALLERS)]

    def echo(form: Form) -> str:
        return f"<Gather timeout='1' action='/never' actionOnEmptyResult='false'/><Redirect>/said/{form['Digits']}</Redirect>"

    webhook.answers["/voice"] = "<Gather numDigits='4' timeout='20' action='/digits'><Say>Four digits, please.</Say></Gather>"
    webhook.answers["/digits"] = echo
    webhook.answers |= {f"/said/{digits}": "<Hangup/>" for digits in wanted}
    (tmp_path / "digits.csv").write_text("SEQUENTIAL\n" + "".join(f"{digits}\n" for digits in wanted))
    played = await play("digits", tmp_path, switch.address, calls=CALLERS, rate=40, options=("-inf", "digits.csv"), seconds=90)
    assert played.status == 0, played.output
    typed = {visit.form["CallSid"]: visit.form["Digits"] for visit in webhook.visited("/digits")}
    assert sorted(typed.values()) == sorted(wanted)
    said = {
        visit.form["CallSid"]: visit.path.removeprefix("/said/") for visit in webhook.visits if visit.path.startswith("/said/")
    }
    assert said == typed
    journal = await switch.finished_journal(next(iter(typed)))
    assert "".join(str(entry["digit"]) for entry in events(journal, "digit")) == next(iter(typed.values()))
