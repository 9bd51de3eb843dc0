"""Who speaks: what a document asks for, what the settings say, and what the journal tells when they do not fit."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from media.speech.espeak import Espeak
from tests.voice.exchange import Customer, World, virtual
from voice.errors import SettingsInvalid
from voice.settings import SpeechEngines
from voice.sound.speech import choose_voices


@pytest.mark.parametrize(
    ("say", "codes"),
    [
        ("<Say>Hi</Say>", []),
        ("<Say voice='Polly.Joanna-Neural' language='en-US'>Hi</Say>", []),
        ("<Say voice='Google.de-DE-Wavenet-B'>Hallo</Say>", []),
        ("<Say voice='Polly.Nobody'>Hi</Say>", [13511]),
        ("<Say voice='robot' language='xx-XX'>Hi</Say>", [13511]),
        ("<Say language='xx-XX'>Hi</Say>", [13512]),
        ("<Say language='fil-PH'>Kumusta</Say>", [13512]),
        ("<Say voice='Polly.Hans' language='fr-FR'>Hallo</Say>", [13512]),
        ("<Say>Say <lang xml:lang='xx-XX'>this</lang></Say>", [13512]),
        ("<Say language='ja-JP'>こんにちは</Say>", []),
        ("<Say>Say <lang xml:lang='ja-JP'>今日</lang></Say>", [13512]),
        ("<Say language='zh-CN'>今日</Say>", []),
        ("<Say language='ja-JP'><phoneme alphabet='x-amazon-pron-kana' ph='キョウ'>今日</phoneme></Say>", []),
    ],
)
@virtual
async def test_a_voice_or_language_that_cannot_be_had_is_a_warning(tmp_path: Path, say: str, codes: list[int]) -> None:
    """13511 and 13512 W: something is spoken all the same."""
    async with World(tmp_path, Customer({"/voice": say})) as world:
        call = world.call()
        await world.ended(call)
        assert world.reports() == codes
        assert [entry.data["error"] for entry in world.journal() if entry.kind == "played"] == [""]


@virtual
async def test_the_journal_tells_the_words_without_their_markup(tmp_path: Path) -> None:
    say = "<Say>One <emphasis>two</emphasis> &lt;break/&gt;<break time='1s'/>three</Say>"
    async with World(tmp_path, Customer({"/voice": say})) as world:
        await world.ended(world.call())
        (verb,) = (entry for entry in world.journal() if entry.kind == "verb")
        assert verb.data["attributes"] == {"text": "One two <break/> three"}


@virtual
async def test_ssml_is_heard_on_a_call(tmp_path: Path) -> None:
    """A break takes its time on the line."""
    lengths = []
    for name, text in (("a", "One two"), ("b", "One <break time='2s'/> two")):
        async with World(tmp_path / name, Customer({"/voice": f"<Say>{text}</Say>"})) as world:
            await world.ended(world.call())
            at = {entry.kind: entry.at for entry in world.journal()}
            lengths.append(at["played"] - at["playing"])
    assert lengths[1] - lengths[0] == pytest.approx(2, abs=0.3)


@pytest.mark.parametrize(("size", "codes"), [(60_000, [13521]), (100_000, [11750])])
@virtual
async def test_far_too_much_text_is_told_and_bounded(tmp_path: Path, size: int, codes: list[int]) -> None:
    """13521 W: cut; 11750 E: a document is at most 64 kB, and the caller hears that something went wrong."""
    say = f"<Say><prosody rate='x-fast'>{'word ' * (size // 5)}</prosody></Say>"
    async with World(tmp_path, Customer({"/voice": say})) as world:
        call = world.call()
        await world.ended(call, 400)
        assert world.reports() == codes


EXISTS = Espeak().has


def test_the_operator_says_who_speaks() -> None:
    speech = SpeechEngines(
        voice="woman",
        language="de-DE",
        voices={"Polly.Joanna": "en-us+f4", "man": "+m3", "Our.Voice": "fr+f2"},
        languages={"de-AT": "nl"},
    )
    voices = choose_voices(speech, EXISTS)
    expected = {
        ("", ""): "de+f3",
        ("", "fr-FR"): "fr+f3",
        ("Polly.Joanna", "en-US"): "en-us+f4",
        ("polly.joanna", ""): "en-us+f4",
        ("man", ""): "de+m3",
        ("man", "es-ES"): "es+m3",
        ("woman", "de-AT"): "nl+f3",
        ("Our.Voice", ""): "fr+f2",
    }
    for (voice, language), name in expected.items():
        cast = voices.cast(voice, language)
        assert cast.name == name
        assert cast.exact


def test_a_person_keeps_their_voice_in_another_language() -> None:
    voices = choose_voices(SpeechEngines(voices={"Polly.Joanna": "en-us+f4"}, languages={"fr-FR": "fr-be"}), EXISTS)
    assert voices.cast("Polly.Joanna").speaking("fr-FR") == "fr-be+f4"
    assert voices.cast("Polly.Joanna").speaking("en-US") == "en-us+f4"


@pytest.mark.parametrize(
    ("speech", "word"),
    [
        (SpeechEngines(voices={"Polly.Joanna": "en-us+nobody"}), "Polly.Joanna"),
        (SpeechEngines(voices={"Polly.Joanna": "klingon-9"}), "klingon-9"),
        (SpeechEngines(voices={"man": "en-us+../../lang/gmw/de"}), "man"),
        (SpeechEngines(languages={"de-AT": "austrian"}), "austrian"),
        (SpeechEngines(voice="nobody"), "nobody"),
        (SpeechEngines(language="xx-XX"), "xx-XX"),
    ],
)
def test_what_the_engine_does_not_have_is_refused_at_the_start(speech: SpeechEngines, word: str) -> None:
    with pytest.raises(SettingsInvalid, match=word):
        choose_voices(speech, EXISTS)


@pytest.mark.parametrize("tables", [{"voices": {"man": ""}}, {"voices": {"man": "+"}}, {"languages": {"de-AT": "de+f3"}}])
def test_what_cannot_be_the_name_of_a_voice_is_refused(tables: dict[str, dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        SpeechEngines(**tables)
