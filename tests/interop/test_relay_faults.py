"""ConversationRelay with applications that misbehave, on real calls and real sockets: the call goes on, and the journal says why."""

from __future__ import annotations

import asyncio
import contextlib
import http
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from tests.interop.switch import RunningSwitch, events
from tests.sip.far import PhoneProcess, Policy
from tests.webhook import Webhook

SECONDS = 30
ALL = 5_000
"""Messages of a flood."""

Behaviour = Callable[[ServerConnection], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Case:
    """An application, and what becomes of the session."""

    behave: Behaviour
    status: str = "failed"
    code: str = "64105"
    attributes: str = ""
    report: int = 64105
    """What has to be in the journal; 0 is nothing."""


async def _say(connection: ServerConnection, kind: str, **content: object) -> None:
    await connection.send(json.dumps({"type": kind, **content}))


async def die(connection: ServerConnection) -> None:
    await connection.recv()
    connection.transport.abort()


async def die_within_a_frame(connection: ServerConnection) -> None:
    await connection.recv()
    connection.transport.write(b"\x81\x7e\x10\x00{")
    connection.transport.close()


async def send_garbage(connection: ServerConnection) -> None:
    connection.transport.write(b"\xff" * 1000)
    await connection.wait_closed()


async def send_nonsense(connection: ServerConnection) -> None:
    for wrong in ("{", b"\xff\x00", "[" * 100_000, '{"type":5}', "null") * 3:
        await connection.send(wrong)
    await connection.wait_closed()


async def send_too_much(connection: ServerConnection) -> None:
    with contextlib.suppress(Exception):
        await connection.send("a" * 3_000_000)
    await connection.wait_closed()


async def close_in_anger(connection: ServerConnection) -> None:
    await connection.close(1011, "no more")


async def leave(connection: ServerConnection) -> None:
    await connection.recv()


async def flood(connection: ServerConnection) -> None:
    for number in range(ALL):
        await _say(connection, "text", token=f"Sentence number {number}. ", last=True)
    async for raw in connection:
        if "too much" in json.loads(raw).get("description", ""):
            break
    await _say(connection, "end", handoffData="flooded")
    await connection.wait_closed()


def _returns() -> Behaviour:
    seen = []

    async def die_and_return(connection: ServerConnection) -> None:
        seen.append(json.loads(await connection.recv()))
        if len(seen) < 3:
            connection.transport.abort()
            return
        assert len({each["sessionId"] for each in seen}) == 1
        await _say(connection, "end", handoffData="back again")
        await connection.wait_closed()

    return die_and_return


CASES = {
    "dies": Case(die),
    "within-a-frame": Case(die_within_a_frame),
    "garbage": Case(send_garbage),
    "nonsense": Case(send_nonsense),
    "too-much": Case(send_too_much),
    "anger": Case(close_in_anger),
    "leaves": Case(leave),
    "floods": Case(flood, "ended", "", report=64111),
    "returns": Case(_returns(), "ended", "", "applicationReconnect='true'", report=0),
}


@contextlib.asynccontextmanager
async def applications(behaviours: dict[str, Behaviour]) -> AsyncIterator[str]:
    """One server with a path for each; the path ``refuses`` is no WebSocket."""

    async def behave(connection: ServerConnection) -> None:
        assert connection.request is not None
        await behaviours[connection.request.path.strip("/")](connection)

    def refuse(connection: ServerConnection, request: Request) -> Response | None:
        return connection.respond(http.HTTPStatus.FORBIDDEN, "no") if request.path == "/refuses" else None

    async with serve(behave, "127.0.0.1", 0, process_request=refuse, max_size=None) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


def relay(url: str, name: str, attributes: str = "") -> str:
    return f"<Connect action='/over-{name}'><ConversationRelay url='{url}/{name}' {attributes}/></Connect>"


async def place(switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook, name: str) -> str:
    """Call a telephone that answers; the CallSid."""
    placed = await switch.place(phone.target(name, Policy("answer")), webhook.url(f"/{name}"))
    assert placed.status_code == 201, placed.text
    return str(placed.json()["sid"])


async def test_the_call_goes_on_however_the_application_fails(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    cases = {**CASES, "refuses": Case(leave, code="64102", report=64102)}
    async with applications({name: case.behave for name, case in cases.items()}) as url:
        sids = {}
        for name, case in cases.items():
            webhook.answers[f"/{name}"] = relay(url, name, case.attributes)
            webhook.answers[f"/over-{name}"] = "<Pause length='1'/>"
            sids[name] = await place(switch, phone, webhook, name)
        outcomes: dict[str, Any] = {}
        for name, case in cases.items():
            form = (await webhook.wait_for(f"/over-{name}", seconds=SECONDS)).form
            outcomes[name] = (form["SessionStatus"], form.get("ErrorCode", ""), form["CallStatus"])
            journal = await switch.finished_journal(sids[name])
            codes = {entry["code"] for entry in events(journal, "report")}
            assert (case.report in codes) if case.report else not codes, (name, codes)
            over = [entry for entry in events(journal, "relay") if entry["event"] == "over"]
            assert [entry["status"] for entry in over] == [case.status], name
        assert outcomes == {name: (case.status, case.code, "in-progress") for name, case in cases.items()}
        await switch.wait_until_idle()


async def test_an_application_that_neither_reads_nor_speaks_holds_nobody_up(
    switch: RunningSwitch, phone: PhoneProcess, webhook: Webhook
) -> None:
    connections: list[ServerConnection] = []

    async def silent(connection: ServerConnection) -> None:
        await connection.recv()
        connections.append(connection)
        await connection.wait_closed()

    async def deaf(connection: ServerConnection) -> None:
        connection.transport.pause_reading()
        connections.append(connection)
        await connection.wait_closed()

    async with applications({"silent": silent, "deaf": deaf}) as url:
        for name in ("silent", "deaf"):
            webhook.answers[f"/{name}"] = relay(url, name, "welcomeGreeting='Hello.' dtmfDetection='true'")
            webhook.answers[f"/over-{name}"] = ""
            await place(switch, phone, webhook, name)
            call = await phone.called(name)
            async with asyncio.timeout(SECONDS):
                while not connections:
                    await asyncio.sleep(0.1)
            call.press("1")
            await asyncio.sleep(0.5)
            call.hang_up()
            form = (await webhook.wait_for(f"/over-{name}", seconds=SECONDS)).form
            assert (form["SessionStatus"], form["CallStatus"]) == ("completed", "completed")
            connections.pop().transport.abort()
        await switch.wait_until_idle()
