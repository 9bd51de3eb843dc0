from __future__ import annotations

import re

import numpy as np
import pytest

from media.speech.espeak import Espeak
from media.speech.polly import POLLY_VOICES
from media.speech.voices import LANGUAGES, Voices

SPEC = re.findall(
    r"\S+",
    "af-ZA am-ET ar-AE ar-XA arb bg-BG bn-IN ca-ES cmn-CN cmn-TW cs-CZ cy-GB da-DK de-AT de-DE el-GR en-AU en-CA en-GB "
    "en-GB-WLS en-IE en-IN en-NZ en-US en-ZA es-ES es-MX es-US fi-FI fil-PH fr-BE fr-CA fr-FR gu-IN he-IL hi-IN hu-HU id-ID "
    "is-IS it-IT ja-JP kn-IN ko-KR lv-LV ml-IN mr-IN ms-MY nb-NO nl-BE nl-NL pa-IN pl-PL pt-BR pt-PT ro-RO ru-RU sk-SK sr-RS "
    "sv-SE ta-IN te-IN th-TH tr-TR uk-UA vi-VN yue-HK zh-CN",
)
"""Spec section 2.1, language."""


def test_every_language_of_the_specification_is_known() -> None:
    assert not set(SPEC) - set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_man_and_a_woman_count_to_five_in_every_language(language: str) -> None:
    engine = Espeak()
    spoken = []
    for voice in ("man", "woman"):
        samples = np.concatenate(list(engine.speak("1 2 3 4 5", Voices().cast(voice, language).name)))
        assert 1.0 < samples.size / engine.rate < 6.0
        assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 500
        spoken.append(samples)
    assert not np.array_equal(spoken[0], spoken[1])


@pytest.mark.parametrize(
    ("voice", "language", "expected"),
    [
        ("", "", ("en-us", True)),
        ("man", "en-US", ("en-us", True)),
        ("woman", "en-GB", ("en+f3", True)),
        ("alice", "pt-BR", ("pt-br+f3", True)),
        ("MAN", "ZH-cn", ("cmn", True)),
        ("man", "de_AT", ("de", True)),
        ("Polly.Joanna", "en-US", ("en-us+f3", True)),
        ("Polly.Joanna-Neural", "", ("en-us+f3", True)),
        ("Polly.Matthew-Generative", "en-US", ("en-us", True)),
        ("Polly.Céline", "en-US", ("fr+f3", True)),
        ("Polly.Celine", "fr-FR", ("fr+f3", True)),
        ("Polly.Hans", "fr-FR", ("de", False)),
        ("Google.es-ES-Standard-A", "", ("es+f3", True)),
        ("Google.de-DE-Wavenet-B", "de-DE", ("de", True)),
        ("Google.en-US-Chirp3-HD-Aoede", "", ("en-us+f3", True)),
        ("Google.en-US-Chirp3-HD-Puck", "", ("en-us", True)),
        ("Google.xx-XX-Standard-A", "", ("en-us+f3", False)),
        ("Polly.Nobody", "it-IT", ("it", False)),
        ("robot", "", ("en-us", False)),
        ("man", "es-AR", ("es", False)),
        ("man", "fr", ("fr", False)),
        ("man", "xx-XX", ("en-us", False)),
        ("man", "fil-PH", ("id", False)),
        ("Google." + "x" * 5000, "y" * 5000, ("en-us", False)),
        ("man\0", "\n", ("en-us", False)),
    ],
)
def test_voices(voice: str, language: str, expected: tuple[str, bool]) -> None:
    cast = Voices().cast(voice, language)
    assert (cast.name, cast.exact) == expected


def test_everybody_of_polly_speaks_a_known_language() -> None:
    assert len(POLLY_VOICES) > 90
    for name in POLLY_VOICES:
        assert Voices().cast(f"Polly.{name.title()}-Neural").exact


@pytest.mark.parametrize("language", SPEC)
def test_only_what_espeak_lacks_is_not_exact(language: str) -> None:
    assert Voices().cast("man", language).exact is (language != "fil-PH")


@pytest.mark.parametrize("voice", ["man", "woman", "Polly.Vicki"])
def test_what_speaks_a_language_elsewhere_is_asked_for_by_its_own_name(voice: str) -> None:
    voices = Voices({"Polly.Amy": "server:amy+warm"}, {"de-DE": "server:hans"})
    assert voices.cast(voice, "de-DE").name == "server:hans"
    assert voices.cast("woman", "fr-FR").speaking("de-DE") == "server:hans"
    assert voices.cast("woman", "de-DE").speaking("fr-FR") == "fr+f3"
    assert voices.cast("Polly.Amy").name == "server:amy+warm"
