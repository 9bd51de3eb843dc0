"""Whether somebody has finished speaking, by how long nothing was said and by what was understood so far. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from math import log

USUAL_PAUSE = 0.8
"""Seconds that end an utterance of which nothing special is known."""
COMPLETE_PAUSE = 0.5
"""After an answer that was expected word for word, and after what sounds complete: nothing has to follow."""
NUMBER_PAUSE = 1.2
"""After a figure: people say long numbers in groups."""
UNFINISHED_PAUSE = 1.8
"""After a word that nobody ends with."""


USUAL_CERTAINTY = 0.8
"""How sure one is after these pauses that nothing follows (spec section 2.13, ``eotThreshold``)."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_FIGURES: Mapping[str, frozenset[str]] = {
    "en": _words("zero oh one two three four five six seven eight nine ten double triple hundred thousand"),
    "de": _words("null eins zwei zwo drei vier fünf sechs sieben acht neun zehn hundert tausend"),
    "es": _words("cero uno dos tres cuatro cinco seis siete ocho nueve diez cien mil"),
    "fr": _words("zéro un deux trois quatre cinq six sept huit neuf dix cent mille"),
    "it": _words("zero uno due tre quattro cinque sei sette otto nove dieci cento mille"),
    "nl": _words("nul een twee drie vier vijf zes zeven acht negen tien honderd duizend"),
    "pt": _words("zero um dois três quatro cinco seis sete oito nove dez cem mil"),
}
_UNFINISHED: Mapping[str, frozenset[str]] = {
    "en": _words(
        "a an the and or but so because if to of for from with at in on by is are was my your his her our their this that these "
        "i you we they um uh er erm well like let's can could would will about than as into"
    ),
    "de": _words(
        "der die das den dem des ein eine einen einem und oder aber weil wenn dass zu von für mit bei im in an am auf aus ist "
        "sind war mein meine ihr ihre ich wir sie es äh ähm also kann könnte würde will über als"
    ),
    "es": _words(
        "el la los las un una y o pero porque si que a de del para con en por es son mi su yo eh este puedo quiero como"
    ),
    "fr": _words(
        "le la les un une des et ou mais parce si que à de du pour avec en par est sont mon ma mes je nous euh alors dans"
    ),
    "it": _words("il lo la i gli le un una e o ma perché se che a di del per con in da è sono mio mia io noi ehm allora come"),
    "nl": _words("de het een en of maar omdat als dat te van voor met bij in op is zijn mijn ik wij we eh uh dus kan wil om"),
    "pt": _words("o a os as um uma e ou mas porque se que de do da para com em por é são meu minha eu nós eh então como"),
}
"""Words that nobody ends with, by language."""
_COMPLETE: Mapping[str, frozenset[str]] = {
    "en": _words("yes no yeah yep nope okay thanks please goodbye bye correct exactly"),
    "de": _words("ja nein doch danke bitte tschüss genau richtig okay"),
    "es": _words("sí no gracias adiós correcto exacto vale"),
    "fr": _words("oui non merci voilà exactement d'accord"),
    "it": _words("sì no grazie ciao esatto"),
    "nl": _words("ja nee bedankt precies klopt"),
    "pt": _words("sim não obrigado obrigada tchau exato"),
}
"""Words behind which little more is said."""
_ENDS, _GOES_ON = (".", "?", "!", "。", "？", "！"), (",", "…", "...", "-", "、", "，")
_NONE: frozenset[str] = frozenset()


def pause_that_ends(
    words: str, expected: Collection[str] = (), language: str = "en", certainty: float = USUAL_CERTAINTY
) -> float:
    """Seconds without a voice after which an utterance is over; ``words`` are those understood so far, perhaps none.

    ``expected`` are the phrases of which it may be one, as they would be understood; ``language`` is BCP 47. ``certainty``,
    between 0 and 1, is how sure one has to be: the chance that somebody goes on falls off exponentially with the silence.
    """
    patience = log(1 - certainty) / log(1 - USUAL_CERTAINTY)
    return patience * _usual_pause(words.strip(), expected, language.partition("-")[0].lower())


def _usual_pause(words: str, expected: Collection[str], tongue: str) -> float:
    if words and words in expected:
        return COMPLETE_PAUSE
    last = words.lower().rstrip(".,!?…-").rpartition(" ")[2]
    if last in _UNFINISHED.get(tongue, _NONE) or words.endswith(_GOES_ON):
        return UNFINISHED_PAUSE
    if last in _FIGURES.get(tongue, _NONE) or last.isdecimal():
        return NUMBER_PAUSE
    if last in _COMPLETE.get(tongue, _NONE) or words.endswith(_ENDS):
        return COMPLETE_PAUSE
    return USUAL_PAUSE
