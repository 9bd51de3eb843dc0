"""What a caller hears: Say, Play and Pause (spec sections 2.1 to 2.3)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.speech import NOTHING, Utterance
from markup.verbs.roots import Verb


@dataclass(frozen=True, slots=True)
class Say(Verb):
    """Speak (section 2.1)."""

    text: Utterance = NOTHING
    """What is spoken, its SSML read and its white space collapsed. Sections 1.5 and 2.1."""
    voice: str = ""
    """``man``, ``woman``, ``alice``, ``Polly.*`` or ``Google.*``; empty is the switch's default voice. Section 2.1."""
    language: str = ""
    """BCP 47; empty is the voice's own, else en-US. Section 2.1."""
    loop: int = 1
    """How often, 0 to 1000; 0 is a thousand times. Section 2.1."""


@dataclass(frozen=True, slots=True)
class Play(Verb):
    """Play a file, or send keys (section 2.2)."""

    url: str = ""
    """Of the audio; relative to the document. May be empty when there are digits. Section 2.2."""
    loop: int = 1
    """How often, 0 to 1000; 0 is a thousand times. Section 2.2."""
    digits: str = ""
    """Keys to send: ``0-9 A-D * #``, ``w`` 0.5 s, ``W`` 1 s. Section 2.2."""


@dataclass(frozen=True, slots=True)
class Pause(Verb):
    """Wait (section 2.3)."""

    length: int = 1
    """Seconds, at least 1. Section 2.3."""
