"""Words behind which a full stop ends no sentence, by language. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERYWHERE = _words("dr prof st vs ca approx tel nr")
_BY_LANGUAGE: Mapping[str, frozenset[str]] = {
    "en": _words("mr mrs ms messrs mt jr sr rev hon gov gen col capt lt sgt sen rep fig vol ft ave blvd dept est"),
    "de": _words("hr fr frl ing str bzw evtl ggf inkl exkl max min mind vgl abs bd jh jhd geb gest ev usf zzgl"),
    "fr": _words("mm mgr av bd env p.ex éd chap tél"),
    "es": _words("sr sra srta sres dra ud uds vd vds av avda pág núm depto tfno ej"),
    "it": _words("sig sigg dott dssa ing avv arch geom egr gent pag ecc"),
    "pt": _words("sr sra dra exmo exma av núm pág p.ex eng"),
    "nl": _words("dhr mevr mw ir ing mr drs nl bv blz bijv ong enz evt incl excl"),
    "sv": _words("bl t.ex dvs ca kr osv"),
    "da": _words("hr fru bl fx kl kr osv"),
    "nb": _words("hr fru bl kl kr osv"),
    "pl": _words("p np tzn m.in ul al mgr inż hab godz tys"),
}
_ORDINALS = _words("de da nb no cs sk pl hu fi tr hr sl et lv")
"""Languages that write an ordinal number as a figure with a full stop."""
_INITIALS = re.compile(r"[^\W\d_](\.[^\W\d_])*")
_AROUND = "([{\"'“‘„«"


def is_abbreviation(word: str, language: str) -> bool:
    """Whether the full stop behind ``word`` most likely ends no sentence; ``language`` is BCP 47."""
    word = word.lstrip(_AROUND)
    tongue = language.partition("-")[0].lower()
    if word.lower() in _EVERYWHERE | _BY_LANGUAGE.get(tongue, frozenset()):
        return True
    if word.isdecimal():
        return len(word) <= 2 and tongue in _ORDINALS
    if not _INITIALS.fullmatch(word):
        return False
    return len(word) > 1 or (word.isupper() and not (tongue == "en" and word == "I"))
