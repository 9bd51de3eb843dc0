"""Which espeak-ng voice stands for a voice and a language of Say (spec section 2.1)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

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
    "zh-CN": "cmn",
    "zh-HK": "yue",
    "zh-TW": "cmn",
}
"""Every language tag of TwiML, and more. Regional accents that espeak-ng lacks get the nearest one it has."""

_APPROXIMATE = frozenset({"fil-ph"})
"""Languages that espeak-ng lacks: Filipino is read as its relative Indonesian, whose spelling is as regular."""

_BASIC = {"": "m", "man": "m", "woman": "f", "alice": "f"}
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
class Voice:
    """How a text will be spoken."""

    name: str
    """A voice of espeak-ng, with its variant: ``pt-br+f3``."""
    exact: bool
    """The voice and the language are known and go together; otherwise the caller may want to warn (13511, 13512)."""


def resolve(voice: str, language: str) -> Voice:
    """The voice for the attributes of a Say; never fails.

    A voice of Polly or Google brings its language along, whatever ``language`` says. Other names and "" speak ``language``
    ("" is en-US), or another region's variety of it, or American English. Unknown voices are men, as the default is.
    """
    known, gender, own = _describe(_fold(voice))
    asked = language.strip().replace("_", "-").lower()
    name, exact = _language_voice(own or asked or DEFAULT_LANGUAGE.lower())
    # en-US is what an absent attribute stands for, so it cannot contradict the voice.
    agrees = not own or asked in ("", DEFAULT_LANGUAGE.lower(), own)
    return Voice(name + _VARIANTS[gender], known and exact and agrees)


def _fold(voice: str) -> str:
    """Lower case without accents: ``Polly.Léa`` is also written ``Polly.Lea``."""
    return "".join(c for c in unicodedata.normalize("NFKD", voice.strip().lower()) if not unicodedata.combining(c))


def _describe(voice: str) -> tuple[bool, str, str]:
    """Whether a voice is known, its gender, and its language or ""."""
    if voice in _BASIC:
        return True, _BASIC[voice], ""
    if voice.startswith("polly."):
        entry = POLLY_VOICES.get(_POLLY_ENGINE.sub("", voice.removeprefix("polly.")))
        return (True, entry[1], entry[0].lower()) if entry else (False, "m", "")
    if found := _GOOGLE.fullmatch(voice):
        man = found["name"] in _GOOGLE_MEN or _CHIRP_MEN.fullmatch(found["name"])
        return True, "m" if man else "f", found["language"]
    return False, "m", ""


def _language_voice(tag: str) -> tuple[str, bool]:
    if tag in _BY_TAG:
        return _BY_TAG[tag], tag not in _APPROXIMATE
    return _BY_PRIMARY.get(tag.partition("-")[0], _BY_TAG[DEFAULT_LANGUAGE.lower()]), False
