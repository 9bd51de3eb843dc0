"""What a caller enters: Gather (spec section 2.4)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Verb
from markup.verbs.speech import Pause, Play, Say


@dataclass(frozen=True, slots=True)
class Gather(Verb):
    """Collect keys (section 2.4)."""

    children: tuple[Say | Play | Pause, ...] = ()
    """Run while input is being collected. Section 1.8."""
    action: str = ""
    """Where the input goes; empty is the current document. Section 1.6, rule 4."""
    method: str = "POST"
    """GET or POST, for ``action``."""
    input: tuple[str, ...] = ("dtmf",)
    """Of ``dtmf`` and ``speech``. Section 2.4."""
    timeout: int = 5
    """Seconds without a key after the prompts or after the last key; ``auto`` is the default. Section 2.4."""
    finish_on_key: str = "#"
    """The key that ends the input; empty is none. Section 2.4."""
    num_digits: int = 0
    """How many keys end the input; 0 is unlimited. Section 2.4."""
    action_on_empty_result: bool = False
    """Whether ``action`` is requested without input. Section 2.4, rule 8."""
    speech_timeout: str = ""
    """Seconds of silence that end speech, or ``auto``; empty is ``timeout``. Section 2.4."""
    max_speech_time: int = 60
    """Seconds, 1 to 60. Section 2.4."""
    partial_result_callback: str = ""
    """Where speech is told while it goes on; empty is nowhere. Section 2.4."""
    partial_result_callback_method: str = "POST"
    """GET or POST, for ``partial_result_callback``."""
    language: str = "en-US"
    """BCP 47, of the speech. Section 2.4."""
    hints: str = ""
    """Words to expect, separated by commas. Section 2.4."""
    profanity_filter: bool = True
    """Whether swear words are masked. Section 2.4."""
    barge_in: bool = True
    """Whether speech stops the prompts. Section 2.4."""
    speech_model: str = "default"
    """Which recogniser. Section 2.4."""
    enhanced: bool = False
    """Deprecated by TwiML. Section 2.4."""
    debug: bool = False
    """Written by the SDK only; no meaning is documented."""
