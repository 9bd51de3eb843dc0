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

from media.g711 import decode_mulaw
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


@pytest.fixture
async def phone(switch: RunningSwitch) -> AsyncIterator[PhoneProcess]:
    phone = PhoneProcess(switch.address, free_port(), lambda user: "")
    await phone.start()
    yield phone
    await phone.stop()


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
