"""How Say, Play and Pause are read (spec sections 2.1 to 2.3)."""

from __future__ import annotations

from dataclasses import replace

from markup import verbs
from markup.grammar.attributes import LANGUAGE
from markup.grammar.elements import SCHEMA_WARNING, Attribute, Element, Fault
from markup.readers import anything, keys, seconds, whole

NO_TEXT = 13520
NESTED_IN_GATHER = 13320


def _say_fault(say: verbs.Say) -> Fault | None:
    return None if say.text else (NO_TEXT, "<Say> has no text to speak")


def _play_fault(play: verbs.Play) -> Fault | None:
    return None if play.url or play.digits else (SCHEMA_WARNING, "<Play> has neither a URL nor digits")


def _nested_play_fault(play: verbs.Play) -> Fault | None:
    return (NESTED_IN_GATHER, "<Play digits> may not stand in <Gather>") if play.digits else _play_fault(play)


_LOOP = whole(0, 1000)

SAY = Element(
    verbs.Say,
    {
        "voice": Attribute("voice", anything, 13511),
        "language": Attribute("language", LANGUAGE, 13512),
        "loop": Attribute("loop", _LOOP, 13510),
    },
    text="text",
    spoken=True,
    fault=_say_fault,
)
PLAY = Element(
    verbs.Play,
    {"loop": Attribute("loop", _LOOP, 13410), "digits": Attribute("digits", keys, 13430)},
    text="url",
    fault=_play_fault,
)
PAUSE = Element(verbs.Pause, {"length": Attribute("length", seconds, 13910)})
PLAY_IN_GATHER = replace(PLAY, fault=_nested_play_fault)
