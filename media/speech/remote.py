"""Speech by a server with the interface that many have: ``POST /v1/audio/speech``, answered with raw samples as they are made."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import numpy as np

from media.errors import SpeechFailed
from media.frame import Samples
from media.speech.phrases import Phrase

SECONDS = 10.0
"""How long a server may say nothing."""
MOST_SECONDS = 300
"""Of speech, for one phrase."""


class Remote:
    """A server at ``url``, with or without the path behind its host; ``rate`` is what it answers with, int16 and one channel."""

    def __init__(self, url: str, model: str = "", api_key: str = "", rate: int = 24_000) -> None:
        self._url = url if url.endswith("/speech") else url.rstrip("/").removesuffix("/v1") + "/v1/audio/speech"
        self._model = model or "tts-1"
        self.rate = rate
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._client = httpx.Client(timeout=SECONDS, headers=headers, trust_env=False)

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        """See SpeechEngine; rate and spelling of a piece are not passed on, but the speed of the whole is."""
        wanted = {"model": self._model, "input": phrase.text, "voice": voice, "response_format": "pcm"}
        if phrase.speed != 1.0:
            wanted["speed"] = f"{phrase.speed:.2f}"
        try:
            with self._client.stream("POST", self._url, json=wanted) as response:
                yield from self._read(response)
        except httpx.HTTPError as error:
            raise SpeechFailed(f"{self._url} cannot be asked: {error or type(error).__name__}") from error

    def _read(self, response: httpx.Response) -> Iterator[Samples]:
        if response.status_code != 200:
            raise SpeechFailed(f"{self._url} answered {response.status_code}")
        kind = response.headers.get("content-type", "").partition(";")[0]
        if kind.startswith(("text/", "application/json")):
            raise SpeechFailed(f"{self._url} answered with {kind} instead of audio")
        rest, taken = b"", 0
        for chunk in response.iter_bytes():
            data = rest + chunk
            whole = len(data) & ~1
            rest = data[whole:]
            taken += whole // 2
            if taken > MOST_SECONDS * self.rate:
                raise SpeechFailed(f"{self._url} does not stop speaking")
            if whole:
                yield np.frombuffer(data[:whole], "<i2").astype(np.int16)
