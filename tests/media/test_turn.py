"""When somebody has finished speaking."""

from __future__ import annotations

import pytest

from media.turn import COMPLETE_PAUSE, NUMBER_PAUSE, UNFINISHED_PAUSE, USUAL_PAUSE, pause_that_ends


@pytest.mark.parametrize(
    ("words", "pause"),
    [
        ("", USUAL_PAUSE),
        ("a table for tonight", USUAL_PAUSE),
        ("i would like to", UNFINISHED_PAUSE),
        ("And, um...", UNFINISHED_PAUSE),
        ("my number is five five", NUMBER_PAUSE),
        ("it is 42", NUMBER_PAUSE),
        ("yes", COMPLETE_PAUSE),
        ("yes please", COMPLETE_PAUSE),
        ("What are your opening hours?", COMPLETE_PAUSE),
        ("Well, I think,", UNFINISHED_PAUSE),
    ],
)
def test_the_pause_depends_on_what_was_said(words: str, pause: float) -> None:
    assert pause_that_ends(words, ("yes", "no")) == pause


@pytest.mark.parametrize(
    ("language", "words", "pause"),
    [
        ("de-DE", "ich möchte gerne mit", UNFINISHED_PAUSE),
        ("de-DE", "nein", COMPLETE_PAUSE),
        ("fr-FR", "mon numéro est le zéro six", NUMBER_PAUSE),
        ("es-ES", "quiero hablar con", UNFINISHED_PAUSE),
        ("fi-FI", "haluan varata pöydän", USUAL_PAUSE),
    ],
)
def test_each_language_has_words_that_nobody_ends_with(language: str, words: str, pause: float) -> None:
    assert pause_that_ends(words, (), language) == pause


def test_who_has_to_be_surer_waits_longer() -> None:
    pauses = [pause_that_ends("a table for tonight", certainty=certainty) for certainty in (0.5, 0.7, 0.8, 0.9)]
    assert pauses == sorted(pauses)
    assert pauses[2] == pytest.approx(USUAL_PAUSE)
    assert pauses[0] == pytest.approx(0.43 * USUAL_PAUSE, rel=0.01)
    assert pauses[3] == pytest.approx(1.43 * USUAL_PAUSE, rel=0.01)
