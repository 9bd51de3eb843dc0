"""What is heard while a verb listens: its nested verbs, which can wait in silence and go on where they were."""

from __future__ import annotations

from markup import events
from markup.execution.nested import Children, goes_on, sequence
from markup.script import Script

_MOVES = (events.PlaybackEnded, events.PlaybackFailed, events.TimerFired)
"""What takes them on: of these there are no more than were started."""


class Prompts:
    """Begins with what is nested; ``not_audio`` is the code of a file that is none."""

    def __init__(self, script: Script, children: Children, not_audio: int) -> None:
        self._script = script
        self._run = sequence(script, children, not_audio)
        self._missed: list[events.Event] | None = None
        """What has happened since they wait."""
        self.over = not goes_on(self._run)

    @property
    def wait(self) -> bool:
        """Whether they are silent until they are told to go on."""
        return self._missed is not None

    def take(self, event: events.Event) -> None:
        """Something has happened: it takes them on at once, or as soon as they go on."""
        if self._missed is None:
            self.over = self.over or not goes_on(self._run, event)
        elif isinstance(event, _MOVES):
            self._missed.append(event)

    def hold(self) -> None:
        """Wait in silence."""
        if not self.over and self._missed is None:
            self._missed = []
            self._script.hold(True)

    def go_on(self) -> None:
        """Be heard again, from where it was."""
        if self._missed is not None:
            missed, self._missed = self._missed, None
            self._script.hold(False)
            for event in missed:
                self.take(event)
