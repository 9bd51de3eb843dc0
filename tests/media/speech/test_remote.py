"""Speech by a server over real HTTP, and who stands in when it fails."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from media.errors import SpeechFailed, VoiceMissing
from media.source import Clip, SampleQueue
from media.speech.ensemble import Ensemble
from media.speech.espeak import Espeak
from media.speech.passage import Passage
from media.speech.phrases import Phrase, Piece
from media.speech.remote import Remote
from media.speech.speaker import Speaker
from media.speech.voices import Voices

HERTZ = 440


class Server(ThreadingHTTPServer):
    """Answers each text with a second of a tone, at 24 kHz, in odd pieces."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[dict[str, Any]] = []
        self.tokens: list[str] = []
        self.status = 200
        self.kind = "audio/pcm"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.server.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.server.tokens.append(self.headers.get("Authorization", ""))
        tone = (8000 * np.sin(2 * np.pi * HERTZ * np.arange(24_000) / 24_000)).astype("<i2").tobytes()
        self.send_response(self.server.status)
        self.send_header("Content-Type", self.server.kind)
        self.end_headers()
        with contextlib.suppress(ConnectionError):  # who has heard enough goes
            for place in range(0, len(tone), 4_097):
                self.wfile.write(tone[place : place + 4_097])

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.serve_forever)
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


def phrase(text: str, rate: float = 1.0) -> Phrase:
    return Phrase((Piece(text, rate=rate),))


def test_a_text_is_asked_for_and_heard_as_it_comes(server: Server) -> None:
    remote = Remote(server.url, "tts-1-hd", "secret")
    samples = np.concatenate(list(remote.speak(phrase("Hello  there.", 1.5), "alloy")))
    assert samples.size == 24_000
    assert server.asked == [
        {"model": "tts-1-hd", "input": "Hello there.", "voice": "alloy", "response_format": "pcm", "speed": "1.50"}
    ]
    assert server.tokens == ["Bearer secret"]


@pytest.mark.parametrize(("status", "kind"), [(500, "audio/pcm"), (200, "application/json")])
def test_an_answer_that_is_no_speech_is_refused(server: Server, status: int, kind: str) -> None:
    server.status, server.kind = status, kind
    with pytest.raises(SpeechFailed):
        list(Remote(server.url).speak(phrase("Hello."), "alloy"))


def test_a_named_voice_is_the_servers_or_nobodys(server: Server) -> None:
    espeak = Espeak()
    ensemble = Ensemble(espeak, {"server": Remote(server.url)}, espeak.rate)
    assert [ensemble.has(voice) for voice in ("server:alloy", "nobody:alloy", "server:", "en-us", "xx")] == [
        True,
        False,
        False,
        True,
        False,
    ]
    heard = np.concatenate(list(ensemble.speak(phrase("Hello."), "server:alloy")))
    assert heard.size == pytest.approx(ensemble.rate, abs=10)
    server.status = 503
    with pytest.raises(VoiceMissing, match=r"server does not speak: .*503"):
        list(ensemble.speak(phrase("Hello."), "server:alloy"))
    assert len(server.asked) == 2


def test_espeak_stands_in_for_a_server_in_its_language_and_it_is_said(server: Server) -> None:
    espeak = Espeak()
    ensemble = Ensemble(espeak, {"server": Remote(server.url)}, espeak.rate)
    speaker = Speaker(ensemble, ensemble.rate, Voices({"Polly.Joanna": "server:joanna"}, {"de-DE": "server:hans"}), inline=True)
    server.status = 503
    source = speaker.speak([Passage("Guten Tag.")], speaker.voices.cast("", "de-DE"))
    assert isinstance(source, SampleQueue)
    german = np.concatenate(list(Espeak().speak(phrase("Guten Tag."), "de")))
    assert source.length == pytest.approx(german.size, rel=0.05)
    assert len(source.remarks) == 1
    assert "server does not speak" in source.remarks[0]
    assert "de stands in" in source.remarks[0]
    server.status = 200  # what stood in is not kept as if it were the voice
    again = speaker.speak([Passage("Guten Tag.")], speaker.voices.cast("", "de-DE"))
    assert isinstance(again, SampleQueue)
    assert again.remarks == ()
    assert again.length == ensemble.rate  # a second


def test_the_speaker_speaks_by_the_server_and_asks_once(server: Server) -> None:
    speaker = Speaker(
        Ensemble(Espeak(), {"server": Remote(server.url)}, 8000), 8000, Voices({"Polly.Joanna": "server:joanna"}), workers=3
    )
    cast = speaker.voices.cast("Polly.Joanna")
    first = speaker.speak([Passage("Hello.")], cast)
    assert isinstance(first, SampleQueue)
    heard: list[Any] = []
    while not first.finished:
        heard.append(first.read(160))
    assert sum(each.size for each in heard) == pytest.approx(8000, abs=10)
    assert isinstance(speaker.speak([Passage("Hello.")], cast), Clip)
    assert [asked["voice"] for asked in server.asked] == ["joanna"]
    speaker.close()


def test_nobody_at_the_address_is_a_failure() -> None:
    with pytest.raises(SpeechFailed, match="cannot be asked"):
        list(Remote("http://127.0.0.1:9").speak(phrase("Hello."), "alloy"))
