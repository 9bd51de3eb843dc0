"""Audio files of customers: fetched once, decoded once, kept by URL as long as they are fresh."""

from __future__ import annotations

import asyncio
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media.errors import AudioTooLong, NotAudio
from media.files import decode
from voice.web.webhook import Request, Response, WebhookClient, WebhookFailure

Samples = NDArray[np.int16]

NOT_AUDIO = 13420
CACHE_BYTES = 256_000_000
LARGEST_FILE = 50_000_000
LONGEST_SECONDS = 2400.0
"""Forty minutes: spec section 2.2."""
_MAX_AGE = re.compile(r"max-age=(\d+)")


@dataclass(slots=True)
class _Kept:
    samples: Samples
    validators: tuple[tuple[str, str], ...]
    """Request headers that ask whether this is still true."""
    fresh_until: float


class MediaLibrary:
    """Decoded files at the bus rate. One that is no longer fresh is asked for again, but sent again only when it changed.

    ``ours`` finds the file behind an address of this switch's own, which is read without a request, and again each time.
    """

    def __init__(
        self,
        client: WebhookClient,
        rate: int,
        *,
        cache_bytes: int = CACHE_BYTES,
        largest_file: int = LARGEST_FILE,
        longest_seconds: float = LONGEST_SECONDS,
        now: Callable[[], float] = time.monotonic,
        ours: Callable[[str], Awaitable[Path | None]] | None = None,
    ) -> None:
        self._client = client
        self._rate = rate
        self._cache_bytes = cache_bytes
        self._largest_file = largest_file
        self._longest_seconds = longest_seconds
        self._now = now
        self._ours = ours
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._held = 0
        self._under_way: dict[str, asyncio.Task[Samples]] = {}

    def peek(self, url: str) -> Samples | None:
        """The file, if it is here and fresh."""
        kept = self._kept.get(url)
        if kept is None or kept.fresh_until <= self._now():
            return None
        self._kept.move_to_end(url)
        return kept.samples

    async def fetch(self, url: str) -> Samples:
        """The file, from here or from its server; calls that ask at the same time share one request. Raises WebhookFailure."""
        known = self.peek(url)
        if known is not None:
            return known
        return await asyncio.shield(self._begin(url))

    def prefetch(self, urls: Iterable[str]) -> None:
        """Begin to fetch what will be asked for soon; failures are told to whoever asks then."""
        for url in urls:
            if self.peek(url) is None:
                self._begin(url)

    def _begin(self, url: str) -> asyncio.Task[Samples]:
        task = self._under_way.get(url)
        if task is None:
            task = self._under_way[url] = asyncio.get_running_loop().create_task(self._load(url))
            task.add_done_callback(lambda done: self._settle(url, done))
        return task

    def _settle(self, url: str, task: asyncio.Task[Samples]) -> None:
        del self._under_way[url]
        if not task.cancelled():
            task.exception()  # a prefetch that failed is nobody's yet

    async def _load(self, url: str) -> Samples:
        path = await self._ours(url) if self._ours is not None else None
        if path is not None:
            return await self._decode(url, await asyncio.to_thread(self._read, url, path), "audio/x-wav")
        kept = self._kept.get(url)
        conditions = kept.validators if kept is not None else ()
        request = Request(url, "GET", headers=conditions, longest=self._largest_file, accept=frozenset({304}), signed=False)
        response = await self._client.fetch(request)
        if response.status == 304 and kept is not None:
            kept.fresh_until = self._freshness(response)
            return kept.samples
        samples = await self._decode(url, response.body, response.content_type)
        self._keep(url, samples, response)
        return samples

    def _read(self, url: str, path: Path) -> bytes:
        try:
            if path.stat().st_size > self._largest_file:
                raise WebhookFailure(NOT_AUDIO, url, f"larger than the {self._largest_file} bytes that are allowed")
            return path.read_bytes()
        except OSError as error:
            raise WebhookFailure(NOT_AUDIO, url, f"cannot be read: {error.strerror}") from None

    async def _decode(self, url: str, data: bytes, content_type: str) -> Samples:
        try:
            return await asyncio.to_thread(decode, data, content_type, self._rate, self._longest_seconds)
        except (NotAudio, AudioTooLong) as error:
            raise WebhookFailure(NOT_AUDIO, url, str(error)) from None

    def _keep(self, url: str, samples: Samples, response: Response) -> None:
        old = self._kept.pop(url, None)
        self._held -= old.samples.nbytes if old is not None else 0
        if samples.nbytes > self._cache_bytes or "no-store" in response.headers.get("cache-control", "").lower():
            return
        names = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
        validators = tuple((question, response.headers[name]) for name, question in names if name in response.headers)
        self._kept[url] = _Kept(samples, validators, self._freshness(response))
        self._held += samples.nbytes
        while self._held > self._cache_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._held -= dropped.samples.nbytes

    def _freshness(self, response: Response) -> float:
        control = response.headers.get("cache-control", "").lower()
        age = _MAX_AGE.search(control)
        return self._now() + (int(age[1]) if age and "no-cache" not in control else 0)
