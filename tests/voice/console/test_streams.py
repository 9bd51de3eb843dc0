"""What is pushed to pages and heard there, and when that ends."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import StreamingResponse

from media.g711 import decode_mulaw
from tests.voice.exchange import NUMBER, Customer, World, virtual
from voice.calls.line import Line
from voice.console.board import Board
from voice.console.listening import ListeningDesk
from voice.console.push import MOST_VIEWERS, Pushes
from voice.console.rooms import Rooms
from voice.console.stories import Stories


def _request(sid: str = "") -> Request:
    return Request({"type": "http", "path_params": {"sid": sid}, "headers": [], "client": ("192.0.2.9", 1)})


def _board(world: World) -> Board:
    return Board(world.registry, world.studio.taps.levels, lambda: [("calls_limit", "", 500.0)], world.resources.now)


def _stories(world: World) -> Stories:
    return Stories(world.registry, world.journals, world.database, world.studio.taps)


async def _lines(world: World) -> list[Line]:
    await world.until(lambda: len(world.registry) > 0)
    return list(world.registry)


async def _next(messages: AsyncIterator[str], wanted: str) -> dict[str, Any]:
    """The first message with a certain thing in it."""
    async for text in messages:
        told: dict[str, Any] = json.loads(text or "{}")
        if told.get(wanted):
            return told
    raise AssertionError(f"no {wanted}")


@virtual
async def test_viewers_get_the_whole_picture_and_then_what_changes(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Say>Hello</Say><Pause length='600'/>"})) as world:
        messages = _board(world).messages()
        first = json.loads(await anext(messages))
        assert (first["all"], first["count"], first["state"]) == ([], 0, {"calls_limit": 500.0})
        call = world.call()
        told = await _next(messages, "put")
        assert [each["to"] for each in told["put"]] == [NUMBER]
        await world.until(lambda: call.answered)
        call.say([8000, -8000] * 40_000)
        levels = await _next(messages, "levels")
        assert list(levels["levels"]) == [told["put"][0]["sid"]]
        call.hang_up()
        assert (await _next(messages, "gone"))["gone"] == [told["put"][0]["sid"]]


@virtual
async def test_one_picture_serves_all_viewers_and_who_is_late_gets_all_of_it(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Pause length='600'/>"})) as world:
        board = _board(world)
        early, late = board.messages(), board.messages()
        assert await anext(early) == await anext(late)
        for _ in range(20):
            world.call()
            assert (await _next(early, "put"))["put"]
        assert len((await _next(late, "all"))["all"]) == 20


@virtual
async def test_who_is_together_is_gathered_once_for_all_viewers(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Enqueue waitUrl='/music'>support</Enqueue>", "/music": "<Pause length='600'/>"})
    async with World(tmp_path, customer) as world:
        rooms = Rooms(world.conferences, world.queues, world.registry, world.accounts, world.resources.now)
        early, late = rooms.messages(), rooms.messages()
        first = await anext(early)
        assert json.loads(first) == {"conferences": [], "queues": []}
        assert await anext(late) is first
        world.call()
        people: list[str] = []
        while not people:
            (queue,) = (await _next(early, "queues"))["queues"]
            people = [each["to"] for each in queue["people"]]
        assert (queue["name"], people) == ("support", [NUMBER])


@virtual
async def test_a_stream_ends_when_its_viewer_has_signed_out_or_the_switch_stops(tmp_path: Path) -> None:
    async def messages() -> AsyncIterator[str]:
        while True:
            yield "told"

    state = {"draining": False, "known": True}
    pushes = Pushes(lambda: state["draining"], lambda request: state["known"])
    for name in ("draining", "known"):
        answer = pushes.begin(_request(), messages())
        assert isinstance(answer, StreamingResponse)
        body = answer.body_iterator
        assert [await anext(body) for _ in range(3)][1:] == ["data: told\n\n"] * 2  # type: ignore[call-overload]
        state[name] = not state[name]
        assert [part async for part in body] == []
        state[name] = not state[name]
    full = [pushes.begin(_request(), messages()) for _ in range(MOST_VIEWERS)]
    for answer in full:
        assert isinstance(answer, StreamingResponse)
        await anext(answer.body_iterator)  # type: ignore[call-overload]
    assert pushes.begin(_request(), messages()).status_code == 503


@virtual
async def test_a_story_is_told_on_until_the_call_is_over_and_no_longer(tmp_path: Path) -> None:
    async with World(tmp_path, Customer({"/voice": "<Say>Hello</Say><Pause length='3'/>"})) as world:
        world.call()
        (line,) = await _lines(world)
        parts = [json.loads(text) async for text in _stories(world).follow(line.call.sid) if text]
        assert [part["over"] for part in parts] == [False] * (len(parts) - 1) + [True]
        kinds = [told["kind"] for part in parts for told in part["lines"]]
        whole = await _stories(world).tell(line.call.sid)
        assert whole is not None
        assert sorted(kinds) == sorted(told["kind"] for told in whole["lines"])
        assert kinds.count("levels") > 3, "they are told as they come, not only every five seconds"
        assert [text async for text in _stories(world).follow("CA" + "0" * 32)] == []


@virtual
async def test_both_directions_of_a_call_are_heard_until_it_ends(tmp_path: Path) -> None:
    async with World(
        tmp_path, Customer({"/voice": "<Say>Hello everybody, here is the switch.</Say><Pause length='600'/>"})
    ) as world:
        desk = ListeningDesk(world.registry, world.studio.taps, lambda request: True)
        call = world.call()
        await world.until(lambda: call.answered)
        (line,) = world.registry
        call.say([8000] * 80_000)
        answer = await desk.listen(_request(line.call.sid))
        assert isinstance(answer, StreamingResponse)
        heard, said = 0, 0
        async for frame in answer.body_iterator:
            assert isinstance(frame, bytes)
            assert len(frame) == 320
            samples = decode_mulaw(np.frombuffer(frame, np.uint8))
            heard, said = max(heard, int(abs(samples[:160]).max())), max(said, int(abs(samples[160:]).max()))
            if heard > 7000 and said > 1000:
                call.hang_up()
        assert heard > 7000
        assert said > 1000
        assert (await desk.listen(_request(line.call.sid))).status_code == 409
        assert any(entry.kind == "listening" for entry in line.call.journal.entries)
