"""The README's table of verbs says what the grammar and the tables of execution say."""

from __future__ import annotations

from pathlib import Path

import pytest

from markup.catalogue import BEGIN, END, NOTES, refreshed, rows, table
from markup.grammar import HOMES
from markup.vocabulary import PHRASING

README = Path(__file__).parent.parent.parent / "README.md"


def test_the_readme_holds_the_table() -> None:
    """Otherwise: python -m markup.catalogue README.md"""
    text = README.read_text()
    assert refreshed(text) == text


def test_every_element_has_a_row() -> None:
    assert {row.name for row in rows()} == {*HOMES} - PHRASING
    assert len(table().splitlines()) == len(list(rows())) + 2


def test_a_state_is_that_of_the_place() -> None:
    states = {(row.parent, row.name): row.state for row in rows()}
    assert states["", "Say"] == "works"
    assert states["Dial", "Number"] == "works"
    assert states["Dial", "Sim"] == "foreign"
    assert states["Connect", "Room"] == "foreign"


def test_a_note_is_about_an_element() -> None:
    assert {*NOTES} <= {*HOMES}


def test_what_surrounds_the_table_is_kept() -> None:
    text = refreshed(f"before {BEGIN} old {END} after")
    assert (text.startswith(f"before {BEGIN}\n"), text.endswith(f"\n{table()}\n{END} after")) == (True, True)
    with pytest.raises(ValueError, match="the text has no"):
        refreshed("nothing")
