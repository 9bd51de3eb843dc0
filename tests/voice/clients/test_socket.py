"""The WebSocket of pages, by a client of the ``websockets`` package: signs of life, and those who do not behave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
import pytest
from starlette.applications import Starlette
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.serving import serving as serve
from tests.voice.pages import FakeMedia
from voice.accounts.accounts import Account, Accounts, Key
from voice.clients.calls import ClientCalls
from voice.clients.devices import Devices
from voice.clients.messages import LONGEST_FRAME, UserMessage
from voice.clients.reception import Reception
from voice.clients.socket import BURST, Pace, make_signalling
from voice.clients.tokens import Tokens
from voice.routing.directory import Directory
from voice.routing.phones import Phones
from voice.routing.strangers import Strangers
from voice.settings import Settings
from voice.settings import Strangers as Rules

ACCOUNT = Account("AC" + "1" * 32, "secret")
KEY = Key("SK" + "1" * 32, ACCOUNT.sid, "k" * 32)
USUAL = Rules()
FAST = Pace(keep_alive=0.05, silence=0.5, listen=0.2)


class _NoLetters:
    def receive(self, call_sid: str, message: UserMessage) -> dict[str, Any] | None:
        return None


def _reception(rules: Rules) -> Reception:
    accounts = Accounts(ACCOUNT)
    accounts.load([], [KEY])
    frame = np.zeros((4, 160), np.int16)
    calls = ClientCalls(FakeMedia(frame, frame.copy()))
    calls.start(lambda event: None)
    directory = Directory(Phones(Settings(), lambda: None), _NoTrunks())  # type: ignore[arg-type, return-value]
    return Reception(Tokens(accounts, time.time), Devices(), calls, directory, _NoLetters(), _strangers(rules))


def _strangers(rules: Rules) -> Strangers:
    return Strangers(rules, lambda source, seconds: None, lambda kind: None, time.monotonic)


class _NoTrunks:
    def numbers(self, source: str, user: str, to: str) -> list[str]:
        return []


@asynccontextmanager
async def serving(pace: Pace = FAST, rules: Rules = USUAL) -> AsyncIterator[tuple[str, Reception]]:
    """Where pages connect."""
    reception = _reception(rules)
    app = Starlette(routes=make_signalling(reception, pace))
    async with serve(app, ws="websockets-sansio", ws_max_size=524_288, ws_per_message_deflate=False) as port:
        yield f"ws://127.0.0.1:{port}", reception


def _listen(secret: str = KEY.secret) -> str:
    made = AccessToken(ACCOUNT.sid, KEY.sid, secret, identity="alice")
    made.add_grant(VoiceGrant(incoming_allow=True))
    return json.dumps({"type": "listen", "version": "1.6", "payload": {"token": made.to_jwt()}})


async def _closed(page: ClientConnection, seconds: float = 5) -> list[str]:
    """Everything until the end; the switch has to end it."""
    async with asyncio.timeout(seconds):
        heard: list[str] = []
        with contextlib.suppress(ConnectionClosed):
            async for frame in page:
                heard.append(str(frame))
        return heard


@pytest.mark.parametrize("path", ["/signal", "/pbx/signal", "/signal?.twilio.com/signal"])
async def test_a_page_that_answers_signs_of_life_stays_and_one_that_does_not_is_gone(path: str) -> None:
    async with serving() as (address, reception), connect(address + path) as page:
        await page.send(_listen())
        assert json.loads(await page.recv())["type"] == "connected"
        await page.send(json.dumps({"type": "register", "payload": {"media": {"audio": True}}}))
        assert json.loads(await page.recv())["type"] == "ready"
        for _ in range(20):
            assert await page.recv() == "\n"
            await page.send("\n")
        assert len(reception.devices) == 1
        assert set(await _closed(page)) == {"\n"}
        assert len(reception.devices) == 0


async def test_a_bad_token_is_told_before_the_end() -> None:
    async with serving() as (address, _), connect(address + "/signal") as page:
        await page.send(_listen().replace("ey", "xx"))
        heard = [json.loads(frame)["type"] for frame in await _closed(page) if frame != "\n"]
        assert heard == ["error", "close"]


async def test_who_shows_no_token_is_not_waited_for() -> None:
    async with serving() as (address, _), connect(address + "/signal") as page:
        assert set(await _closed(page)) == {"\n"}


@pytest.mark.parametrize("frame", [b"bytes", "x" * (LONGEST_FRAME + 1), "y" * 600_000])
async def test_frames_that_no_page_sends_end_the_connection_alone(frame: str | bytes) -> None:
    async with serving(Pace()) as (address, reception), connect(address + "/signal") as page, connect(address + "/signal") as eve:
        await page.send(_listen())
        await page.send('{"type": "register", "payload": {"media": {"audio": true}}}')
        await eve.send(_listen())
        await eve.send(frame)
        await _closed(eve)
        assert json.loads(await page.recv())["type"] == "connected"
        assert json.loads(await page.recv())["type"] == "ready"
        assert len(reception.devices) == 1


async def test_a_flood_ends_the_connection() -> None:
    async with serving(Pace()) as (address, _), connect(address + "/signal") as page:
        await page.send(_listen())
        with contextlib.suppress(ConnectionClosed):
            for _ in range(10 * BURST):
                await page.send("\n")
        with contextlib.suppress(ConnectionClosed):
            await _closed(page)
        with pytest.raises(ConnectionClosed):
            await page.send("\n")


async def test_a_page_that_does_not_read_is_not_waited_for() -> None:
    async with serving(Pace(keep_alive=0.05, silence=60)) as (address, reception), connect(address + "/signal") as page:
        await page.send(_listen())
        await page.send('{"type": "register", "payload": {"media": {"audio": true}}}')
        async with asyncio.timeout(10):
            while not len(reception.devices):
                await asyncio.sleep(0.01)
            page.transport.pause_reading()
            (device,) = reception.devices.of(ACCOUNT.sid, "alice")
            while device.connected:
                for _ in range(50):
                    device.send("z" * 100_000)
                await asyncio.sleep(0.01)
        page.transport.abort()


async def test_who_guesses_is_no_longer_let_in() -> None:
    async with serving(Pace(), Rules(failures=3, trusted=())) as (address, _):
        for _ in range(4):
            async with connect(address + "/signal") as eve:
                await eve.send(_listen(secret="x" * 32))
                assert [json.loads(frame)["payload"].get("error", {}).get("code") for frame in await _closed(eve)] == [
                    31201,
                    None,
                ]
        with pytest.raises(InvalidStatus):
            await connect(address + "/signal")


async def test_who_has_shown_a_token_is_not_banned_with_his_neighbours() -> None:
    async with serving(Pace(), Rules(failures=3, trusted=())) as (address, _):
        async with connect(address + "/signal") as alice:
            await alice.send(_listen())
            await alice.recv()
        for _ in range(4):
            async with connect(address + "/signal") as eve:
                await eve.send(_listen(secret="x" * 32))
                await _closed(eve)
        async with connect(address + "/signal") as alice:
            await alice.send(_listen())
            assert json.loads(await alice.recv())["type"] == "connected"


async def test_a_page_does_not_keep_the_switch_from_stopping() -> None:
    async with contextlib.AsyncExitStack() as stack:
        async with serving(Pace()) as (address, reception):
            page = await stack.enter_async_context(connect(address + "/signal"))
            await page.send(_listen())
            await page.send('{"type": "register", "payload": {"media": {"audio": true}}}')
            while json.loads(await page.recv())["type"] != "ready":
                pass
            deaf = await stack.enter_async_context(connect(address + "/signal"))
            deaf.transport.pause_reading()
        assert await _closed(page) == []
        assert page.close_code in (1001, 1012)
        assert len(reception.devices) == 0
        deaf.transport.abort()
