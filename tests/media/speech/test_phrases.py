from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.speech.phrases import MAX_PHRASE, Phrase, Piece, clean, split


def texts(text: str) -> list[str]:
    """The text of each phrase of a plain text."""
    return [written(phrase) for phrase in split([Piece(clean(text))])]


def written(phrase: Phrase) -> str:
    return "".join(piece.text for piece in phrase.pieces)


PIECES = st.lists(
    st.builds(
        Piece, st.text(max_size=2 * MAX_PHRASE).map(clean), st.sampled_from([0.5, 1.0]), sound=st.sampled_from(["", "", "a"])
    ),
    max_size=12,
)


@given(PIECES)
def test_phrases_are_short_and_no_letter_is_lost(pieces: list[Piece]) -> None:
    phrases = split(pieces)
    expected = "".join(piece.text[:MAX_PHRASE] if piece.sound else piece.text for piece in pieces)
    assert all(0 < len(written(phrase)) <= MAX_PHRASE for phrase in phrases)
    assert "".join("".join(map(written, phrases)).split()) == "".join(expected.split())


@given(PIECES)
def test_a_piece_keeps_its_manner_and_is_not_cut_when_its_sound_is_given(pieces: list[Piece]) -> None:
    letters = {(piece.rate, piece.sound): 0 for piece in pieces}
    for phrase in split(pieces):
        for piece in phrase.pieces:
            assert (piece.rate, piece.sound) in letters
    sounds = [piece.text[:MAX_PHRASE].strip() for piece in pieces if piece.sound and piece.text.strip()]
    assert [
        piece.text.strip() for phrase in split(pieces) for piece in phrase.pieces if piece.sound and piece.text.strip()
    ] == sounds


@given(st.text())
def test_no_control_character_reaches_an_engine(text: str) -> None:
    cleaned = clean(text)
    assert not any(ord(character) < 32 for character in cleaned)
    cleaned.encode()


def test_a_short_text_is_one_phrase() -> None:
    assert texts("Dr. Smith paid $1.50.  Really?\t Yes!") == ["Dr. Smith paid $1.50. Really? Yes!"]


@pytest.mark.parametrize("text", ["", "   ", "\n\n", "\0\x01\x02", "\ud800", "\ue001"])
def test_a_text_of_nothing_has_no_phrase(text: str) -> None:
    assert texts(text) == []


def test_a_long_text_is_cut_at_the_end_of_a_sentence_and_pauses_there() -> None:
    phrases = split([Piece("This, I would say, is a sentence of some length. " * 20)])
    assert len(phrases) > 1
    assert all(written(phrase).endswith("length.") for phrase in phrases)
    assert [phrase.paused for phrase in phrases] == [True] * (len(phrases) - 1) + [False]


@pytest.mark.parametrize(("mark", "end"), [(", ", ","), (" ", "word"), ("。", "。"), ("\n", "word")])
def test_without_a_sentence_it_is_cut_where_it_can_be(mark: str, end: str) -> None:
    phrases = texts(f"word{mark}" * 200)
    assert len(phrases) > 1
    assert all(phrase.endswith(end) for phrase in phrases)


def test_there_is_no_pause_inside_a_sentence() -> None:
    assert not any(phrase.paused for phrase in split([Piece("word " * 200)]))


def test_a_cut_may_fall_between_or_inside_pieces() -> None:
    slow, fast = Piece("slow words and " * 20, rate=0.5), Piece("fast words. " * 20, rate=2.0)
    first, second = split([slow, fast])
    assert [piece.rate for piece in first.pieces] == [0.5, 2.0]
    assert [piece.rate for piece in second.pieces] == [2.0]


def test_without_any_mark_it_is_cut_all_the_same_but_not_inside_a_letter() -> None:
    phrases = texts("กำ" * 300 + "e\u0301" * 300)
    assert all(len(phrase) <= MAX_PHRASE for phrase in phrases)
    assert not any(phrase.startswith("\u0301") for phrase in phrases)


def test_embedded_commands_become_text() -> None:
    assert texts("a\x01+90S b") == ["a +90S b"]
