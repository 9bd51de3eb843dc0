"""Session descriptions that we send, where the SIP library does not write them as we need them. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def label_streams(body: str, labels: Sequence[str]) -> str:
    """Give the media of a description their labels, in order (RFC 4574); further media get none."""
    sections: list[list[str]] = [[]]
    for line in body.replace("\r\n", "\n").split("\n"):
        if line.startswith("m="):
            sections.append([])
        if line and not line.startswith("a=label:"):
            sections[-1].append(line)
    for section, label in zip(sections[1:], labels, strict=False):
        section.append(f"a=label:{label}")
    return "".join(f"{line}\r\n" for section in sections for line in section)
