"""Why there is no audio, and how good it is, of calls with telephones that do it wrong: while they live and afterwards."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.interop.switch import SID, TOKEN, RunningSwitch, events, running_switch
from tests.metrics import objections
from tests.namespace import apart
from tests.ports import free_port
from tests.sip.carrier import Carrier
from tests.sip.rtp import Speaker
from tests.sip.talk import media_port, offer
from tests.sip.wire import Wire
from tests.webhook import Webhook, running_webhook
from voice.story.diagnosis import explain

NUMBER = "+15550100"
TONE = 600
ELSEWHERE = "10.255.255.1"
FAR = "203.0.113.9"
"""A public address, of the telephone and of the switch that it calls."""
LOOK_SECONDS = 20
"""In which the switch has looked at each call, and written down what it saw."""


@dataclass
class Talk:
    """A call from byte to byte, up to its end."""

    wire: Wire
    call_id: str
    tag: str
    port: int
    """Where the switch wants audio."""

    def say(self, method: str, cseq: int, body: str = "") -> str:
        return self.wire.request(method, body, user=NUMBER, call_id=self.call_id, to_tag=self.tag, cseq=cseq)

    def describe(self, body: str) -> None:
        """Send a re-INVITE."""
        assert self.wire.ask(self.say("INVITE", 2, body)).code == 200
        self.wire.send(self.say("ACK", 2))


@contextlib.contextmanager
def talking(switch: RunningSwitch, body: str, host: str = "127.0.0.1") -> Iterator[Talk]:
    wire = Wire.open((host, switch.sip_port), host)
    answer = wire.ask(wire.request("INVITE", body, user=NUMBER))
    assert answer.code == 200, answer
    talk = Talk(wire, answer.header("call-id"), answer.header("to").rpartition("tag=")[2], media_port(answer))
    wire.send(talk.say("ACK", 1))
    try:
        yield talk
        assert wire.ask(talk.say("BYE", 3)).code == 200
    finally:
        wire.close()


@contextlib.contextmanager
def a_good_phone(switch: RunningSwitch) -> Iterator[None]:
    with Speaker(("127.0.0.1", 9), TONE, ssrc=1) as speaker, talking(switch, offer("127.0.0.1", speaker.port)) as talk:
        speaker.to = ("127.0.0.1", talk.port)
        yield


@contextlib.contextmanager
def a_mute_phone(switch: RunningSwitch) -> Iterator[None]:
    with talking(switch, offer("127.0.0.1", free_port())):
        yield


@contextlib.contextmanager
def a_phone_behind_a_nat(switch: RunningSwitch) -> Iterator[None]:
    with talking(switch, offer(ELSEWHERE, 4000)) as talk, Speaker(("127.0.0.1", talk.port), TONE, ssrc=2):
        yield


@contextlib.contextmanager
def a_phone_that_nothing_comes_from(switch: RunningSwitch) -> Iterator[None]:
    with talking(switch, offer(ELSEWHERE, 4000)):
        yield


@contextlib.contextmanager
def somebody_elses_packets(switch: RunningSwitch) -> Iterator[None]:
    with talking(switch, offer(ELSEWHERE, 4000)) as talk, Speaker(("127.0.0.1", talk.port), TONE, ssrc=3) as noise:
        noise.step = 1_000
        yield


@contextlib.contextmanager
def a_phone_that_holds(switch: RunningSwitch) -> Iterator[None]:
    with Speaker(("127.0.0.1", 9), TONE, ssrc=5) as speaker:
        body = offer("127.0.0.1", speaker.port)
        with talking(switch, body) as talk:
            speaker.to = ("127.0.0.1", talk.port)
            talk.describe(body.replace("o=- 1 1", "o=- 1 2") + "a=sendonly\r\n")
            yield


Phone = Callable[[RunningSwitch], contextlib.AbstractContextManager[None]]
CASES: dict[Phone, tuple[str, str]] = {
    a_good_phone: ("both ways|came unevenly", "both ways|came unevenly"),
    a_mute_phone: ("No audio has come from the far end", "No audio has come from the far end"),
    a_phone_behind_a_nat: (rf"instead of {ELSEWHERE}:4000 \(a NAT\)|came unevenly", r"\(a NAT\)|came unevenly"),
    a_phone_that_nothing_comes_from: ("a private address: a NAT between us", "a private address: a NAT between us"),
    somebody_elses_packets: ("Packets come from 127.0.0.1:", "Packets come from 127.0.0.1:"),
    a_phone_that_holds: ("has put the call on hold", "has put the call on hold"),
}
"""What is said of a phone's call while it lives, and afterwards."""


