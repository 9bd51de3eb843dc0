"""Files of customers: cached by URL, asked for again by ETag and date, bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import httpx
import numpy as np
import pytest

from media.wav import header
from voice.sound.library import MediaLibrary
from voice.web.webhook import WebhookClient, WebhookFailure

URL = "http://h/a.ulaw"
SOUND = bytes(range(256)) * 10


class _Server:
    def __init__(self, answer: Callable[[httpx.Request], httpx.Response]) -> None:
        self.requests: list[httpx.Request] = []
        self._answer = answer

    async def serve(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self._answer(request)


def _library(answer: Callable[[httpx.Request], httpx.Response], **limits: float) -> tuple[MediaLibrary, _Server, list[float]]:
    server, moment = _Server(answer), [0.0]
    client = WebhookClient(str, transport=httpx.MockTransport(server.serve))
    return MediaLibrary(client, 8000, now=lambda: moment[0], **limits), server, moment  # type: ignore[arg-type]


def _sound(**headers: str) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Type": "audio/basic", **headers}, content=SOUND)


async def test_a_fresh_file_is_not_asked_for_again() -> None:
    library, server, moment = _library(lambda request: _sound(**{"Cache-Control": "max-age=60"}))
    first = await library.fetch(URL)
    assert library.peek(URL) is first
    moment[0] = 61
    assert library.peek(URL) is None
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("validator", "question"),
    [({"ETag": '"7"'}, "if-none-match"), ({"Last-Modified": "Mon, 01 Jan 2024 00:00:00 GMT"}, "if-modified-since")],
)
async def test_an_old_file_is_asked_for_and_not_sent_again(validator: dict[str, str], question: str) -> None:
    value = next(iter(validator.values()))
    library, server, _ = _library(
        lambda request: httpx.Response(304) if request.headers.get(question) == value else _sound(**validator)
    )
    first = await library.fetch(URL)
    assert await library.fetch(URL) is first
    assert len(server.requests) == 2


async def test_a_changed_file_is_taken_anew() -> None:
    library, server, _ = _library(lambda request: _sound(ETag=f'"{len(server.requests)}"'))
    first = await library.fetch(URL)
    assert await library.fetch(URL) is not first


async def test_callers_at_the_same_time_share_one_request() -> None:
    library, server, _ = _library(lambda request: _sound())
    both = await asyncio.gather(library.fetch(URL), library.fetch(URL))
    assert np.array_equal(*both)
    assert len(server.requests) == 1


async def test_what_was_fetched_ahead_is_there() -> None:
    library, server, _ = _library(lambda request: _sound(**{"Cache-Control": "max-age=60"}))
    library.prefetch([URL, URL])
    await library.fetch(URL)
    assert len(server.requests) == 1


async def test_the_least_used_file_makes_room() -> None:
    size = len(SOUND) * 2
    library, _, _ = _library(lambda request: _sound(**{"Cache-Control": "max-age=60"}), cache_bytes=2 * size)
    for name in ("a", "b"):
        await library.fetch(f"http://h/{name}")
    library.peek("http://h/a")
    await library.fetch("http://h/c")
    assert [library.peek(f"http://h/{name}") is not None for name in "abc"] == [True, False, True]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (httpx.Response(404), 11200),
        (httpx.Response(200, headers={"Content-Type": "audio/wav"}, content=b"<html>"), 13420),
        (httpx.Response(200, headers={"Content-Type": "audio/basic"}, content=b"a" * 9_000_000), 11750),
        (httpx.Response(200, headers={"Content-Type": "audio/basic"}, content=b"a" * 1_000_000), 13420),
    ],
    ids=["missing", "no audio", "too large", "too long"],
)
async def test_a_file_that_cannot_be_played_says_why(answer: httpx.Response, code: int) -> None:
    library, _, _ = _library(lambda request: answer, largest_file=2_000_000, longest_seconds=60)
    with pytest.raises(WebhookFailure) as failure:
        await library.fetch(URL)
    assert failure.value.code == code


async def test_a_file_of_our_own_is_read_and_not_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "own.wav"
    path.write_bytes(header(8000, 1, 800) + b"\x07\x00" * 800)

    async def ours(url: str) -> Path | None:
        return path if url == URL else None

    library, server, _ = _library(lambda request: _sound(), ours=ours, largest_file=3000)  # type: ignore[arg-type]
    assert (await library.fetch(URL)).tolist() == [7] * 800
    assert library.peek(URL) is None
    assert server.requests == []
    await library.fetch("http://h/other")
    assert len(server.requests) == 1
    path.write_bytes(header(8000, 1, 1600) + b"\x07\x00" * 1600)
    with pytest.raises(WebhookFailure, match="larger than"):
        await library.fetch(URL)
    path.unlink()
    with pytest.raises(WebhookFailure, match="cannot be read"):
        await library.fetch(URL)
