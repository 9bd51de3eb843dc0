"""Speech on disk: shared, kept over restarts, bounded, and never believed when it is damaged."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from media.errors import SpeechFailed
from media.frame import Samples
from media.speech.passage import Passage
from media.speech.phrases import Phrase, Piece
from media.speech.shelf import SpeechShelf
from media.speech.speaker import Speaker
from voice.settings import Settings
from voice.sound.engines import open_shelf

SECOND = 8000
HELLO = Phrase((Piece("Hello."),))


def samples(value: int, seconds: float = 1.0) -> Samples:
    return np.full(round(seconds * SECOND), value, np.int16)


def shelf(folder: Path, megabytes: float = 1, edition: str = "") -> SpeechShelf:
    return SpeechShelf(folder / "speech", SECOND, round(megabytes * 1_000_000), edition)


def files(folder: Path) -> list[Path]:
    return sorted((folder / "speech").iterdir())


def same(found: Samples | None, wanted: Samples) -> bool:
    return found is not None and np.array_equal(found, wanted)


def test_what_is_put_there_is_found_after_a_restart(tmp_path: Path) -> None:
    shelf(tmp_path).put(HELLO, "en", samples(7))
    assert same(shelf(tmp_path).get(HELLO, "en"), samples(7))
    (file,) = files(tmp_path)
    assert file.stat().st_mode & 0o077 == 0


def test_other_words_voices_rates_and_engines_are_something_else(tmp_path: Path) -> None:
    shelf(tmp_path).put(HELLO, "en", samples(7))
    assert shelf(tmp_path).get(Phrase((Piece("Hello"),)), "en") is None
    assert shelf(tmp_path).get(Phrase((Piece("Hello.", rate=0.5),)), "en") is None
    assert shelf(tmp_path).get(HELLO, "en+f3") is None
    assert shelf(tmp_path, edition="new model").get(HELLO, "en") is None
    assert SpeechShelf(tmp_path / "speech", 16_000, 1_000_000).get(HELLO, "en") is None


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-2], lambda data: data[:50] + b"x" + data[51:], lambda data: b"", lambda data: b"RIFF"]
)
def test_a_damaged_file_is_none(tmp_path: Path, damage: object) -> None:
    one = shelf(tmp_path)
    one.put(HELLO, "en", samples(7))
    (file,) = files(tmp_path)
    file.write_bytes(damage(file.read_bytes()))  # type: ignore[operator]
    assert one.get(HELLO, "en") is None
    assert files(tmp_path) == []
    one.put(HELLO, "en", samples(8))
    assert same(one.get(HELLO, "en"), samples(8))


def test_what_was_not_heard_for_longest_makes_room(tmp_path: Path) -> None:
    one = shelf(tmp_path, 0.1)
    for number in range(6):
        one.put(number, "en", samples(number))
        for age, file in enumerate(sorted(files(tmp_path), key=lambda each: -each.stat().st_mtime_ns)):
            os.utime(file, (1_000_000 - age, 1_000_000 - age))
    assert one.get(0, "en") is not None
    one.put(6, "en", samples(6))
    found = [number for number in range(7) if one.get(number, "en") is not None]
    assert 0 in found
    assert 6 in found
    assert 1 not in found
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 100_000


def test_a_smaller_room_holds_at_the_next_start(tmp_path: Path) -> None:
    one = shelf(tmp_path)
    for number in range(6):
        one.put(number, "en", samples(number))
    (tmp_path / "speech" / "tmp123.part").write_bytes(bytes(50_000))
    shelf(tmp_path, 0.05)
    assert sum(file.stat().st_size for file in files(tmp_path)) <= 50_000


def test_a_disk_that_does_not_work_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "speech").write_text("a file in the way")
    one = shelf(tmp_path)
    one.put(HELLO, "en", samples(7))
    assert one.get(HELLO, "en") is None


class Engine:
    rate = SECOND

    def __init__(self) -> None:
        self.asked = 0

    def speak(self, phrase: Phrase, voice: str) -> Iterator[Samples]:
        self.asked += 1
        yield samples(1, 0.5)
        if "!" in phrase.pieces[-1].text:
            raise SpeechFailed("hoarse")
        yield samples(2, 0.5)


def heard(engine: Engine, folder: Path, text: str) -> Samples:
    speaker = Speaker(engine, SECOND, shelf=shelf(folder), inline=True)
    source = speaker.speak([Passage(text)], speaker.voices.cast())
    parts = []
    while not source.finished:
        parts.append(source.read(1000))
    return np.concatenate(parts)


def test_a_text_is_made_once_for_all_restarts(tmp_path: Path) -> None:
    engine = Engine()
    wanted = np.concatenate((samples(1, 0.5), samples(2, 0.5)))
    for _ in range(3):
        assert np.array_equal(heard(engine, tmp_path, "Hello."), wanted)
    assert engine.asked == 1


def test_what_was_not_made_to_its_end_is_made_again(tmp_path: Path) -> None:
    engine = Engine()
    for _ in range(2):
        heard(engine, tmp_path, "Hello!")
    assert engine.asked == 2
    assert files(tmp_path) == []


def test_the_settings_say_how_much_is_kept(tmp_path: Path) -> None:
    assert open_shelf(Settings(data_dir=tmp_path, speech={"cache_megabytes": 0}), SECOND) is None
    kept = open_shelf(Settings(data_dir=tmp_path), SECOND)
    assert kept is not None
    kept.put(HELLO, "en", samples(7))
    assert len(files(tmp_path)) == 1
