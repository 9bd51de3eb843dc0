"""The built-in recogniser."""

from __future__ import annotations

import numpy as np
import pytest

from media.recognition.engine import Task
from media.recognition.pronunciation import _PHONEMES, guess
from media.recognition.sphinx import Pocketsphinx, pronunciations
from tests.media.recognition.answers import WORDS, answers, voices
from tests.media.recognition.listener import listen


@pytest.fixture(scope="module")
def engine() -> Pocketsphinx:
    return Pocketsphinx()


def test_words_that_were_hinted_at_are_understood_on_a_clean_line(engine: Pocketsphinx) -> None:
    """A modest share: ``python -m tests.bench.listening`` tells it exactly."""
    heard = [(answer, listen(engine, answer.samples, WORDS)[0].text) for answer in answers(WORDS, (None, 20))]
    for ratio in (None, 20):
        right = [text == answer.text for answer, text in heard if answer.ratio == ratio]
        assert sum(right) >= 0.75 * len(right), [(a.voice, a.text, text) for a, text in heard if a.text != text]


def test_hints_are_given_back_as_they_were_written(engine: Pocketsphinx) -> None:
    (answer,) = answers(("operator",), (None,), voices()[:1])
    transcript, begun = listen(engine, answer.samples, ("The Operator", "Operator!", "9"))
    assert transcript.text == "Operator!"
    assert [word.text for word in transcript.words] == ["operator"]
    assert 0 <= transcript.words[0].start < transcript.words[0].end < 1.5
    assert begun is not None


def test_without_hints_english_is_understood_somehow(engine: Pocketsphinx) -> None:
    (answer,) = answers(("what is the weather like today",), (None,), ("espeak en-us",))
    text = listen(engine, answer.samples)[0].text
    assert set(text.split()) & {"what", "is", "the", "weather", "like", "today"}


def test_nothing_is_understood_of_nothing(engine: Pocketsphinx) -> None:
    for hints in ((), ("yes", "no")):
        recognition = engine.open(Task(8000, "en-US", hints))
        assert recognition.words() == ""
        assert recognition.finish().text == ""
        recognition = engine.open(Task(8000, "en-US", hints))
        recognition.hear(np.zeros(800, np.int16))
        recognition.drop()


@pytest.mark.parametrize("name", ["Siobhan Kubernetes", "Almon Strowger", "Twilio"])
def test_names_that_the_dictionary_lacks_sound_as_they_look(engine: Pocketsphinx, name: str) -> None:
    assert name.lower().split()[-1] not in pronunciations()
    for answer in answers((name,), (None,), ("espeak en-us", "espeak en-us+f3")):
        assert listen(engine, answer.samples, ("Siobhan Kubernetes", "Almon Strowger", "Twilio", "operator"))[0].text == name


def test_every_sound_of_the_guesses_is_one_of_the_model() -> None:
    known = {phoneme for sounds in pronunciations().values() for sound in sounds for phoneme in sound.split()}
    assert {phoneme for written in _PHONEMES.values() for phoneme in written.split()} <= known
    assert guess("strowger") == "S T R OW JH ER"
    assert guess("") == ""


@pytest.mark.parametrize("hints", [("yes", "no"), ()])
@pytest.mark.parametrize("seconds", [0.2, 0.3, 0.6])
def test_a_cough_is_no_word(engine: Pocketsphinx, hints: tuple[str, ...], seconds: float) -> None:
    """Of noise without a vowel the model would make "the" and "huh"."""
    fading = np.exp(-np.arange(round(8000 * seconds)) / (2000 * seconds))
    cough = (np.random.default_rng(2).normal(0, 5000, fading.size) * fading).astype(np.int16)
    recognition = engine.open(Task(8000, "en-US", hints))
    for part in (np.zeros(3200, np.int16), cough, np.zeros(1600, np.int16)):
        recognition.hear(part)
        assert recognition.words(paused=True) == ""
    assert recognition.finish().text == ""


@pytest.mark.parametrize("hints", [("yes", "no"), ()])
def test_a_short_answer_is_understood_as_soon_as_it_pauses(engine: Pocketsphinx, hints: tuple[str, ...]) -> None:
    """While it is spoken there is too little of it to be worth a look."""
    (answer,) = answers(("yes",), (None,), voices()[:1])
    recognition = engine.open(Task(8000, "en-US", hints))
    sounding = answer.samples[np.flatnonzero(np.abs(answer.samples) > 300)[0] - 3200 :][: 3200 + 2800 + 1600]
    for start in range(0, sounding.size, 800):
        recognition.hear(sounding[start : start + 800])
        recognition.words()
    assert recognition.words(paused=True)
    recognition.drop()


@pytest.mark.parametrize("rate", [8000, 16000])
def test_what_was_said_so_far_is_understood_while_it_goes_on(engine: Pocketsphinx, rate: int) -> None:
    (answer,) = answers(("operator",), (None,), voices()[:1])
    samples = answer.samples[8000:] if rate == 8000 else np.repeat(answer.samples[8000:], 2)
    recognition = engine.open(Task(rate, "en-US", ("operator", "goodbye")))
    for start in range(0, samples.size, 800):
        recognition.hear(samples[start : start + 800])
    assert recognition.words() == "operator"
    assert recognition.finish().text == "operator"
