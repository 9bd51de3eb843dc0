"""Streams between real telephones and real WebSocket servers (spec sections 2.13 and 5.1)."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from twilio.request_validator import RequestValidator
from websockets.asyncio.server import ServerConnection, serve

from media.g711 import decode_mulaw, encode_mulaw
from tests.interop.switch import TOKEN, RunningSwitch, events
from tests.ports import free_port
from tests.sip.far import PhoneProcess, Policy, hears
from tests.sip.sound import dominant
from tests.webhook import Webhook

NUMBER = "+15550100"
SECONDS = 15
WINDOW = 3200

Behaviour = Callable[["Application", ServerConnection], Awaitable[None]]


@dataclass
class Application:
    """A WebSocket server that keeps what it is sent, and does what a test wants."""

    behaviour: Behaviour
    url: str = ""
    connections: list[ServerConnection] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def serve(self, connection: ServerConnection) -> None:
        self.connections.append(connection)
        await self.behaviour(self, connection)

    async def keep(self, message: str | bytes) -> dict[str, Any]:
        """Take a message."""
        read: dict[str, Any] = json.loads(message)
        async with self.changed:
            self.messages.append(read)
            self.changed.notify_all()
        return read

    def every(self, event: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["event"] == event]

    def pitch(self, track: str) -> int:
        """The strongest frequency of the last 0.4 s; 0 is silence."""
        media = [message["media"] for message in self.every("media") if message["media"]["track"] == track]
        codes = b"".join(base64.b64decode(each["payload"]) for each in media[-WINDOW // 160 :])
        return dominant(decode_mulaw(np.frombuffer(codes, np.uint8)))

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something is true of what was sent."""
        async with asyncio.timeout(SECONDS), self.changed:
            await self.changed.wait_for(holds)


async def listen(application: Application, connection: ServerConnection) -> None:
    """Keep everything until the switch closes."""
    async for message in connection:
        await application.keep(message)


@contextlib.asynccontextmanager
async def running(behaviour: Behaviour) -> AsyncIterator[Application]:
    application = Application(behaviour)
    async with serve(application.serve, "127.0.0.1", 0) as server:
        application.url = f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/audio"
        yield application


