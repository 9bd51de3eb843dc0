"""Swear words in what was understood (spec section 2.4, ``profanityFilter``)."""

from __future__ import annotations

import re

_STEMS = (
    r"arse(?:hole)?s?|ass(?:hole|es|holes)?|bastards?|bitch(?:es|ing|y)?|bollocks|bullshit|cocks?(?:sucker\w*)?|cunts?|dick(?:head)?s?|"
    r"fag(?:got)?s?|(?:mother)?fuck\w*|nigg(?:er|a)s?|piss(?:ed|ing)?|pricks?|pussy|shit\w*|sluts?|twats?|wank\w*|whores?"
)
_SWEARING = re.compile(rf"\b({_STEMS})\b", re.IGNORECASE)


def mask(text: str) -> str:
    """A text in which all but the first letter of each English swear word is an asterisk."""
    return _SWEARING.sub(lambda found: found[0][0] + "*" * (len(found[0]) - 1), text)
