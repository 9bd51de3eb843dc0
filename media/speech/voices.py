"""Which espeak-ng voice stands for a voice and a language of Say (spec section 2.1)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from media.speech.polly import POLLY_VOICES

DEFAULT_LANGUAGE = "en-US"

LANGUAGES = {
    "af-ZA": "af",
    "am-ET": "am",
    "ar-AE": "ar",
    "ar-SA": "ar",
    "ar-XA": "ar",
    "arb": "ar",
    "az-AZ": "az",
    "bg-BG": "bg",
    "bn-BD": "bn",
    "bn-IN": "bn",
    "bs-BA": "bs",
    "ca-ES": "ca",
    "cmn-CN": "cmn",
    "cmn-Latn": "cmn-latn-pinyin",
    "cmn-TW": "cmn",
    "cs-CZ": "cs",
    "cy-GB": "cy",
    "da-DK": "da",
    "de-AT": "de",
    "de-CH": "de",
    "de-DE": "de",
    "el-GR": "el",
    "en-AU": "en",
    "en-CA": "en-us",
    "en-GB": "en",
    "en-GB-WLS": "en",
    "en-IE": "en",
    "en-IN": "en",
    "en-NZ": "en",
    "en-SG": "en",
    "en-US": "en-us",
    "en-ZA": "en",
    "es-ES": "es",
    "es-MX": "es-419",
    "es-US": "es-419",
    "et-EE": "et",
    "eu-ES": "eu",
    "fa-IR": "fa",
    "fi-FI": "fi",
    "fil-PH": "id",
    "fr-BE": "fr-be",
    "fr-CA": "fr",
    "fr-CH": "fr-ch",
    "fr-FR": "fr",
    "ga-IE": "ga",
    "gu-IN": "gu",
    "he-IL": "he",
    "hi-IN": "hi",
    "hr-HR": "hr",
    "hu-HU": "hu",
    "hy-AM": "hy",
    "id-ID": "id",
    "is-IS": "is",
    "it-IT": "it",
    "ja-JP": "ja",
    "ka-GE": "ka",
    "kk-KZ": "kk",
    "kn-IN": "kn",
    "ko-KR": "ko",
    "lt-LT": "lt",
    "lv-LV": "lv",
    "mk-MK": "mk",
    "ml-IN": "ml",
    "mr-IN": "mr",
    "ms-MY": "ms",
    "mt-MT": "mt",
    "my-MM": "my",
    "nb-NO": "nb",
    "ne-NP": "ne",
    "nl-BE": "nl",
    "nl-NL": "nl",
    "or-IN": "or",
    "pa-IN": "pa",
    "pl-PL": "pl",
    "pt-BR": "pt-br",
    "pt-PT": "pt",
    "ro-RO": "ro",
    "ru-RU": "ru",
    "si-LK": "si",
    "sk-SK": "sk",
    "sl-SI": "sl",
    "sq-AL": "sq",
    "sr-RS": "sr",
    "sv-SE": "sv",
    "sw-KE": "sw",
    "ta-IN": "ta",
    "te-IN": "te",
    "th-TH": "th",
    "tr-TR": "tr",
    "uk-UA": "uk",
    "ur-PK": "ur",
    "uz-UZ": "uz",
    "vi-VN": "vi",
    "yue-CN": "yue",
    "yue-HK": "yue",
    "yue-Latn": "yue-latn-jyutping",
    "zh-CN": "cmn",
    "zh-HK": "yue",
    "zh-TW": "cmn",
}
"""Every language tag of TwiML, and more. Regional accents that espeak-ng lacks get the nearest one it has."""

_APPROXIMATE = frozenset({"fil-ph"})
"""Languages that espeak-ng lacks: Filipino is read as its relative Indonesian, whose spelling is as regular."""

_BASIC = {"man": "m", "woman": "f", "alice": "f"}
_VARIANTS = {"m": "", "f": "+f3"}
"""What to append for a gender; the plain voices are male."""

_BY_TAG = {tag.lower(): name for tag, name in LANGUAGES.items()}
_BY_PRIMARY = {tag.partition("-")[0]: name for tag, name in reversed(_BY_TAG.items())} | {
    "en": "en-us",
    "es": "es",
    "fr": "fr",
    "pt": "pt",
}

_POLLY_ENGINE = re.compile(r"-(neural|generative|long-form|standard)$")
_GOOGLE = re.compile(r"google\.(?P<language>[a-z]{2,3}-[a-z]{2})-(?P<kind>[a-z0-9]+(?:-hd)?)-(?P<name>[a-z]+)")
_GOOGLE_MEN = frozenset({"b", "d", "i", "j"})
"""Google's letters mean different people in each language; among these, men are in the majority."""
_CHIRP_MEN = re.compile(
    "achird|algenib|algieba|alnilam|charon|enceladus|fenrir|iapetus|orus|puck|rasalgethi|sadachbia|sadaltager|schedar"
    "|umbriel|zubenelgenubi"
)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who speaks an utterance."""

    language: str
    """BCP 47."""
    base: str
    """The engine's name for that language."""
    variant: str
    """What is appended for a person: ``+f3``, or nothing."""
    voice_known: bool
    """Whether the voice that was asked for is one of TwiML's or of the operator's table."""
    language_known: bool
    """Whether the engine speaks the language that was asked for, rather than a related one."""
    agree: bool
    """Whether the voice speaks the language that was asked for; a voice of Polly or Google keeps to its own."""
    bases: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        """The engine's voice."""
        return _named(self.base, self.variant)

    @property
    def exact(self) -> bool:
        """Whether all is as it was asked for."""
        return self.voice_known and self.language_known and self.agree

    def speaks(self, language: str) -> bool:
        """Whether the engine has this very language."""
        return _base_of(language, self.bases)[1]

    def speaking(self, language: str) -> str:
        """The engine's voice for the same person in another language; "" is the person's own."""
        if not language or language.lower() == self.language.lower():
            return self.name
        return _named(_base_of(language, self.bases)[0], self.variant)

    def standing_in(self, language: str) -> str:
        """The voice that espeak-ng has for a language, "" is the person's own: for when no other engine speaks."""
        return _base_of(language or self.language, {})[0]


