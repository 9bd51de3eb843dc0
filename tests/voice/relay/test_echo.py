from __future__ import annotations

import pytest

from voice.relay.echo import is_echo

SPOKEN = "Good day. Ask me about breakfast, checkout or parking. I am open all day, and you can call me again."


@pytest.mark.parametrize(
    ("heard", "echo"),
    [
        ("ask me about breakfast", True),
        ("ask me about brexit checkout or parking", True),
        ("parking", False),
        ("checkout or parking", True),
        ("what is there for breakfast", False),
        ("good parking all again", False),
        ("", False),
    ],
)
def test_what_was_spoken_and_comes_back_is_an_echo(heard: str, echo: bool) -> None:
    assert is_echo(heard, SPOKEN) is echo


def test_nothing_is_an_echo_of_silence() -> None:
    assert not is_echo("ask me about breakfast", "")
