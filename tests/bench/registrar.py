"""Phones that register again and again, beside calls: what that costs, and how long they wait for their answer."""

from __future__ import annotations

import asyncio
import time

from sip.message import parse_message
from tests.bench.load import NUMBERS, RAMP, Row, Stage, callers, until_up
from tests.bench.process import look
from tests.digest import answer, challenge_in

DOMAIN = "phones.example.com"
PASSWORD = "the-same-for-all"
CONTACTS = 5_000
PERIOD = 60.0
"""Seconds between two REGISTERs of a phone."""
CALLS = 200
FIRST_RATE = 250
"""Phones that come up in a second."""
PATIENCE_SECONDS = 5.0

SETTINGS = f'[registrar]\nmin_expires = 60\n[[sip_domain]]\ndomain = "{DOMAIN}"\n[sip_domain.users]\n' + "".join(
    f'phone{number} = "{PASSWORD}"\n' for number in range(CONTACTS)
)


class Crowd(asyncio.DatagramProtocol):
    """Phones behind one address, each with a contact, a dialog and a count of its own."""

    def __init__(self, switch_port: int) -> None:
        self._switch = ("127.0.0.1", switch_port)
        self._challenges: dict[int, str] = {}
        self._uses: dict[int, int] = {}
        self._cseq: dict[int, int] = {}
        self._waiting: dict[tuple[int, int], asyncio.Future[str]] = {}
        self.transport: asyncio.DatagramTransport
        """Its socket; to be set before the first REGISTER."""

    def datagram_received(self, data: bytes, addr: tuple[str | int, int]) -> None:
        """A response, or a ping."""
        text = data.decode(errors="replace")
        message = parse_message(text)
        number, _, sequence = message.header("call-id").partition(".")
        waiting = self._waiting.pop((int(number), int(sequence)), None) if message.code else None
        if waiting is not None and not waiting.done():
            waiting.set_result(text)

    async def register(self, number: int) -> float | None:
        """One REGISTER, and a second one where the switch asks who that is; seconds of the last, None when it failed."""
        seconds, text = await self._send(number)
        if text.startswith("SIP/2.0 401"):
            self._challenges[number], self._uses[number] = challenge_in(parse_message(text).headers), 0
            seconds, text = await self._send(number)
        return seconds if text.startswith("SIP/2.0 200") else None

    async def _send(self, number: int) -> tuple[float, str]:
        sequence = self._cseq[number] = self._cseq.get(number, 0) + 1
        host, port = self.transport.get_extra_info("sockname")[:2]
        name = f"phone{number}"
        lines = [
            f"REGISTER sip:{DOMAIN} SIP/2.0",
            f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK{number}.{sequence}",
            f"From: <sip:{name}@{DOMAIN}>;tag={number}",
            f"To: <sip:{name}@{DOMAIN}>",
            f"Call-ID: {number}.{sequence}",
            f"CSeq: {sequence} REGISTER",
            f"Contact: <sip:{name}@{host}:{port}>;expires={PERIOD * 2:.0f}",
            "Max-Forwards: 70",
        ]
        if number in self._challenges:
            self._uses[number] += 1
            asked, used = self._challenges[number], self._uses[number]
            proof = answer(asked, name, PASSWORD, "REGISTER", f"sip:{DOMAIN}", count=used)
            lines.append(f"Authorization: {proof}")
        waiting = self._waiting[number, sequence] = asyncio.get_running_loop().create_future()
        began = time.monotonic()
        self.transport.sendto("\r\n".join([*lines, "Content-Length: 0", "", ""]).encode(), self._switch)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                text = await waiting
        except TimeoutError:
            self._waiting.pop((number, sequence), None)
            return PATIENCE_SECONDS, ""
        return time.monotonic() - began, text


async def many_contacts(stage: Stage) -> Row:
    """All phones register at a steady pace while calls talk."""
    switch = stage.switch
    transport, crowd = await asyncio.get_running_loop().create_datagram_endpoint(
        lambda: Crowd(switch.sip_port), local_addr=("127.0.0.1", 0)
    )
    crowd.transport = transport
    await _round(crowd, CONTACTS / FIRST_RATE)
    async with callers(stage, "talk_on", NUMBERS["menu"], CALLS, RAMP):
        await until_up(switch, CALLS)
        late = await switch.metric("strowger_ticks_late_total")
        before = look(switch.process.pid)
        seconds = await _round(crowd, PERIOD)
        after = look(switch.process.pid)
        registered = await switch.metric("strowger_contacts_registered")
        transport.close()
        good = [each for each in seconds if each is not None]
        return Row(
            f"{CONTACTS:,} contacts, {CALLS} calls",
            cpu=after.load_since(before),
            tick_p50=1000 * await switch.metric("strowger_tick_p50_seconds"),
            tick_p99=1000 * await switch.metric("strowger_tick_p99_seconds"),
            late=int(await switch.metric("strowger_ticks_late_total") - late),
            memory=after.resident_megabytes,
            failed=max(len(seconds) - len(good), CONTACTS - int(registered)),
        ).timed([1000 * each for each in good])


async def _round(crowd: Crowd, seconds: float) -> list[float | None]:
    """Every phone registers once, evenly over some seconds."""
    began, tasks = time.monotonic(), []
    for number in range(CONTACTS):
        await asyncio.sleep(began + seconds * number / CONTACTS - time.monotonic())
        tasks.append(asyncio.create_task(crowd.register(number)))
    return list(await asyncio.gather(*tasks))
