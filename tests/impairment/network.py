"""A switch and telephones on two sides of a bad network, and how well they hear each other through it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from media.frame import Samples
from tests.impairment import speech
from tests.impairment.router import Order
from tests.impairment.weather import Weather
from tests.interop.switch import SID, TOKEN, RunningSwitch, running_switch
from tests.webhook import Webhook

RATES = {"PCMU": speech.NARROW, "PCMA": speech.NARROW, "G722": speech.WIDE, "opus": speech.WIDE}
"""Of each codec, what its quality is measured at."""
NUMBER = "+15550100"
PRIVATE = "192.168.50.2"
FIRST_PORT = 5062
MOVED_AFTER = 4.0
MOVED_SECONDS, MOST_SECONDS = 13, 40
"""After which a telephone hangs up: where the NAT has moved, the switch does not know how to reach it."""
DOCUMENT = """
<Start><Recording track="inbound" recordingStatusCallback="/recorded"/></Start>
<Play>{speech}</Play><Pause length="1"/><Hangup/>
"""


CLEAR = Weather()


@dataclass(frozen=True, slots=True)
class Case:
    """What lies between the two."""

    name: str
    weather: Weather = CLEAR
    translated: bool = False
    """Whether the telephone is behind a NAT."""
    moves: bool = False
    """Whether the NAT gets another address in mid-call."""


BAD = Weather(loss=0.05, jitter=0.04, overtaken=0.05, doubled=0.05)
CASES = (
    Case("nothing"),
    Case("5 % lost", Weather(loss=0.05)),
    Case("40 ms jitter", Weather(jitter=0.04)),
    Case("10 % overtaken", Weather(overtaken=0.1)),
    Case("10 % doubled", Weather(doubled=0.1)),
    Case("all of these, 5 % each", BAD),
    Case("NAT", translated=True),
    Case("NAT whose address changes", translated=True, moves=True),
)


@dataclass(frozen=True, slots=True)
class Hearing:
    """What one side has heard of what the other has said."""

    said: Path
    heard: Path
    rate: int

    def quality(self) -> float:
        """PESQ."""
        return speech.score(*self._samples(), self.rate)

    def share(self) -> float:
        """How much of it was heard at all."""
        return speech.share_heard(*self._samples(), self.rate)

    def _samples(self) -> tuple[Samples, Samples]:
        return speech.read(self.said, self.rate), speech.read(self.heard, self.rate)


@dataclass(frozen=True, slots=True)
class Conversation:
    """What the switch and the telephone heard, and who has hung up."""

    switch: Hearing
    telephone: Hearing
    ended_by: str


@contextlib.asynccontextmanager
async def routed(case: Case, seed: int) -> AsyncIterator[tuple[Order, asyncio.subprocess.Process]]:
    """A namespace for telephones, and a router between it and us; needs root."""
    namespace, network = f"telephones-{os.getpid()}", f"10.98.{os.getpid() % 250}"
    outside = f"{network}.77" if case.translated else ""
    far = f"{PRIVATE}/24" if case.translated else f"{network}.2/24"
    order = Order(namespace, f"{network}.1/24", far, outside, seed, case.weather)
    await _run("ip", "netns", "add", namespace)
    try:
        pipe = asyncio.subprocess.PIPE
        command = (sys.executable, "-m", "tests.impairment.router", order.to_json())
        router = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe)
        assert router.stdin is not None
        assert router.stdout is not None
        try:
            assert await router.stdout.readline() == b"ready\n"
            yield order, router
        finally:
            router.stdin.close()
            await router.wait()
    finally:
        await _run("ip", "netns", "delete", namespace)


async def converse(case: Case, codecs: tuple[str, ...], folder: Path, webhook: Webhook, seed: int = 1) -> dict[str, Conversation]:
    """Call once with each codec, all at a time; the telephones and the switch say the same to each other."""
    said = await asyncio.to_thread(speech.synthesize, folder)
    webhook.answers["/speech"] = said.read_bytes()
    webhook.answers["/voice"] = DOCUMENT.format(speech=webhook.url("/speech"))
    webhook.answers["/recorded"] = ""
    async with routed(case, seed) as (order, router):
        host = order.near.partition("/")[0]
        more = "[media]\nsample_rate = 16000"
        async with running_switch(folder, {NUMBER: webhook.url("/voice")}, more, sip=f'bind = "{host}"') as switch:
            telephones = [Telephone(codec, f"sip:{NUMBER}@{host}:{switch.sip_port}", folder, said) for codec in codecs]
            async with asyncio.TaskGroup() as calling:
                ended = [calling.create_task(telephone.call(order, case)) for telephone in telephones]
                if case.moves:
                    calling.create_task(_move(router, order))
            recorded = await _recorded(switch, webhook, telephones)
    return {
        telephone.codec: Conversation(
            telephone.hearing(recorded[telephone.codec]), telephone.hearing(telephone.heard), by.result()
        )
        for telephone, by in zip(telephones, ended, strict=True)
    }


@dataclass(frozen=True, slots=True)
class Telephone:
    """One of them, with one codec."""

    codec: str
    target: str
    folder: Path
    said: Path

    @property
    def heard(self) -> Path:
        """What it has heard."""
        return self.folder / f"{self.codec}.wav"

    async def call(self, order: Order, case: Case) -> str:
        """Who has ended the call, once it is over; raises AssertionError when there was none."""
        port, seconds = FIRST_PORT + 2 * list(RATES).index(self.codec), MOVED_SECONDS if case.moves else MOST_SECONDS
        words = (port, self.target, self.codec, RATES[self.codec], self.said, self.heard, seconds)
        output = await _run(
            *("ip", "netns", "exec", order.namespace, sys.executable, "-m", "tests.impairment.phone"),
            *(order.far.partition("/")[0], *map(str, words)),
        )
        found = re.fullmatch(r"answered\nended \d+ (they|we)\n", output)
        assert found is not None, output
        return found[1]

    def hearing(self, heard: Path) -> Hearing:
        """Of what was said at this rate."""
        return Hearing(self.said, heard, RATES[self.codec])


async def _move(router: asyncio.subprocess.Process, order: Order) -> None:
    """Have the NAT get another address while everybody talks."""
    assert router.stdin is not None
    await asyncio.sleep(MOVED_AFTER)
    router.stdin.write(f"{order.outside[:-1]}8\n".encode())


async def _recorded(switch: RunningSwitch, webhook: Webhook, telephones: list[Telephone]) -> dict[str, Path]:
    """What the switch has recorded of each telephone."""
    await webhook.wait_for("/recorded", len(telephones))
    callers = {visit.form["CallSid"]: visit.form["From"] for visit in webhook.visited("/voice")}
    found = {}
    for told in webhook.visited("/recorded"):
        for telephone in telephones:
            if f":{telephone.codec}@" in callers[told.form["CallSid"]]:
                found[telephone.codec] = telephone.folder / f"{telephone.codec}-recorded.wav"
                audio = await switch.client.get(told.form["RecordingUrl"], auth=(SID, TOKEN))
                found[telephone.codec].write_bytes(audio.content)
    return found


async def _run(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0, command
    return output.decode()
