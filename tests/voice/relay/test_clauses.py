from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voice.relay.clauses import LONGEST_CLAUSE, Clauses, heard_part


@pytest.mark.parametrize(
    ("tokens", "pieces"),
    [
        (["Hello. ", "How are you?"], ["Hello.", " How are you?"]),
        (["It costs 3", ".50 now. "], ["It costs 3.50 now."]),
        (["Well, this is a long start, and more"], ["Well, this is a long start,"]),
        (["no end in sight"], []),
        (["a" * 130], ["a" * LONGEST_CLAUSE]),
        (["Version 2.", "5 is out. "], ["Version 2.5 is out."]),
    ],
)
def test_pieces_end_where_a_speaker_would_pause(tokens: list[str], pieces: list[str]) -> None:
    clauses = Clauses()
    assert [piece for token in tokens for piece in clauses.push(token)] == pieces


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("en-US", "Ask Dr. Watson or Mrs. Hudson. Now.", ["Ask Dr. Watson or Mrs. Hudson.", " Now."]),
        ("en-GB", "Bring fruit, e.g. apples. Thanks.", ["Bring fruit,", " e.g. apples.", " Thanks."]),
        ("en-US", "No. We are closed.", ["No.", " We are closed."]),
        ("en-US", "So do I. Call J. Smith.", ["So do I.", " Call J. Smith."]),
        ("en-US", "Room 12. Second floor.", ["Room 12.", " Second floor."]),
        ("de-DE", "Am 3. Mai bei Hr. Meier, d.h. morgen. Gut.", ["Am 3. Mai bei Hr. Meier,", " d.h. morgen.", " Gut."]),
        ("fr-FR", "Voici MM. Dupont et Durand. Bien.", ["Voici MM. Dupont et Durand.", " Bien."]),
    ],
)
def test_an_abbreviation_ends_no_piece(language: str, text: str, pieces: list[str]) -> None:
    assert Clauses().push(text, language) == pieces


@pytest.mark.parametrize(
    ("text", "words", "rest"),
    [
        ("nothing stops he", "nothing stops", " he"),
        (" one", "", " one"),
        ("all of it ", "all of it", " "),
        ("こんにちは", "こんにちは", ""),
        ("", "", ""),
    ],
)
def test_whole_words_can_be_had_at_any_time(text: str, words: str, rest: str) -> None:
    clauses = Clauses()
    clauses.push(text)
    assert clauses.waiting is bool(words)
    assert clauses.words() == words
    assert clauses.flush() == rest


@given(st.lists(st.text(alphabet="ab .,!?\n1", max_size=50), max_size=20))
def test_nothing_is_lost_or_changed(tokens: list[str]) -> None:
    clauses = Clauses()
    pieces = [piece for token in tokens for piece in clauses.push(token)]
    assert "".join([*pieces, clauses.flush()]) == "".join(tokens)


@pytest.mark.parametrize(
    ("fraction", "heard"), [(0, ""), (0.3, "one"), (0.5, "one two"), (0.99, "one two three"), (1, "one two three four")]
)
def test_only_whole_words_were_heard(fraction: float, heard: str) -> None:
    assert heard_part("one two three four", fraction) == heard
