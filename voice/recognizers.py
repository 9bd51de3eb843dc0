"""Who understands whom: the recognition engines of one server, chosen by language and speech model."""

from __future__ import annotations

from dataclasses import dataclass

from media.recognition.desk import Desk, Post
from media.recognition.worker import Recipe

DEFAULT_LANGUAGE = "en-US"

POCKETSPHINX = Recipe("media.recognition.sphinx", "Pocketsphinx")


@dataclass(frozen=True, slots=True)
class Recognizer:
    """One engine, as it was configured."""

    name: str
    recipe: Recipe
    languages: tuple[str, ...] = ()
    """BCP 47, or the first part of it; empty is every language."""

    def understands(self, language: str) -> bool:
        """Whether a language is one of its own."""
        tag = language.lower()
        return not self.languages or any(tag == known or tag.startswith(known + "-") for known in map(str.lower, self.languages))


BUILT_IN = Recognizer("pocketsphinx", POCKETSPHINX, ("en",))


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who understands one caller."""

    name: str
    desk: Desk
    language: str
    """The one that was asked for, or the one that is understood instead."""


class Recognizers:
    """The engines of one server. Their processes start when they are needed."""

    def __init__(self, usual: Recognizer, post: Post, *, processes: int = 1, inline: bool = False) -> None:
        self._usual = usual
        self._desks = {usual.name: Desk(usual.recipe, post, processes=processes, inline=inline)}

    @property
    def waiting(self) -> int:
        """Orders that no process has taken yet."""
        return sum(desk.waiting for desk in self._desks.values())

    def choose(self, language: str, model: str) -> Chosen:
        """Who understands a language, with a ``speechModel`` of TwiML."""
        usual = self._usual
        return Chosen(usual.name, self._desks[usual.name], language if usual.understands(language) else DEFAULT_LANGUAGE)

    def close(self) -> None:
        """End all processes."""
        for desk in self._desks.values():
            desk.close()