async def test_each_reason_is_told_while_the_call_lives_and_afterwards(tmp_path: Path, webhook: Webhook) -> None:
    webhook.answers["/voice"] = "<Echo/>"
    urls = {NUMBER: webhook.url("/voice")}
    async with running_switch(tmp_path, urls) as switch:
        live: dict[Phone, tuple[str, str]] = {}
        sids: dict[Phone, str] = {}
        with contextlib.ExitStack() as phones:
            for phone in CASES:
                await asyncio.to_thread(phones.enter_context, phone(switch))
                sids[phone] = (await webhook.wait_for("/voice", len(sids) + 1)).form["CallSid"]
            async with asyncio.timeout(LOOK_SECONDS):
                while not all(events(switch.journal(sid), "quality") for sid in sids.values()):
                    await asyncio.sleep(0.1)
            for phone, sid in sids.items():
                answer = await switch.client.get(f"/2010-04-01/Accounts/{SID}/Calls/{sid}/Quality.json", auth=(SID, TOKEN))
                live[phone] = (answer.json()["explanation"], explain(switch.journal(sid)))
            text = (await switch.client.get("/metrics")).text
            await asyncio.to_thread(phones.close)
        assert objections(text) == []
        (looks,) = re.findall(r"^strowger_live_audio_mos_count (\d+)", text, re.MULTILINE)
        assert int(looks) >= len(CASES)
        for phone, (said_live, said_after) in CASES.items():
            for said in live[phone]:
                assert re.search(said_live, said), (phone, said)
            after = explain(await switch.finished_journal(sids[phone]))
            assert re.search(said_after, after), (phone, after)


@pytest.mark.parametrize(("callee", "said"), [("refuses-codecs", "does not say what"), ("speaks-otherwise", "names G729")])
async def test_sides_without_a_common_codec_are_told(tmp_path: Path, webhook: Webhook, callee: str, said: str) -> None:
    _, carrier = await asyncio.get_running_loop().create_datagram_endpoint(Carrier, local_addr=("127.0.0.1", 0))
    async with running_switch(tmp_path, {}) as switch:
        sid = (await switch.place(carrier.uri(callee), webhook.url("/voice"))).json()["sid"]
        journal = await switch.finished_journal(sid)
        answer = await switch.client.get(f"/2010-04-01/Accounts/{SID}/Calls/{sid}/Quality.json", auth=(SID, TOKEN))
    carrier.close()
    assert answer.json()["explanation"] == explain(journal)
    assert "no codec or encryption in common" in explain(journal)
    assert said in explain(journal)


async def test_a_call_that_offers_no_codec_of_ours_is_counted_and_explained(tmp_path: Path) -> None:
    async with running_switch(tmp_path, {}) as switch:
        wire = Wire.open(("127.0.0.1", switch.sip_port))
        body = offer("127.0.0.1", 4000).replace("RTP/AVP 0", "RTP/AVP 18").replace("0 PCMU", "18 G729")
        assert (await asyncio.to_thread(wire.ask, wire.request("INVITE", body, user=NUMBER))).code == 488
        wire.close()
        async with asyncio.timeout(5):
            while 'strowger_calls_refused_total{status="488"} 1.0' not in (await switch.client.get("/metrics")).text:
                await asyncio.sleep(0.1)
        assert await switch.logged("no codec or encryption in common: the far end names G729")


async def test_an_address_that_cannot_be_reached_from_there_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with (
            running_webhook() as webhook,
            running_switch(
                tmp_path, {NUMBER: webhook.url("/voice")}, sip='bind = "0.0.0.0"\nexternal_address = "10.1.2.3"'
            ) as switch,
        ):
            webhook.answers["/voice"] = "<Gather timeout='60'/>"
            with contextlib.ExitStack() as phones:
                await asyncio.to_thread(phones.enter_context, talking(switch, offer(FAR, 4000), FAR))
                sid = (await webhook.wait_for("/voice")).form["CallSid"]
                answer = await switch.client.get(f"/2010-04-01/Accounts/{SID}/Calls/{sid}/Quality.json", auth=(SID, TOKEN))
                await asyncio.to_thread(phones.close)
            for said in answer.json()["explanation"], explain(await switch.finished_journal(sid)):
                assert f"We asked {FAR} to send its audio to 10.1.2.3" in said

    await apart(scenario, f"{FAR}/32")
