"""Which words are heard at a step of Pay: a Prompt of the document, or the built-in ones (spec section 2.15). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from markup.execution.nested import Children
from markup.speech import plain
from markup.verbs import Prompt, Say
from markup.wording import Wording

_SAME_ERROR = {"timeout": "input-timeout"}
"""Two names of one error."""


@dataclass(frozen=True, slots=True)
class Moment:
    """What the caller is to hear about."""

    step: str
    attempt: int = 1
    error: str = ""
    """Of the attempt before; empty when there was none."""
    card_type: str = ""
    again: bool = False
    """The same is asked for a second time, to compare."""


def choose_prompt(prompts: Iterable[Prompt], moment: Moment) -> Prompt | None:
    """The Prompt that says most about a moment, the first of equals; None when none fits.

    An attribute that is left out fits everything and says nothing. What is said of an error weighs more than what is said of a
    card, and that more than what is said of the attempt.
    """
    fitting = [prompt for prompt in prompts if _fits(prompt, moment)]
    return max(fitting, key=_weight, default=None)


def wants_matching(prompts: Iterable[Prompt], step: str) -> bool:
    """Whether the caller enters a step's digits twice."""
    return any(prompt.require_matching_inputs and (not prompt.for_ or step in prompt.for_) for prompt in prompts)


def built_in(wording: Wording, language: str, moment: Moment, code_length: int) -> Children:
    """The words of the switch: what was wrong, if anything, and what is asked for."""
    sentences = [wording.errors[moment.error]] if moment.error in wording.errors else []
    sentences.append(wording.again if moment.again else wording.steps[moment.step].format(digits=code_length))
    return (Say(text=plain(" ".join(sentences)), language=language),)


def _fits(prompt: Prompt, moment: Moment) -> bool:
    errors = [_SAME_ERROR.get(error, error) for error in prompt.error_type]
    return (
        prompt.require_matching_inputs is moment.again
        and (not prompt.for_ or moment.step in prompt.for_)
        and (not errors or moment.error in errors)
        and (not prompt.card_type or moment.card_type in prompt.card_type)
        and (not prompt.attempt or moment.attempt in prompt.attempt)
    )


def _weight(prompt: Prompt) -> tuple[int, bool, bool, bool, bool]:
    said = bool(prompt.error_type), bool(prompt.card_type), bool(prompt.attempt), bool(prompt.for_)
    return (sum(said), *said)
