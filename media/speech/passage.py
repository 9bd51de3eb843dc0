"""What a speaker is given: passages of text, each with the manner of its speaking, and silences."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Passage:
    """Plain text, in which nothing is markup."""

    text: str
    language: str = ""
    """BCP 47; empty is that of the whole."""
    rate: float = 1.0
    """Factor of the voice's own speed."""
    pitch: float = 1.0
    """Factor of its frequency."""
    volume: float = 1.0
    """Factor of its amplitude."""
    reading: str = ""
    """How it is to be read, in the words of SSML's ``interpret-as``; empty is as words."""
    format: str = ""
    """The order of a date's parts: ``mdy``, ``ym`` ..."""
    alphabet: str = ""
    """What ``phonemes`` is written in, in the words of SSML's ``alphabet``."""
    phonemes: str = ""
    """How it sounds; empty is as the voice reads the text."""
    role: str = ""
    """Which of the words that are spelt alike, as Amazon Polly names them: ``amazon:VBD``."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing, in place of the voice's own pause."""

    seconds: float
