from __future__ import annotations

import pytest

from voice.relay.wording import speakable


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("It is **very** _important_.", "It is very important."),
        ("# Opening hours\n- nine to five\n* closed on Sunday", "Opening hours\nnine to five\nclosed on Sunday"),
        ("See [our page](https://example.com/a_(b)?c=1).", "See our page."),
        ("Visit https://www.example.com/a/b?c=1 today.", "Visit example.com today."),
        ("Use `make run` 😀 now", "Use make run   now"),
        ("2 * 3 = 6", "2 * 3 = 6"),
        ("snake_case stays", "snake_case stays"),
        (" and so on", " and so on"),
        ("---", ""),
        ("It costs 3.50, or 20 % less. C# and 1) that", "It costs 3.50, or 20 % less. C# and 1) that"),
    ],
)
def test_marks_for_a_screen_are_not_read_out(text: str, spoken: str) -> None:
    assert speakable(text) == spoken
