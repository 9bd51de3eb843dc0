"""Hints as words."""

from __future__ import annotations

import pytest

from media.recognition.hints import MOST_WORDS, read_hints


@pytest.mark.parametrize(
    ("hint", "words"),
    [
        ("sales", ["sales"]),
        ("  Customer   Service ", ["customer", "service"]),
        ("I don’t know!", ["i", "don't", "know"]),
        ("press 10", ["press", "one", "zero"]),
        ("e-mail", ["e", "mail"]),
        ("U.S.A.", ["u", "s", "a"]),
    ],
)
def test_a_hint_is_read_as_it_is_spoken(hint: str, words: list[str]) -> None:
    (phrase,) = read_hints([hint])
    assert list(phrase.words) == words
    assert phrase.text == " ".join(hint.split())


@pytest.mark.parametrize("hint", ["", "!?", "日本", "word " * (MOST_WORDS + 1), "<>;|"])
def test_what_cannot_be_spoken_is_no_hint(hint: str) -> None:
    assert list(read_hints([hint])) == []
