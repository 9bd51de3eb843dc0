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
        ("yes please", USUAL_PAUSE),
    ],
)
def test_the_pause_depends_on_what_was_said(words: str, pause: float) -> None:
    assert pause_that_ends(words, ("yes", "no")) == pause
