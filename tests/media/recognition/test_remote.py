"""A recogniser behind ``/v1/audio/transcriptions``: a real HTTP server that answers in every way."""

from __future__ import annotations

import io
import json
import wave
from collections.abc import Iterator

import numpy as np
import pytest

from media.errors import EngineMissing, RecognitionFailed
from media.recognition.engine import ANY_LANGUAGE, Task, Transcript, Word
from media.recognition.remote import Remote, read_answer
from tests.recognition_server import Server, recognition_server

SOUND = (1000 * np.sin(np.arange(8000))).astype(np.int16)


@pytest.fixture
def server() -> Iterator[Server]:
    with recognition_server() as server:
        yield server


def ask(engine: Remote, task: Task) -> Transcript:
    recognition = engine.open(task)
    for start in range(0, SOUND.size, 800):
        recognition.hear(SOUND[start : start + 800])
    assert recognition.words() == ""
    return recognition.finish()


@pytest.mark.parametrize(
    ("told", "language"), [("german", "de"), ("de", "de"), ("pt-BR", "pt"), ("klingon", ""), (5, ""), (None, "")]
)
def test_a_server_may_find_out_the_language(server: Server, told: object, language: str) -> None:
    server.body = json.dumps({"text": "Ja.", "language": told}).encode()
    assert ask(Remote(server.url), Task(8000, ANY_LANGUAGE)) == Transcript("Ja.", language=language)
    assert "language" not in server.fields
    assert ask(Remote(server.url), Task(8000, "de-DE")) == Transcript("Ja.")


def test_an_utterance_is_sent_as_a_file_and_its_text_comes_back(server: Server) -> None:
    transcript = ask(Remote(server.url, "large", "key"), Task(8000, "de-DE", ("ja", "nein")))
    assert transcript == Transcript("Yes, please.")
    assert server.path == "/v1/audio/transcriptions"
    assert server.headers["Authorization"] == "Bearer key"
    fields = {name: value for name, value in server.fields.items() if name != "file"}
    assert fields == {
        "model": b"large",
        "language": b"de",
        "response_format": b"verbose_json",
        "temperature": b"0",
        "prompt": b"ja, nein",
    }
    with wave.open(io.BytesIO(server.fields["file"])) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        assert np.array_equal(np.frombuffer(file.readframes(9000), "<i2"), SOUND)


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/", "/v1/audio/transcriptions"])
def test_the_address_may_be_written_as_people_do(server: Server, path: str) -> None:
    ask(Remote(server.url + path), Task())
    assert server.path == "/v1/audio/transcriptions"
    assert "Authorization" not in server.headers


def test_words_and_confidence_are_taken_where_there_are_any() -> None:
    answer = {
        "text": "yes",
        "segments": [{"avg_logprob": -0.1}, {"avg_logprob": -0.3}, {}, 3],
        "words": [{"word": " yes", "start": 0, "end": 0.4}, {"word": 7}, None],
    }
    transcript = read_answer(200, json.dumps(answer).encode())
    assert transcript.words == (Word("yes", 0.0, 0.4),)
    assert transcript.confidence == pytest.approx(np.exp(-0.2))


@pytest.mark.parametrize("segments", [[{"avg_logprob": float("nan")}], [{"avg_logprob": "x"}], [], {}, None])
def test_a_confidence_that_is_none_is_not_told(segments: object) -> None:
    assert read_answer(200, json.dumps({"text": "yes", "segments": segments}).encode()) == Transcript("yes")


def test_a_confidence_is_never_above_one() -> None:
    assert read_answer(200, b'{"text": "yes", "segments": [{"avg_logprob": 1e308}]}').confidence == 1


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, b"out of order", "answered 500: out of order"),
        (200, b"<html>", "is no JSON"),
        (200, b"[]", "has no text"),
        (200, b'{"text": 7}', "has no text"),
        (200, b"\xff\xfe\x00", "is no JSON"),
        (200, b'{"text": "' + b"a" * (1 << 20) + b'"}', "longer than"),
    ],
)
def test_any_other_answer_is_told_for_what_it_is(server: Server, status: int, body: bytes, message: str) -> None:
    server.status, server.body = status, body
    with pytest.raises(RecognitionFailed, match=message):
        ask(Remote(server.url), Task())


def test_what_has_no_vowel_is_not_even_sent(server: Server) -> None:
    recognition = Remote(server.url).open(Task())
    recognition.hear(np.random.default_rng(1).normal(0, 3000, 4000).astype(np.int16))
    assert recognition.finish() == Transcript()
    assert server.path == ""


def test_a_server_that_is_not_there_is_told(server: Server) -> None:
    engine = Remote("http://127.0.0.1:1")
    with pytest.raises(RecognitionFailed, match="cannot be asked"):
        ask(engine, Task())


def test_what_is_no_address_is_told_at_once() -> None:
    with pytest.raises(EngineMissing, match="is no address of a recogniser"):
        Remote("http://[::1")
