"""Text of a language model as a voice should read it: without the marks that are meant for a screen. Pure."""

from __future__ import annotations

import re

_LINK = re.compile(r"!?\[([^\]\n]*)\]\((?:[^()\s]|\([^()\s]*\))*\)")
_ADDRESS = re.compile(r"\bhttps?://(?:www\.)?([^\s/?#)\]]+)[^\s)\]]*")
_EMPHASIS = re.compile(r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,3}(?=\w)|(?<=\w)_{1,3}(?!\w)|~~|`{1,3}")
_LINE_MARK = re.compile(r"(?m)^[ \t]*(?:#{1,6}|>|[-+*•]|\d{1,2}\))[ \t]+")
_RULE = re.compile(r"(?m)^[ \t]*(?:[-*_=][ \t]*){3,}$")
_PICTURE = re.compile("[\u2190-\u21ff\u2300-\u27bf\u2900-\u297f\u2b00-\u2bff\ufe0e\ufe0f\u200d\u20e3\U0001f000-\U0001faff]")


def speakable(text: str) -> str:
    """A text without Markdown, pictures and the paths of addresses; spaces at its ends stay."""
    text = _LINK.sub(r"\1", text)
    text = _ADDRESS.sub(r"\1", text)
    text = _RULE.sub("", text)
    text = _LINE_MARK.sub("", text)
    text = _PICTURE.sub(" ", text)
    return _EMPHASIS.sub("", text)
