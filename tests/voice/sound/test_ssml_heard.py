"""Section 2.1, from the document to the samples: each SSML element changes what is heard, in the right direction."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings

from markup.parser import parse
from markup.speech import plain
from markup.ssml import TAGS
from markup.verbs import Say
from media.frame import Samples
from media.source import SampleQueue, Source
from media.speech.espeak import Espeak
from media.speech.speaker import AHEAD_SECONDS, Speaker
from tests.markup.test_ssml import MARKUP
from voice.sound.speech import passages

RATE = 8000
QUIET = 200
"""Samples below are silence; espeak's voices peak at 15,000 and more."""


@cache
def speaker() -> Speaker:
    return Speaker(Espeak(), RATE, inline=True)


def heard(ssml: str, voice: str = "", language: str = "") -> Samples:
    """All samples of a Say; the document must be without objections."""
    document = parse(f"<Response><Say>{ssml}</Say></Response>".encode())
    assert document.diagnostics == ()
    (say,) = document.verbs
    assert isinstance(say, Say)
    source = speaker().speak(passages(say.text), speaker().voices.cast(voice, language))
    parts = []
    while not source.finished:
        parts.append(source.read(RATE))
    assert source.error == ""
    return np.concatenate(parts)


def seconds(samples: Samples) -> float:
    return samples.size / RATE


def energy(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples.astype(float) ** 2)))


