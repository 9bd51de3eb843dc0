from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.speech.phrases import MAX_PHRASE, MAX_TEXT, clean, split


@given(st.text(max_size=3 * MAX_TEXT))
def test_phrases_are_short_and_no_letter_is_lost(text: str) -> None:
    phrases = split(text)
    assert all(0 < len(phrase) <= MAX_PHRASE for phrase in phrases)
    assert "".join("".join(phrases).split()) == "".join(clean(text[:MAX_TEXT]).split())


@given(st.text())
def test_no_control_character_reaches_an_engine(text: str) -> None:
    cleaned = clean(text)
    assert not any(ord(character) < 32 and character != "\n" for character in cleaned)
    cleaned.encode()


def test_a_short_text_is_one_phrase() -> None:
    assert split("Dr. Smith paid $1.50.  Really?\t Yes!") == ["Dr. Smith paid $1.50. Really? Yes!"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\0\x01\x02", "\ud800", "\ue001"])
def test_a_text_of_nothing_has_no_phrase(text: str) -> None:
    assert split(text) == []


def test_a_long_text_is_cut_at_the_end_of_a_sentence() -> None:
    sentence = "This, I would say, is a sentence of some length. "
    phrases = split(sentence * 20)
    assert len(phrases) > 1
    assert all(phrase.endswith("length.") for phrase in phrases)


@pytest.mark.parametrize(("mark", "end"), [(", ", ","), (" ", "word"), ("。", "。"), ("\n", "word")])
def test_without_a_sentence_it_is_cut_where_it_can_be(mark: str, end: str) -> None:
    phrases = split(f"word{mark}" * 200)
    assert len(phrases) > 1
    assert all(phrase.endswith(end) for phrase in phrases)


def test_without_any_mark_it_is_cut_all_the_same_but_not_inside_a_letter() -> None:
    phrases = split("กำ" * 300 + "e\u0301" * 300)
    assert all(len(phrase) <= MAX_PHRASE for phrase in phrases)
    assert not any(phrase.startswith("\u0301") for phrase in phrases)


def test_embedded_commands_become_text() -> None:
    assert split("a\x01+90S b") == ["a +90S b"]
