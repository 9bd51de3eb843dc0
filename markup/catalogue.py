"""The table of verbs and nouns in the README, made from the grammar and from the tables that run them.

``python -m markup.catalogue README.md`` puts it between the file's two marks.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from markup.grammar import VERBS, Element
from markup.support import State, meaningless, state_of_noun, state_of_verb, without_effect
from markup.verbs import Noun, Verb
from markup.vocabulary import PHRASING

BEGIN, END = "<!-- verbs -->", "<!-- /verbs -->"

_ORIGIN = "<!-- made by: python -m markup.catalogue README.md -->"

NOTES: Mapping[str, str] = {
    "Conference": "`jitterBufferSize` is the switch's own; `region` and `recordingConfigurationId` mean nothing here",
    "ConversationRelay": "turns are always recognised (`turnDetection`); `ttsProvider` and `transcriptionProvider` choose the "
    "engine of that name, where there is one",
    "Conversation": "asked for by `serviceInstanceSid`",
    "VirtualAgent": "asked for by `connectorName`; a `Config` may say what an attribute of `ConversationRelay` would",
    "AiSession": "asked for by `aiConnector`",
    "ConversationRelaySession": "asked for by `connector`",
    "Autopilot": "asked for by its text",
    "Transcription": "`transcriptionEngine` chooses the recogniser of that name, where there is one",
    "Dial": "`callReason`, `events`, `passports` and `recordingConfigurationId` mean nothing outside Twilio's network",
    "Enqueue": "a task router (`workflowSid`, `Task`) is Twilio's own",
    "Stream": "connectors (`connectorName`) are Twilio's own; `audioFormat` and `sampleRate` mean nothing here",
    "Say": "Japanese is read from kana, not from kanji",
    "Queue": "a task router (`reservationSid`, `postWorkActivitySid`) is Twilio's own",
    "Number": "`byoc` means nothing: a trunk is chosen by prefix",
}
"""What should be known of an element beside its state."""

_STATES: Mapping[State, str] = {
    "works": "works",
    "foreign": "refused: Twilio's own service",
    "configured": "an `[[agent]]` of yours; refused where there is none",
    "not built": "read, not run yet",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One element in one place."""

    name: str
    parent: str
    """Empty for a verb."""
    element: Element
    state: State
    first: str = ""
    """Where the same is listed already; empty: nowhere."""

    @property
    def cells(self) -> tuple[str, str, str, str]:
        """What the table's columns hold, in Markdown."""
        element = f"`{self.name}`" + (f" in `{self.parent}`" if self.parent else "")
        attributes = f"as in `{self.first}`" if self.first and self.element.attributes else _quoted(self.element.attributes)
        return element, attributes, _holds(self.element), self._verdict()

    def _verdict(self) -> str:
        unbuilt = without_effect(self.element.make) if self.state == "works" else ()
        nothing = meaningless(self.element.make) if self.state in ("works", "configured") else ()
        notes = [f"no effect yet: {_quoted(unbuilt)}"] if unbuilt else []
        if nothing:
            notes.append(f"{_quoted(nothing)} mean nothing here")
        if self.name in NOTES:
            notes.append(NOTES[self.name])
        return "; ".join([_STATES[self.state], *notes])


def rows() -> Iterator[Row]:
    """Every verb, followed by its nouns; what stands in those is listed where it comes first."""
    first: dict[type, str] = {}
    for name, element in VERBS.items():
        assert issubclass(element.make, Verb)
        yield Row(name, "", element, state_of_verb(element.make))
        for inner, child in element.children.items():
            kind = child.element.make
            if issubclass(kind, Noun):
                state = state_of_noun(element.make, kind)
                yield Row(inner, name, child.element, state, first.get(kind, ""))
                first.setdefault(kind, name)
                yield from _inside(inner, child.element, state, first)


def _inside(parent: str, element: Element, state: State, first: dict[type, str]) -> Iterator[Row]:
    for name, child in element.children.items():
        kind = child.element.make
        if kind not in first and issubclass(kind, Noun):
            first[kind] = parent
            own: State = "not built" if name in without_effect(element.make) else state
            yield Row(name, parent, child.element, own)
            yield from _inside(name, child.element, own, first)


def table() -> str:
    """The table, in Markdown."""
    lines = ["| element | attributes | holds | state |", "|---|---|---|---|"]
    lines += ["| " + " | ".join(row.cells) + " |" for row in rows()]
    return "\n".join(lines)


def refreshed(text: str) -> str:
    """A text with the table between its marks. Raises ValueError when it lacks them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the text has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{_ORIGIN}\n\n{table()}\n{END}{after}"


def _quoted(names: Mapping[str, object] | tuple[str, ...]) -> str:
    return " ".join(f"`{name}`" for name in names)


def _holds(element: Element) -> str:
    inner = (*element.children, *sorted(PHRASING)) if element.spoken else tuple(element.children)
    text = ["text"] if element.text or element.bare_text else []
    ignored = [f"{_quoted(tuple(element.ignored))} (means nothing)"] if element.ignored else []
    return ", ".join([*text, *([_quoted(inner)] if inner else []), *ignored])


if __name__ == "__main__":
    for argument in sys.argv[1:]:
        path = Path(argument)
        path.write_text(refreshed(path.read_text()))
