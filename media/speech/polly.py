"""The people of Amazon Polly whom TwiML names as ``Polly.<Name>``: the language each speaks, and whether man or woman."""

from __future__ import annotations

_WOMEN = {
    "arb": "zeina",
    "ar-AE": "hala",
    "ca-ES": "arlet",
    "cmn-CN": "zhiyu",
    "cs-CZ": "jitka",
    "cy-GB": "gwyneth",
    "da-DK": "naja sofie",
    "de-AT": "hannah",
    "de-CH": "sabrina",
    "de-DE": "marlene vicki",
    "en-AU": "nicole olivia",
    "en-GB": "amy emma",
    "en-IE": "niamh",
    "en-IN": "aditi raveena kajal",
    "en-NZ": "aria",
    "en-SG": "jasmine",
    "en-US": "danielle ivy joanna kendra kimberly ruth salli tiffany",
    "en-ZA": "ayanda",
    "es-ES": "conchita lucia alba",
    "es-MX": "mia",
    "es-US": "lupe penelope",
    "fi-FI": "suvi",
    "fr-BE": "isabelle",
    "fr-CA": "chantal gabrielle",
    "fr-FR": "celine lea ambre",
    "is-IS": "dora",
    "it-IT": "carla bianca beatrice",
    "ja-JP": "mizuki kazuha tomoko",
    "ko-KR": "seoyeon jihye",
    "nb-NO": "liv ida",
    "nl-BE": "lisa",
    "nl-NL": "lotte laura",
    "pl-PL": "ewa maja ola",
    "pt-BR": "camila vitoria",
    "pt-PT": "ines",
    "ro-RO": "carmen",
    "ru-RU": "tatyana",
    "sv-SE": "astrid elin",
    "tr-TR": "filiz burcu",
    "yue-CN": "hiujin",
}
_MEN = {
    "ar-AE": "zayd",
    "da-DK": "mads",
    "de-DE": "hans daniel",
    "en-AU": "russell",
    "en-GB": "brian arthur",
    "en-GB-WLS": "geraint",
    "en-US": "gregory joey justin kevin matthew patrick stephen",
    "es-ES": "enrique sergio raul",
    "es-MX": "andres",
    "es-US": "miguel pedro",
    "fr-CA": "liam",
    "fr-FR": "mathieu remi florian",
    "is-IS": "karl",
    "it-IT": "giorgio adriano lorenzo",
    "ja-JP": "takumi",
    "nl-NL": "ruben",
    "pl-PL": "jacek jan",
    "pt-BR": "ricardo thiago",
    "pt-PT": "cristiano",
    "ru-RU": "maxim",
}

POLLY_VOICES: dict[str, tuple[str, str]] = {
    name: (language, gender)
    for gender, people in (("f", _WOMEN), ("m", _MEN))
    for language, names in people.items()
    for name in names.split()
}
"""Language tag and gender, ``f`` or ``m``, by name in lower case without accents."""
