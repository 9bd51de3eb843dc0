"""Recognition by a server with the interface that many have: ``POST /v1/audio/transcriptions`` with a file and a model's name.

An utterance is sent as one WAV file when it is over. What comes back is hostile until it is read: of no answer more is taken than
a transcript can be long.
"""

from __future__ import annotations

import re
from dataclasses import replace
from math import exp
from typing import Any

import httpx
import numpy as np

from media import wav
from media.errors import EngineMissing, RecognitionFailed
from media.frame import Samples
from media.recognition.engine import ANY_LANGUAGE, Recognition, Task, Transcript, Word
from media.recognition.vowels import may_be_speech

SECONDS = 10.0
"""How long a server may take."""
MOST_BYTES = 1 << 20
"""Of an answer."""
MOST_PROMPT = 800
"""Characters of hints."""


class Remote:
    """A server at ``url``, with or without the path behind its host. Raises EngineMissing when that is no URL."""

    threads = 8
    """Utterances that are sent at a time."""

    def __init__(self, url: str, model: str = "", api_key: str = "") -> None:
        self._url = url if url.endswith("/transcriptions") else url.rstrip("/").removesuffix("/v1") + "/v1/audio/transcriptions"
        self._model = model or "whisper-1"
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        try:
            httpx.URL(self._url)
            self._client = httpx.Client(timeout=SECONDS, headers=headers, trust_env=False)
        except (httpx.InvalidURL, ValueError) as error:
            raise EngineMissing(f"http: {url!r} is no address of a recogniser: {error}") from error

    def open(self, task: Task) -> Recognition:
        """See RecognitionEngine."""
        return _Utterance(self, task)

    def ask(self, task: Task, heard: Samples) -> Transcript:
        """Send an utterance and read the answer. Raises RecognitionFailed."""
        form = {"model": self._model, "response_format": "verbose_json", "temperature": "0"}
        if task.language != ANY_LANGUAGE:
            form["language"] = task.language.partition("-")[0].lower()
        if task.hints:
            form["prompt"] = ", ".join(task.hints)[:MOST_PROMPT]
        file = wav.header(task.rate, 1, heard.size) + heard.astype("<i2").tobytes()
        try:
            with self._client.stream("POST", self._url, data=form, files={"file": ("speech.wav", file, "audio/wav")}) as response:
                transcript = read_answer(response.status_code, _body(response))
        except httpx.HTTPError as error:
            raise RecognitionFailed(f"{self._url} cannot be asked: {error or type(error).__name__}") from error
        return transcript if task.language == ANY_LANGUAGE else replace(transcript, language="")


class _Utterance:
    def __init__(self, server: Remote, task: Task) -> None:
        self._server = server
        self._task = task
        self._heard: list[Samples] = []

    def hear(self, samples: Samples) -> None:
        self._heard.append(samples)

    def words(self, *, paused: bool = False) -> str:
        return ""

    def finish(self) -> Transcript:
        if not self._heard or not may_be_speech(heard := np.concatenate(self._heard), self._task.rate):
            return Transcript()
        return self._server.ask(self._task, heard)

    def drop(self) -> None:
        self._heard.clear()


def _body(response: httpx.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MOST_BYTES:
            raise RecognitionFailed(f"the answer of {response.url} is longer than {MOST_BYTES} bytes")
    return bytes(body)


def read_answer(status: int, body: bytes) -> Transcript:
    """What an answer says. Raises RecognitionFailed."""
    if status != 200:
        raise RecognitionFailed(f"the recogniser answered {status}: {body[:200].decode(errors='replace')}")
    try:
        answer = httpx.Response(200, content=body).json()
    except ValueError:
        raise RecognitionFailed(f"the recogniser's answer is no JSON: {body[:80]!r}") from None
    text = answer.get("text") if isinstance(answer, dict) else None
    if not isinstance(text, str):
        raise RecognitionFailed("the recogniser's answer has no text")
    text = " ".join(text.split())
    return Transcript(text, _confidence(answer), tuple(_words(answer)), language=_language(answer)) if text else Transcript()


def _language(answer: dict[str, Any]) -> str:
    """Some servers answer with a tag, others with the English name."""
    told = answer.get("language")
    if not isinstance(told, str):
        return ""
    told = told.lower()
    return _NAMES.get(told, told.partition("-")[0] if _TAG.fullmatch(told) else "")


_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")


def _pairs(text: str) -> dict[str, str]:
    return {name: tag for name, _, tag in (pair.partition(":") for pair in text.split())}


_NAMES = _pairs(
    "arabic:ar bengali:bn bulgarian:bg catalan:ca chinese:zh croatian:hr czech:cs danish:da dutch:nl english:en estonian:et "
    "finnish:fi french:fr german:de greek:el hebrew:he hindi:hi hungarian:hu indonesian:id italian:it japanese:ja korean:ko "
    "latvian:lv lithuanian:lt malay:ms norwegian:no persian:fa polish:pl portuguese:pt romanian:ro russian:ru serbian:sr "
    "slovak:sk slovenian:sl spanish:es swedish:sv tamil:ta telugu:te thai:th turkish:tr ukrainian:uk urdu:ur vietnamese:vi"
)
"""Languages by their English names."""


def _confidence(answer: dict[str, Any]) -> float | None:
    """From the mean logarithm of the tokens' probabilities, where the server tells it."""
    segments = answer.get("segments")
    told = [each.get("avg_logprob") for each in segments if isinstance(each, dict)] if isinstance(segments, list) else []
    known = [each for each in told if isinstance(each, int | float)]
    return exp(min(0.0, float(np.mean(known)))) if known and np.isfinite(known).all() else None


def _words(answer: dict[str, Any]) -> list[Word]:
    told = answer.get("words")
    found = []
    for each in told if isinstance(told, list) else ():
        match each:
            case {"word": str(word), "start": int() | float() as start, "end": int() | float() as end}:
                found.append(Word(word.strip(), float(start), float(end)))
    return found
