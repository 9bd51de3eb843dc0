"""What the audio of one call is like while it goes on, and what of it is worth an entry in the journal."""

from __future__ import annotations

from dataclasses import asdict

from sip.quality import Quality
from voice.story.journal import Journal, Value

NOTED_SECONDS = 60.0
"""After which it is noted although nothing has changed."""
MARKED = 0.3
"""A change of the estimated opinion that people would hear."""


class Audio:
    """The looks at one call's audio."""

    def __init__(self, journal: Journal) -> None:
        self.whole: Quality | None = None
        """From the answer on."""
        self.recent: Quality | None = None
        """Between the last two looks of the round."""
        self._base: Quality | None = None
        """The last look of the round."""
        self._journal = journal
        self._noted: Quality | None = None
        self._noted_at = 0.0

    @property
    def silent(self) -> bool:
        """Whether no packet came between the last two looks."""
        return self.recent is not None and not self.recent.received

    def look(self, quality: Quality, now: float) -> Quality:
        """Take what it has been like so far, when it is this call's turn; returns what it was like since the last turn."""
        recent = quality.since(self._base) if self._base is not None else quality
        self.whole, self._base, self.recent = quality, quality, recent
        if self._noted is None or now - self._noted_at >= NOTED_SECONDS or _differs(recent, self._noted):
            self._noted, self._noted_at = recent, now
            self._journal.add("quality", at=None, **self.told())
        return recent

    def close(self, quality: Quality) -> None:
        """The call is over, and was like this."""
        self.whole, self.recent = quality, None
        self._journal.add("quality", at=None, **self.told())

    def told(self) -> dict[str, Value]:
        """As journals have it; empty when there was none."""
        if self.whole is None:
            return {}
        recent = told(self.recent) if self.recent is not None else {}
        return {**told(self.whole), **{f"recent_{name}": recent[name] for name in _RECENT if name in recent}}


def told(quality: Quality) -> dict[str, Value]:
    """The numbers of one stretch of time."""
    facts = {name: value for name, value in asdict(quality).items() if name not in ("jitter_now_ms", "round_trip_now_ms")}
    return {**facts, "loss": round(quality.loss, 4), "mos": quality.mos}


_RECENT = ("received", "lost", "loss", "jitter_ms", "round_trip_ms", "mos")


def _differs(one: Quality, other: Quality) -> bool:
    return (
        (not one.received) != (not other.received)
        or abs(one.mos - other.mos) >= MARKED
        or (one.codec, one.declared, one.heard_from) != (other.codec, other.declared, other.heard_from)
    )
