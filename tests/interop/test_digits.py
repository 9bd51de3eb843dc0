"""Keys by RFC 4733, INFO and as tones, of SIPp and of telephones."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np

from media.dtmf import DigitDetector, tones
from tests.interop import baresip
from tests.interop.sipp import play
from tests.interop.switch import RunningSwitch, events, running_switch
from tests.interop.test_trunks import telephone
from tests.ports import free_port
from tests.sip.far import Policy, hears
from tests.telephone import Callee
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


async def test_tones_reach_who_takes_events_each_once(tmp_path: Path, webhook: Webhook) -> None:
    """baresip sends no events: its keys are nothing but sound."""
    more = "[media]\ndetect_inband_digits = true"
    said = np.concatenate((np.zeros(8000, np.int16), tones("1123#", 8000)))
    async with (
        running_switch(tmp_path, {"+15550100": webhook.url("/voice")}, more) as switch,
        baresip.answering(tmp_path / "baresip", said, 20) as uri,
        telephone(switch.address, free_port()) as phone,
    ):
        webhook.answers["/voice"] = f"<Dial><Sip>{uri}</Sip></Dial>"
        calling = phone.dial("+15550100")
        assert await calling.digits(5) == "1123#"
        calling.hang_up()
        await calling.ended()


async def test_who_takes_no_events_hears_tones_each_once(switch: RunningSwitch, webhook: Webhook) -> None:
    port, detector = free_port(), DigitDetector(1, 8000)
    detector.enable(0, on=True)
    webhook.answers["/voice"] = f"<Dial><Sip>sip:bob@127.0.0.1:{port}</Sip></Dial>"
    called = Callee()
    await called.wait(port)
    async with telephone(switch.address, free_port()) as phone:
        calling = phone.dial("+15550100")
        await calling.answered()
        calling.press("4456*")
        heard = ""
        async with asyncio.timeout(10):
            while len(heard) < 5:
                await asyncio.sleep(0.5)
                sound = called.sound
                called.forget()
                for frame in sound[: len(sound) // 160 * 160].reshape(-1, 1, 160):
                    heard += "".join(key for _, key in detector.detect(frame))
        assert heard == "4456*"
        calling.hang_up()
        await calling.ended()
    called.close()


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