async def test_both_sides_of_a_conversation(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    async with running(listen) as application:
        bob = phone.target("bob", Policy("answer", tone=900))
        webhook.answers["/voice"] = (
            f"<Start><Stream name='a' url='{application.url}' track='both_tracks' statusCallback='/told'>"
            f"<Parameter name='tenant' value='t42'/></Stream></Start><Dial><Sip>{bob}</Sip></Dial>"
        )
        webhook.answers["/told"] = ""
        alice = phone.dial(NUMBER)
        alice.say(500)
        called = await phone.called("bob")
        await application.until(lambda: (application.pitch("inbound"), application.pitch("outbound")) == (500, 900))
        called.hang_up()
        await alice.ended()
        await application.until(lambda: bool(application.every("stop")))
        numbers = [int(message["sequenceNumber"]) for message in application.messages[1:]]
        assert numbers == list(range(1, len(numbers) + 1))
        assert application.messages[0]["event"] == "connected"
        assert application.messages[1]["start"]["customParameters"] == {"tenant": "t42"}
        told = [(await webhook.wait_for("/told", count)).form["StreamEvent"] for count in (1, 2)]
        assert told == ["stream-started", "stream-stopped"]
        request = application.connections[0].request
        assert request is not None
        assert RequestValidator(TOKEN).validate(application.url, {}, request.headers["X-Twilio-Signature"])
        await application.connections[0].wait_closed()
        assert application.connections[0].close_code == 1000


async def test_a_stream_that_is_stopped_while_the_call_goes_on(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    async with running(listen) as application:
        webhook.answers["/voice"] = (
            f"<Start><Stream name='a' url='{application.url}'/></Start><Gather numDigits='1' timeout='60'/>"
        )
        alice = phone.dial(NUMBER)
        alice.say(500)
        await application.until(lambda: application.pitch("inbound") == 500)
        webhook.answers["/voice"] = "<Stop><Stream name='a'/></Stop><Gather timeout='60'/>"
        alice.press("1")
        await application.until(lambda: bool(application.every("stop")))
        assert await switch.metric("strowger_streams_live") == 0
        assert await alice.heard() == 0
        alice.hang_up()


async def echo(application: Application, connection: ServerConnection) -> None:
    """Say whatever is heard."""
    async for text in connection:
        message = await application.keep(text)
        if message["event"] == "media":
            answer = {"event": "media", "streamSid": message["streamSid"], "media": {"payload": message["media"]["payload"]}}
            await connection.send(json.dumps(answer))


async def test_a_caller_hears_what_the_application_sends_back(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    async with running(echo) as application:
        webhook.answers["/voice"] = f"<Connect action='/done'><Stream url='{application.url}'/></Connect>"
        webhook.answers["/done"] = "<Hangup/>"
        alice = phone.dial(NUMBER)
        alice.say(500)
        await hears(alice, 500)
        alice.say(1300)
        await hears(alice, 1300)
        alice.press("12#")
        await application.until(lambda: [each["dtmf"]["digit"] for each in application.every("dtmf")] == ["1", "2", "#"])
        await application.connections[0].close()
        await webhook.wait_for("/done")
        await alice.ended()


def tone(seconds: float, hz: int = 900) -> list[str]:
    """The payloads of a tone, 20 ms each."""
    time = np.arange(round(seconds * 8000)) / 8000
    codes = encode_mulaw((8000 * np.sin(2 * np.pi * hz * time)).astype(np.int16)).tobytes()
    return [base64.b64encode(codes[at : at + 160]).decode() for at in range(0, len(codes), 160)]


async def test_marks_and_clears(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    """A mark comes back when the caller has heard it all; a clear silences and gives back what waits."""

    async def talk(application: Application, connection: ServerConnection) -> None:
        await application.keep(await connection.recv())
        sid = (await application.keep(await connection.recv()))["streamSid"]
        for seconds, name in ((0.5, "short"), (60.0, "long")):
            for payload in tone(seconds):
                await connection.send(json.dumps({"event": "media", "streamSid": sid, "media": {"payload": payload}}))
            await connection.send(json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": name}}))
        async for text in connection:
            message = await application.keep(text)
            if message["event"] == "dtmf":
                await connection.send(json.dumps({"event": "clear", "streamSid": sid}))

    async with running(talk) as application:
        webhook.answers["/voice"] = f"<Connect><Stream url='{application.url}'/></Connect>"
        alice = phone.dial(NUMBER)
        await hears(alice, 900)
        await application.until(lambda: [each["mark"]["name"] for each in application.every("mark")] == ["short"])
        before = application.messages.index(application.every("mark")[0])
        # Half a second is 25 ticks; what was heard in the last of them follows the mark.
        assert len([each for each in application.messages[:before] if each["event"] == "media"]) >= 24
        # A key may be faster than the clock of a switch that gets no processor: some ticks of what follows must have been.
        await application.until(lambda: sum(each["event"] == "media" for each in application.messages[before:]) >= 10)
        alice.press("1")
        await application.until(lambda: [each["mark"]["name"] for each in application.every("mark")] == ["short", "long"])
        await hears(alice, 0)
        alice.hang_up()
        await application.until(lambda: bool(application.every("stop")))
        sid = webhook.visited("/voice")[0].form["CallSid"]
        journal = events(await switch.finished_journal(sid), "stream")
        heard = {str(entry["name"]): (entry["event"], entry["heard"], entry["of"]) for entry in journal if "heard" in entry}
        assert heard["short"] == ("mark", 500, 500)
        event, milliseconds, total = heard["long"]
        assert (event, total) == ("clear", 60_000)
        assert 0 < int(str(milliseconds)) < 30_000


async def die(application: Application, connection: ServerConnection) -> None:
    await application.keep(await connection.recv())
    connection.transport.abort()


async def die_within_a_frame(application: Application, connection: ServerConnection) -> None:
    await application.keep(await connection.recv())
    connection.transport.write(b"\x81\x7e\x10\x00{")
    connection.transport.close()


async def send_garbage(application: Application, connection: ServerConnection) -> None:
    connection.transport.write(b"\xff" * 1000)
    await connection.wait_closed()


async def close_in_anger(application: Application, connection: ServerConnection) -> None:
    await connection.close(1011, "no more")


async def close(application: Application, connection: ServerConnection) -> None:
    await application.keep(await connection.recv())


async def flood_and_close(application: Application, connection: ServerConnection) -> None:
    for _ in range(5_000):
        await connection.send("garbage")


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (die, 31903),
        (die_within_a_frame, 31903),
        (send_garbage, 31924),
        (close_in_anger, 31921),
        (close, 0),
        (flood_and_close, 0),
    ],
    ids=lambda each: getattr(each, "__name__", ""),
)
async def test_the_next_verb_runs_however_the_application_leaves(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook, behaviour: Behaviour, error: int
) -> None:
    async with running(behaviour) as application:
        bob = phone.target("bob", Policy("answer", tone=900))
        webhook.answers["/voice"] = (
            f"<Connect><Stream url='{application.url}' statusCallback='/told'/></Connect><Dial><Sip>{bob}</Sip></Dial>"
        )
        webhook.answers["/told"] = ""
        alice = phone.dial(NUMBER)
        await hears(alice, 900)
        told = (await webhook.wait_for("/told", 2)).form
        assert told["StreamEvent"] == ("stream-error" if error else "stream-stopped")
        assert told.get("StreamError", "0 ").partition(" ")[0] == str(error)
        alice.hang_up()


async def read_nothing(application: Application, connection: ServerConnection) -> None:
    """Let everything wait in the sockets."""
    connection.transport.pause_reading()
    await connection.wait_closed()


async def test_an_application_that_takes_nothing_does_not_hold_up_the_call(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    async with running(read_nothing) as application:
        bob = phone.target("bob", Policy("answer", tone=900))
        webhook.answers["/voice"] = (
            f"<Start><Stream url='{application.url}' statusCallback='/told'/></Start><Dial><Sip>{bob}</Sip></Dial>"
        )
        webhook.answers["/told"] = ""
        alice = phone.dial(NUMBER)
        await hears(alice, 900)
        alice.hang_up()
        await alice.ended()
        assert (await webhook.wait_for("/told", 2)).form["StreamEvent"] == "stream-stopped"
        await switch.wait_until_idle()
        application.connections[0].transport.abort()


async def test_nobody_at_the_other_end(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook) -> None:
    bob = phone.target("bob", Policy("answer", tone=900))
    webhook.answers["/voice"] = (
        f"<Start><Stream url='ws://127.0.0.1:{free_port()}/' statusCallback='/told'/></Start><Dial><Sip>{bob}</Sip></Dial>"
    )
    webhook.answers["/told"] = ""
    alice = phone.dial(NUMBER)
    told = (await webhook.wait_for("/told")).form
    assert (told["StreamEvent"], told["StreamError"][:5]) == ("stream-error", "31902")
    await hears(alice, 900)
    alice.hang_up()
    sid = webhook.visited("/voice")[0].form["CallSid"]
    assert 31902 in [report["code"] for report in events(await switch.finished_journal(sid), "report")]