class Voices:
    """The table from the voices and languages of Say to those of the engine.

    ``people`` says for names of voices (``Polly.Joanna``, ``man``) which of the engine's voices they are: a name
    (``en-us+f4``), or only a variant (``+f4``) for whatever language is spoken; ``languages`` says for BCP 47 tags which of
    the engine's they are. Both go before the table that is built in.
    """

    def __init__(
        self,
        people: Mapping[str, str] | None = None,
        languages: Mapping[str, str] | None = None,
        *,
        voice: str = "man",
        language: str = DEFAULT_LANGUAGE,
    ) -> None:
        self._own = (dict(people or {}), dict(languages or {}))
        self._people = {_fold(name): there for name, there in self._own[0].items()}
        self._bases = {tag.lower(): base for tag, base in self._own[1].items()}
        self._voice = voice
        self._language = language

    def cast(self, voice: str = "", language: str = "") -> Cast:
        """Who speaks for the attributes of a Say; never fails.

        A voice of Polly or Google brings its language along, whatever ``language`` says. Others speak ``language``, or another
        region's variety of it, or American English. Unknown voices are men, as the default is.
        """
        name = _fold(voice or self._voice)
        person = _describe(name)
        asked = language.strip().replace("_", "-")
        tongue = person.language or asked or self._language
        base, language_known = _base_of(tongue, self._bases)
        variant = _VARIANTS[person.gender]
        own = self._people.get(name)
        if own is not None:
            own_base, plus, own_variant = (own, "", "") if ":" in own else own.partition("+")
            base, variant = own_base or base, plus + own_variant
        # en-US is what an absent attribute stands for, so it cannot contradict the voice.
        agree = not person.language or asked.lower() in ("", DEFAULT_LANGUAGE.lower(), person.language.lower())
        known = person.known or own is not None
        return Cast(tongue, base, variant, known, language_known, agree, self._bases)

    def engine_names(self) -> Iterator[tuple[str, str]]:
        """Every entry of the operator's tables with the engine's voice that it must have."""
        people, languages = self._own
        for name, there in people.items():
            base = there.partition("+")[0]
            yield name, there if base else _BY_TAG[DEFAULT_LANGUAGE.lower()] + there
        yield from languages.items()


@dataclass(frozen=True, slots=True)
class _Person:
    known: bool
    gender: str = "m"
    language: str = ""


def _fold(voice: str) -> str:
    """Lower case without accents: ``Polly.Léa`` is also written ``Polly.Lea``."""
    return "".join(c for c in unicodedata.normalize("NFKD", voice.strip().lower()) if not unicodedata.combining(c))


def _describe(voice: str) -> _Person:
    if voice in _BASIC:
        return _Person(True, _BASIC[voice])
    if voice.startswith("polly."):
        entry = POLLY_VOICES.get(_POLLY_ENGINE.sub("", voice.removeprefix("polly.")))
        return _Person(True, entry[1], entry[0]) if entry else _Person(False)
    if found := _GOOGLE.fullmatch(voice):
        man = found["name"] in _GOOGLE_MEN or _CHIRP_MEN.fullmatch(found["name"])
        known = found["language"] in _BY_TAG
        return _Person(known, "m" if man else "f", found["language"])
    return _Person(False)


def _named(base: str, variant: str) -> str:
    """The engine's voice; variants are those of espeak-ng, and no other engine behind it has them."""
    return base if ":" in base else base + variant


def _base_of(tag: str, bases: Mapping[str, str]) -> tuple[str, bool]:
    """The engine's language for a tag, and whether it is that very language."""
    tag = tag.strip().replace("_", "-").lower()
    if tag in bases:
        return bases[tag], True
    if tag in _BY_TAG:
        return _BY_TAG[tag], tag not in _APPROXIMATE
    return _BY_PRIMARY.get(tag.partition("-")[0], _BY_TAG[DEFAULT_LANGUAGE.lower()]), False
