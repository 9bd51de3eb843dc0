from __future__ import annotations

import re

import numpy as np
import pytest

from media.speech.espeak import Espeak
from media.speech.polly import POLLY_VOICES
from media.speech.voices import LANGUAGES, Voice, resolve

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
        samples = np.concatenate(list(engine.speak("1 2 3 4 5", resolve(voice, language).name)))
        assert 1.0 < samples.size / engine.rate < 6.0
        assert np.sqrt(np.mean(samples.astype(float) ** 2)) > 500
        spoken.append(samples)
    assert not np.array_equal(spoken[0], spoken[1])


@pytest.mark.parametrize(
    ("voice", "language", "expected"),
    [
        ("", "", Voice("en-us", True)),
        ("man", "en-US", Voice("en-us", True)),
        ("woman", "en-GB", Voice("en+f3", True)),
        ("alice", "pt-BR", Voice("pt-br+f3", True)),
        ("MAN", "ZH-cn", Voice("cmn", True)),
        ("man", "de_AT", Voice("de", True)),
        ("Polly.Joanna", "en-US", Voice("en-us+f3", True)),
        ("Polly.Joanna-Neural", "", Voice("en-us+f3", True)),
        ("Polly.Matthew-Generative", "en-US", Voice("en-us", True)),
        ("Polly.Céline", "en-US", Voice("fr+f3", True)),
        ("Polly.Celine", "fr-FR", Voice("fr+f3", True)),
        ("Polly.Hans", "fr-FR", Voice("de", False)),
        ("Google.es-ES-Standard-A", "", Voice("es+f3", True)),
        ("Google.de-DE-Wavenet-B", "de-DE", Voice("de", True)),
        ("Google.en-US-Chirp3-HD-Aoede", "", Voice("en-us+f3", True)),
        ("Google.en-US-Chirp3-HD-Puck", "", Voice("en-us", True)),
        ("Google.xx-XX-Standard-A", "", Voice("en-us+f3", False)),
        ("Polly.Nobody", "it-IT", Voice("it", False)),
        ("robot", "", Voice("en-us", False)),
        ("man", "es-AR", Voice("es", False)),
        ("man", "fr", Voice("fr", False)),
        ("man", "xx-XX", Voice("en-us", False)),
        ("man", "fil-PH", Voice("id", False)),
        ("Google." + "x" * 5000, "y" * 5000, Voice("en-us", False)),
        ("man\0", "\n", Voice("en-us", False)),
    ],
)
def test_voices(voice: str, language: str, expected: Voice) -> None:
    assert resolve(voice, language) == expected


def test_everybody_of_polly_speaks_a_known_language() -> None:
    assert len(POLLY_VOICES) > 90
    for name in POLLY_VOICES:
        assert resolve(f"Polly.{name.title()}-Neural", "").exact


@pytest.mark.parametrize("language", SPEC)
def test_only_what_espeak_lacks_is_not_exact(language: str) -> None:
    assert resolve("man", language).exact is (language != "fil-PH")