def pitch(samples: Samples) -> float:
    """The fundamental frequency of most of the voiced frames, in hertz."""
    found = []
    for start in range(0, samples.size - 1024, 256):
        frame = samples[start : start + 1024].astype(float)
        if energy(frame) > 1000:
            echo = np.fft.irfft(np.abs(np.fft.rfft(frame * np.hanning(1024), 4096)) ** 2)
            lags = np.arange(RATE // 500, RATE // 50)
            found.append(RATE / lags[echo[lags].argmax()])
    return float(np.median(found))


def gaps(samples: Samples, longer: float = 0.09) -> list[tuple[float, float]]:
    """Start and length, in seconds, of each silence between sounds."""
    loud = np.flatnonzero(np.abs(samples.astype(int)) > QUIET)
    steps = np.diff(loud)
    long = np.flatnonzero(steps > longer * RATE)
    return [(float(loud[place] / RATE), float(steps[place] / RATE)) for place in long]


def sound_alike(one: Samples, other: Samples) -> bool:
    """Whether two renderings last equally long and are equally loud; espeak's breath makes no two the same."""
    return abs(one.size - other.size) <= 0.05 * other.size and abs(energy(one) / energy(other) - 1) < 0.15


SENTENCE = "The quick brown fox jumps"


@pytest.mark.parametrize(("time", "length"), [("500ms", 0.5), ("3s", 3.0), ("120ms", 0.12)])
def test_a_break_is_silence_of_exactly_its_time(time: str, length: float) -> None:
    samples = heard(f"Stop. <break time='{time}'/> Go.")
    ((_, gap),) = gaps(samples)
    assert gap == pytest.approx(length, abs=0.06)  # what the voice itself fades in and out
    assert seconds(samples) == pytest.approx(seconds(heard("Stop.")) + length + seconds(heard("Go.")), abs=0.03)


def test_strengths_grow() -> None:
    names = ("none", "weak", "strong", "x-strong")
    lengths = [seconds(heard(f"One <break strength='{name}'/> two")) for name in names]
    assert lengths == sorted(set(lengths))


def test_a_break_of_strength_none_takes_a_pause_away() -> None:
    assert seconds(heard("One. <break strength='none'/> Two.")) < seconds(heard("One. Two.")) - 0.1


def test_breaks_stand_where_they_were_written() -> None:
    before, after = (
        where for where, _ in gaps(heard("<break time='0s'/>one <break time='1s'/> two three <break time='1s'/> four"))
    )
    assert before == pytest.approx(seconds(heard("one")), abs=0.1)
    assert after == pytest.approx(before + 1 + seconds(heard("two three")), abs=0.15)


@pytest.mark.parametrize(
    ("level", "louder", "longer"), [("strong", True, True), ("moderate", True, True), ("reduced", False, False)]
)
def test_emphasis(level: str, louder: bool, longer: bool) -> None:
    plain, emphatic = heard(SENTENCE), heard(f"<emphasis level='{level}'>{SENTENCE}</emphasis>")
    assert (energy(emphatic) > energy(plain)) is louder
    assert (seconds(emphatic) > seconds(plain)) is longer


def test_only_what_is_emphasised_is_louder() -> None:
    samples = heard("one one <emphasis level='strong'>one one</emphasis>")
    half = samples.size // 2
    assert energy(samples[half:]) > 1.2 * energy(samples[:half])


def test_another_language_is_another_voice() -> None:
    word = "garage chalet"
    assert sound_alike(heard(f"<lang xml:lang='fr-FR'>{word}</lang>"), heard(word, language="fr-FR"))
    assert not sound_alike(heard(f"<lang xml:lang='fr-FR'>{word}</lang>"), heard(word))


def test_a_voice_stays_a_womans_in_another_language() -> None:
    there = heard("<lang xml:lang='de-DE'>Guten Morgen</lang>", voice="Polly.Joanna")
    assert pitch(there) == pytest.approx(pitch(heard("Guten Morgen", voice="woman", language="de-DE")), rel=0.05)
    assert pitch(there) > 1.3 * pitch(heard("Guten Morgen", voice="man", language="de-DE"))


@pytest.mark.parametrize(("tag", "least"), [("s", 0.45), ("p", 0.95)])
def test_sentences_and_paragraphs_are_set_apart(tag: str, least: float) -> None:
    ((_, gap),) = gaps(heard(f"<{tag}>one two</{tag}><{tag}>three four</{tag}>"), 0.2)
    assert gap >= least


@pytest.mark.parametrize(
    ("pronunciation", "like"),
    [
        ("alphabet='ipa' ph='həˈloʊ'", "hello"),
        ("alphabet='x-sampa' ph='h@&quot;loU'", "hello"),
        ("ph='ˈwʌn ˈtuː ˈθɹiː'", "one two three"),
        ("alphabet='x-amazon-pinyin' ph='ni3 hao3'", "<lang xml:lang='zh-CN'>你好</lang>"),
        ("alphabet='x-amazon-pron-kana' ph='コンニチハ'", "<lang xml:lang='ja-JP'>こんにちは</lang>"),
    ],
)
def test_a_pronunciation_is_spoken_instead_of_the_text(pronunciation: str, like: str) -> None:
    assert sound_alike(heard(f"<phoneme {pronunciation}>tomato soup with bread</phoneme>"), heard(like))


@pytest.mark.parametrize("language", ["en-US", "de-DE", "fr-FR", "ja-JP", "cmn-CN", "ru-RU", "hi-IN", "es-MX"])
def test_every_language_can_be_told_how_to_pronounce(language: str) -> None:
    told = heard("<phoneme ph='ˈmama ˈpapa ˈlulu ˈnini'>x</phoneme>", language=language)
    assert seconds(told) > 2 * seconds(heard("x", language=language)) or seconds(told) > 1.2


def test_signs_that_no_voice_has_leave_the_text() -> None:
    assert sound_alike(heard("<phoneme ph='☃☃'>hello</phoneme>"), heard("hello"))


@pytest.mark.parametrize(("rate", "factor"), [("x-slow", 2.0), ("slow", 1.33), ("fast", 0.8), ("x-fast", 0.57), ("200%", 0.5)])
def test_the_rate_changes_the_time(rate: str, factor: float) -> None:
    changed = heard(f"<prosody rate='{rate}'>{SENTENCE}</prosody>")
    assert seconds(changed) / seconds(heard(SENTENCE)) == pytest.approx(factor, rel=0.15)


@pytest.mark.parametrize(("value", "factor"), [("x-low", 0.7), ("low", 0.85), ("high", 1.2), ("x-high", 1.4), ("+50%", 1.5)])
def test_the_pitch_changes_the_frequency(value: str, factor: float) -> None:
    changed = heard(f"<prosody pitch='{value}'>{SENTENCE}</prosody>")
    assert pitch(changed) / pitch(heard(SENTENCE)) == pytest.approx(factor, rel=0.1)
    assert seconds(changed) == pytest.approx(seconds(heard(SENTENCE)), rel=0.05)


@pytest.mark.parametrize(("volume", "factor"), [("x-soft", 0.25), ("soft", 0.5), ("loud", 1.5), ("-6dB", 0.5), ("+3dB", 1.41)])
def test_the_volume_changes_the_energy(volume: str, factor: float) -> None:
    changed = heard(f"<prosody volume='{volume}'>{SENTENCE}</prosody>")
    assert energy(changed) / energy(heard(SENTENCE)) == pytest.approx(factor, rel=0.12)


def test_silent_words_take_their_time() -> None:
    silent = heard(f"<prosody volume='silent'>{SENTENCE}</prosody>")
    assert np.abs(silent).max() <= 1  # the resampler's last bit
    assert seconds(silent) == pytest.approx(seconds(heard(SENTENCE)), rel=0.05)


@pytest.mark.parametrize(
    ("kind", "text", "like", "language"),
    [
        ("interpret-as='digits'", "1234", "1 2 3 4", "en-US"),
        ("interpret-as='cardinal'", "12,345", "12345", "en-US"),
        ("interpret-as='number'", "12.345", "12345", "de-DE"),
        ("interpret-as='ordinal'", "2", "second", "en-US"),
        ("interpret-as='ordinal'", "23", "23rd", "en-US"),
        ("interpret-as='ordinal'", "1", "premier", "fr-FR"),
        ("interpret-as='ordinal'", "3", "tercero", "es-ES"),
        ("interpret-as='fraction'", "3/4", "three quarters", "en-US"),
        ("interpret-as='fraction'", "1+1/2", "one and one half", "en-US"),
        ("interpret-as='unit'", "10ft", "ten feet", "en-US"),
        ("interpret-as='unit'", "5 km", "cinco kilómetros", "es-ES"),
        ("interpret-as='date' format='mdy'", "9/22/1999", "September twenty-second, nineteen ninety nine", "en-US"),
        ("interpret-as='date' format='dmy'", "22.9.1999", "22. September 1999", "de-DE"),
        ("interpret-as='date' format='yyyymmdd'", "19990922", "September twenty-second, nineteen ninety nine", "en-US"),
        ("interpret-as='date' format='yyyymmdd'", "????0922", "September twenty-second", "en-US"),
        ("interpret-as='date' format='md'", "9-22", "September twenty-second", "en-US"),
        ("interpret-as='date' format='m'", "9", "septembre", "fr-FR"),
        ("interpret-as='time'", "2:00pm", "two P M", "en-US"),
        ("interpret-as='time'", "1'21&quot;", "one minute 21 seconds", "en-US"),
        ("interpret-as='telephone'", "555-0199", "5 5 5, 0 1 9 9", "en-US"),
        ("interpret-as='telephone'", "2025550199", "2 0 2, 5 5 5, 0 1 9 9", "en-US"),
        ("interpret-as='address'", "12 Main St, Apt 3", "12 Main Street, Apartment 3", "en-US"),
    ],
)
def test_say_as_reads_like(kind: str, text: str, like: str, language: str) -> None:
    assert sound_alike(heard(f"<say-as {kind}>{text}</say-as>", language=language), heard(like, language=language))


@pytest.mark.parametrize("kind", ["characters", "spell-out"])
def test_characters_are_named_one_by_one(kind: str) -> None:
    spelt = heard(f"<say-as interpret-as='{kind}'>cats.</say-as>")
    assert seconds(spelt) > 2.5 * seconds(heard("cats"))
    assert seconds(spelt) > seconds(heard(f"<say-as interpret-as='{kind}'>cats</say-as>")) + 0.2


def test_an_expletive_is_bleeped() -> None:
    samples = heard("oh <say-as interpret-as='expletive'>darn</say-as> it")
    bleep = heard("<say-as interpret-as='expletive'>darn</say-as>")
    spectrum = np.abs(np.fft.rfft(bleep.astype(float)))
    assert spectrum.argmax() * RATE / bleep.size == pytest.approx(1000, abs=5)
    assert seconds(samples) == pytest.approx(seconds(heard("oh")) + seconds(bleep) + seconds(heard("it")), abs=0.05)


def test_an_alias_is_spoken_instead() -> None:
    assert sound_alike(heard("<sub alias='World Wide Web Consortium'>W3C</sub>"), heard("World Wide Web Consortium"))


@pytest.mark.parametrize(("role", "like"), [("amazon:VBD", "red"), ("amazon:VB", "reed")])
def test_a_role_chooses_between_words_spelt_alike(role: str, like: str) -> None:
    assert seconds(heard(f"<w role='{role}'>read</w>")) == pytest.approx(seconds(heard(like)), abs=0.03)
    assert sound_alike(heard(f"<w role='{role}'>read</w>"), heard(like))


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_is_ever_read_aloud(tag: str) -> None:
    """Without an attribute that says something an element leaves its words as they are."""
    bare = parse(f"<Response><Say>one two<{tag}> three</{tag}></Say></Response>".encode()).verbs[0]
    assert isinstance(bare, Say)
    assert str(bare.text) == "one two three"


@settings(max_examples=60, deadline=None)
@given(MARKUP)
def test_any_ssml_can_be_spoken(ssml: str) -> None:
    document = parse(f"<Response><Say>{ssml}</Say></Response>".encode())
    for say in document.verbs:
        assert isinstance(say, Say)
        source = speaker().speak(passages(say.text), speaker().voices.cast())
        for _ in range(200):
            if source.finished:
                break
            assert source.read(RATE).size or source.finished
        assert source.error in ("", "nothing in the text can be spoken")
        source.close()


def test_a_hundred_kilobytes_of_text_are_no_longer_than_what_may_be_said() -> None:
    """2.1: 4096 characters; what is made ahead of its listener is bounded."""
    long, cast = "word " * 20_000, speaker().voices.cast()
    source = speaker().speak(passages(plain(long)), cast)
    assert source_waiting(source) < 5 * AHEAD_SECONDS * RATE
    heard_of_it = 0
    while not source.finished:
        heard_of_it += source.read(RATE).size
    assert heard_of_it / RATE == pytest.approx(4096 / 5 * 0.33, rel=0.3)


def source_waiting(source: Source) -> int:
    """Samples that are made and not heard."""
    assert isinstance(source, SampleQueue)
    return source._pushed - source._taken


def test_a_long_silence_is_made_as_it_is_heard() -> None:
    breaks = "a<break time='10s'/>" * 1000
    document = parse(f"<Response><Say>{breaks}</Say></Response>".encode())
    (say,) = document.verbs
    assert isinstance(say, Say)
    source = speaker().speak(passages(say.text), speaker().voices.cast())
    assert source_waiting(source) < 2 * AHEAD_SECONDS * RATE
    source.close()
