from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from media.errors import SpeechFailed
from media.frame import Samples
from media.source import Clip, SampleQueue, Source
from media.speech.cache import SpeechCache
from media.speech.espeak import Espeak
from media.speech.passage import Passage
from media.speech.phrases import MAX_PHRASE, Phrase
from media.speech.speaker import AHEAD_SECONDS, Speaker

RATE = 8000


class Drone:
    """An engine that needs no resampling: a tenth of a second of a number per letter, in pieces of one letter."""

    rate = RATE

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        text = "".join(piece.text for piece in phrase.pieces)
        self.asked.append((text, voice))
        for letter in text:
            if letter == "!":
                raise SpeechFailed("hoarse")
            yield np.full(RATE // 10, 0 if letter == "_" else ord(letter), np.int16)


def say(speaker: Speaker, text: str, voice: str = "", language: str = "", loop: int = 1) -> Source:
    return speaker.speak([Passage(text)], speaker.voices.cast(voice, language), loop)


def read_all(source: Source, step: int = 1000) -> Samples:
    """Reads what is there until the end; only for speakers without a thread, whose reader makes what it reads."""
    parts = []
    while not source.finished:
        part = source.read(step)
        assert part.size or source.finished
        parts.append(part)
    return np.concatenate(parts) if parts else np.zeros(0, np.int16)


def letters(samples: Samples) -> str:
    return "".join(chr(value) for value in samples[RATE // 20 :: RATE // 10])


@pytest.fixture
def drone() -> Drone:
    return Drone()


@pytest.fixture
def inline(drone: Drone) -> Speaker:
    return Speaker(drone, RATE, inline=True)


def test_a_text_is_a_source_at_once(inline: Speaker, drone: Drone) -> None:
    source = say(inline, "hello", "woman", "de-DE")
    assert letters(read_all(source)) == "hello"
    assert source.error == ""
    assert drone.asked == [("hello", "de+f3")]


@pytest.mark.parametrize("loop", [1, 3])
def test_a_text_is_spoken_as_often_as_asked_and_made_once(inline: Speaker, drone: Drone, loop: int) -> None:
    assert letters(read_all(say(inline, "abc", loop=loop))) == "abc" * loop
    assert len(drone.asked) == 1


def test_a_repeated_text_is_a_clip(inline: Speaker, drone: Drone) -> None:
    first = read_all(say(inline, "abc", "man", "en-US"))
    again = say(inline, "abc", loop=2)
    assert isinstance(again, Clip)
    assert read_all(again).tolist() == first.tolist() * 2
    assert not isinstance(say(inline, "abc", "woman", "en-US"), Clip)
    assert [voice for _, voice in drone.asked] == ["en-us", "en-us+f3"]


def test_an_endless_text_goes_on_as_long_as_it_is_heard(inline: Speaker, drone: Drone) -> None:
    source = say(inline, "abcd", loop=0)
    heard = np.concatenate([source.read(800) for _ in range(400)])
    assert letters(heard) == "abcd" * 100
    assert not source.finished
    assert len(drone.asked) == 1


def test_a_long_text_is_made_as_it_is_heard(inline: Speaker, drone: Drone) -> None:
    text = "x" * (3 * MAX_PHRASE)
    source = say(inline, text)
    assert [len(phrase) for phrase, _ in drone.asked] == [MAX_PHRASE]
    assert source.read(10**9).size <= RATE // 10
    heard = read_all(source)
    assert heard.size == (len(text) - 1) * RATE // 10
    assert len(drone.asked) == 1  # all three phrases are the same


def test_only_some_seconds_are_made_ahead(inline: Speaker) -> None:
    source = say(inline, "x" * MAX_PHRASE)
    assert isinstance(source, SampleQueue)
    made = 0
    while not source.finished and made < AHEAD_SECONDS * RATE:
        assert source.full or made > 0
        made += source.read(RATE // 10).size
    assert not source.finished


def test_a_listener_who_has_gone_stops_the_making(inline: Speaker, drone: Drone) -> None:
    source = say(inline, "".join(chr(97 + i % 26) for i in range(3000)))
    source.close()
    assert source.read(100).size == 0
    assert len(drone.asked) == 1


def test_a_source_that_is_never_played_is_not_kept(inline: Speaker) -> None:
    source = weakref.ref(say(inline, "x" * 3000))
    gc.collect()
    assert source() is None


@pytest.mark.parametrize("text", ["", "   ", "\x01", "____"])
@pytest.mark.parametrize("loop", [0, 1])
def test_a_text_without_sound_is_an_error(inline: Speaker, text: str, loop: int) -> None:
    source = say(inline, text, loop=loop)
    read_all(source)
    assert source.error == "nothing in the text can be spoken"


def test_what_was_made_before_a_failure_is_heard(inline: Speaker) -> None:
    source = say(inline, "ab!c")
    assert letters(read_all(source)) == "ab"
    assert source.error == "hoarse"
    assert not isinstance(say(inline, "ab!c"), Clip)


def test_any_failure_of_an_engine_is_the_failure_of_one_text() -> None:
    class Broken(Drone):
        def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
            raise ZeroDivisionError

    source = say(Speaker(Broken(), RATE, inline=True), "a")
    assert source.finished
    assert source.error == "ZeroDivisionError()"


def test_speech_is_brought_to_the_rate_of_the_bus(pitch: Callable[[Samples, int], float]) -> None:
    class Whistle(Drone):
        rate = 22050

        def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
            wave = np.rint(9000 * np.sin(np.arange(22050) * 2 * np.pi * 700 / 22050)).astype(np.int16)
            yield from np.array_split(wave, 7)

    for rate in (8000, 16000):
        samples = read_all(say(Speaker(Whistle(), rate, inline=True), "a"))
        assert abs(samples.size - rate) <= 1
        assert pitch(samples, rate) == pytest.approx(700, abs=1)


def drain_with_worker(source: Source) -> Samples:
    """Reads until the end what a worker thread is making meanwhile."""
    parts = [np.zeros(0, np.int16)]
    while not source.finished:
        part = source.read(1000)
        if part.size:
            parts.append(part)
    return np.concatenate(parts)


def test_a_worker_speaks_while_others_go_on(drone: Drone) -> None:
    speaker = Speaker(drone, RATE)
    sources = [say(speaker, letter * 150) for letter in "abc"]
    assert [letters(drain_with_worker(source)) for source in sources] == ["a" * 150, "b" * 150, "c" * 150]
    speaker.close()


def test_a_closed_speaker_fails_what_it_is_asked(drone: Drone) -> None:
    speaker = Speaker(drone, RATE)
    waiting = say(speaker, "x" * 3000)
    speaker.close()
    late = say(speaker, "hello")
    assert late.finished
    drain_with_worker(waiting)
    for source in (late, waiting):
        assert source.error == "the speaker is closed"


def test_espeak_speaks_a_page_at_both_rates() -> None:
    text = "The exchange was invented because an operator sent the calls elsewhere. " * 50
    speaker = Speaker(Espeak(), RATE)
    samples = drain_with_worker(say(speaker, text, "woman", "en-GB"))
    speaker.close()
    wide = read_all(say(Speaker(Espeak(), 2 * RATE, inline=True), text, "woman", "en-GB"))
    assert 150 < samples.size / RATE < 400
    assert samples.size / RATE == pytest.approx(wide.size / RATE / 2, rel=0.005)
    assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 500


def test_the_cache_forgets_what_was_not_asked_for_longest() -> None:
    cache = SpeechCache(100)
    for name in "abc":
        cache.put(name, "v", np.zeros(20, np.int16))
        cache.get("a", "v")
    assert cache.get("b", "v") is None
    assert cache.get("a", "v") is not None
    assert cache.bytes == 80


def test_the_cache_never_holds_more_than_it_may() -> None:
    cache = SpeechCache(100)
    cache.put("a", "v", np.zeros(10, np.int16))
    cache.put("a", "v", np.zeros(15, np.int16))
    assert cache.bytes == 30
    cache.put("b", "v", np.zeros(51, np.int16))
    assert cache.bytes == 0
    assert cache.get("b", "v") is None


def test_cached_speech_cannot_be_changed() -> None:
    cache = SpeechCache(100)
    cache.put("a", "v", np.zeros(10, np.int16))
    samples = cache.get("a", "v")
    assert samples is not None
    with pytest.raises(ValueError, match="read-only"):
        samples[0] = 1
