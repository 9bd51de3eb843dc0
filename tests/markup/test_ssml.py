"""Section 2.1: what the SSML of Say means, before anybody speaks."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markup.commands import EnterVerb, Speech, StartPlayback
from markup.execution.sound import MOST_PARTS
from markup.parser import parse
from markup.speech import Break, Manner, Utterance, Words, plain
from markup.ssml import LONGEST_BREAK, TAGS
from markup.verbs import Say
from markup.vocabulary import PHRASING
from tests.markup.dialogue import Dialogue


def read(ssml: str) -> tuple[Utterance, list[tuple[int, str]]]:
    document = parse(f"<Response><Say>{ssml}</Say></Response>".encode())
    said = [verb.text for verb in document.verbs if isinstance(verb, Say)]
    return (said or [Utterance()])[0], [(each.code, each.message) for each in document.diagnostics]


def parts(ssml: str) -> tuple[Words | Break, ...]:
    utterance, objections = read(ssml)
    assert objections == []
    return utterance.parts


def spoken(*parts: Words | Break) -> tuple[Words | Break, ...]:
    return parts


def test_the_table_has_the_ten_elements() -> None:
    assert set(TAGS) == PHRASING
    assert all(tag.holds <= PHRASING for tag in TAGS.values())


@pytest.mark.parametrize(
    ("ssml", "expected"),
    [
        ("One &lt;break/&gt; two", (Words("One <break/> two"),)),
        ("One<break/>two", (Words("One"), Break(0.25), Words("two"))),
        ("One <break strength='none'/> two", (Words("One"), Break(0), Words("two"))),
        ("One <break strength='x-strong'/> two", (Words("One"), Break(1), Words("two"))),
        ("One<break strength='strong' time='30ms'/>two", (Words("One"), Break(0.03), Words("two"))),
        ("<break time='1s'/>One<break time='1.5s'/><break time='500ms'/>", (Break(1), Words("One"), Break(2))),
        ("<p>One</p><p>two</p>", (Words("One"), Break(1), Words("two"))),
        ("<p><s>One</s> <s>two</s></p>", (Words("One"), Break(0.5), Words("two"))),
        ("<s>One</s><break strength='none'/><s>two</s>", (Words("One"), Break(0), Words("two"))),
        ("a<emphasis>b</emphasis>", (Words("a"), Words("b", Manner(rate=0.9, pitch=1.07, volume=1.3)))),
        ("<emphasis level='strong'>b</emphasis>", (Words("b", Manner(rate=0.8, pitch=1.15, volume=1.6)),)),
        ("<emphasis level='reduced'>b</emphasis>", (Words("b", Manner(rate=1.15, pitch=0.95, volume=0.6)),)),
        ("Say <lang xml:lang='fr-FR'>oui</lang>!", (Words("Say"), Words(" oui", Manner("fr-FR")), Words("!"))),
        ("<prosody rate='x-slow'>a</prosody>", (Words("a", Manner(rate=0.5)),)),
        ("<prosody rate='150%'>a</prosody>", (Words("a", Manner(rate=1.5)),)),
        ("<prosody pitch='+10%'>a</prosody>", (Words("a", Manner(pitch=1.1)),)),
        ("<prosody pitch='x-low'>a</prosody>", (Words("a", Manner(pitch=0.7)),)),
        ("<prosody volume='-6dB'>a</prosody>", (Words("a", Manner(volume=0.501)),)),
        ("<prosody volume='silent'>a</prosody>", (Words("a", Manner(volume=0)),)),
        ("<prosody rate='50%'><prosody rate='50%'>a</prosody></prosody>", (Words("a", Manner(rate=0.25)),)),
        ("<prosody rate='50%'><prosody rate='fast'>a</prosody></prosody>", (Words("a", Manner(rate=1.25)),)),
        ("<phoneme ph='pɪˈkɑːn'>pecan</phoneme>", (Words("pecan", alphabet="ipa", phonemes="pɪˈkɑːn"),)),
        ("<phoneme alphabet='x-sampa' ph='pI'>p</phoneme>", (Words("p", alphabet="x-sampa", phonemes="pI"),)),
        ("<say-as interpret-as='date' format='mdy'> 1/2/99 </say-as>", (Words("1/2/99", interpret_as="date", format="mdy"),)),
        ("<sub alias='aluminium'>Al</sub> foil", (Words("aluminium foil"),)),
        ("<w role='amazon:VBD'>read</w>", (Words("read", role="amazon:VBD"),)),
        ("un<w>believ</w>able", (Words("unbelievable"),)),
        (
            "<prosody rate='slow'>a <lang xml:lang='de-DE'>b</lang></prosody>",
            (Words("a", Manner(rate=0.75)), Words(" b", Manner("de-DE", rate=0.75))),
        ),
    ],
)
def test_what_is_written_is_what_is_meant(ssml: str, expected: tuple[Words | Break, ...]) -> None:
    assert parts(ssml) == expected


@pytest.mark.parametrize(
    ("ssml", "code", "words"),
    [
        ("<break strength='huge'/>a", 12200, "a"),
        ("<break time='5'/>a", 12200, "a"),
        ("<break time='-1s'/>a", 12200, "a"),
        ("<break time='60s'/>a", 12200, "a"),
        ("<break>b</break>", 12200, "b"),
        ("<emphasis level='loud'>a</emphasis>", 12200, "a"),
        ("<lang>a</lang>", 12200, "a"),
        ("<lang xml:lang='french!'>a</lang>", 13512, "a"),
        ("<prosody rate='quick'>a</prosody>", 13513, "a"),
        ("<prosody volume='11'>a</prosody>", 12200, "a"),
        ("<prosody pitch='440Hz'>a</prosody>", 12200, "a"),
        ("<prosody contour='x'>a</prosody>", 12200, "a"),
        ("<say-as>1</say-as>", 12200, "1"),
        ("<say-as interpret-as='poem'>1</say-as>", 12200, "1"),
        ("<say-as interpret-as='date' format='dy'>1</say-as>", 12200, "1"),
        ("<phoneme>a</phoneme>", 12200, "a"),
        ("<phoneme ph='x' alphabet='klingon'>a</phoneme>", 12200, "a"),
        ("<phoneme ph=''>a</phoneme>", 12200, "a"),
        ("<sub>Al</sub>", 12200, "Al"),
        ("<sub alias=' '>Al</sub>", 12200, "Al"),
        ("<w role='a b'>x</w>", 12200, "x"),
        ("<s>a <p>b</p></s>", 12200, "a b"),
        ("<emphasis><s>a</s></emphasis>", 12200, "a"),
        ("<w><lang xml:lang='de'>a</lang></w>", 12200, "a"),
        ("<sub alias='x'>a<break/></sub>", 12200, "x"),
        ("<say-as interpret-as='digits'>1<emphasis>2</emphasis>3</say-as>", 12200, "123"),
        ("a <b>bold</b> c", 12200, "a c"),
        ("a <Break/> c", 12200, "a c"),
    ],
)
def test_what_is_wrong_is_told_and_the_words_are_spoken(ssml: str, code: int, words: str) -> None:
    utterance, objections = read(ssml)
    assert [number for number, _ in objections] == [code]
    assert str(utterance) == words


def test_ssml_reaches_the_world_as_meant_and_the_journal_as_words() -> None:
    call = Dialogue("<Say voice='Polly.Amy'>Hello <prosody rate='slow'>you &amp; <w>me</w></prosody><break time='1s'/></Say>")
    expected = Utterance((Words("Hello"), Words(" you & me", Manner(rate=0.75)), Break(1)))
    assert call.last(StartPlayback).media == Speech(expected, "Polly.Amy", "")
    assert call.last(EnterVerb).attributes == (("text", "Hello you & me"), ("voice", "Polly.Amy"))


def test_a_break_is_not_longer_than_ten_seconds() -> None:
    assert read("<break time='60s'/>a")[0].parts == (Break(LONGEST_BREAK), Words("a"))


def test_a_say_of_silence_is_a_say() -> None:
    assert parts("<break time='2s'/>") == (Break(2),)


@pytest.mark.parametrize("empty", ["", " ", "<p/>", "<p> </p><s/>", "<emphasis/>", "<Break/>"])
def test_a_say_of_nothing_is_none(empty: str) -> None:
    utterance, objections = read(empty)
    assert not utterance
    assert objections[-1][0] == 13520


def test_what_is_cut_is_cut_in_words() -> None:
    text = parse(b"<Response><Say>One <emphasis>two</emphasis><break/>three</Say></Response>").verbs[0]
    assert isinstance(text, Say)
    assert str(text.text.first(6, 9)) == "One tw"
    assert text.text.first(text.text.characters, 9) == text.text
    assert text.text.first(7, 9).parts[-1] == Break(0.25)


def test_a_say_of_very_many_pieces_is_cut() -> None:
    """13521 W: each change of manner costs time."""
    call = Dialogue(f"<Say>{'a<break/>' * 3000}</Say>")
    assert call.reports() == [13521]
    media = call.last(StartPlayback).media
    assert isinstance(media, Speech)
    assert len(media.text.parts) == MOST_PARTS


_LEAF = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(escape)
_VALUES = st.sampled_from(["x-slow", "10s", "strong", "ipa", "date", "fr-FR", "+6dB", "200%", "", "<break/>", "amazon:VB"])
_ATTRIBUTES = sorted({name for tag in TAGS.values() for name in tag.attributes})


@st.composite
def _elements(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    name = draw(st.sampled_from([*TAGS, "b", "Say"]))
    given_ = draw(st.dictionaries(st.sampled_from(_ATTRIBUTES), _VALUES, max_size=3))
    attributes = "".join(f" {key}={quoteattr(value)}" for key, value in given_.items())
    return f"<{name}{attributes}>{draw(inner)}</{name}>"


MARKUP = st.recursive(_LEAF, lambda inner: st.lists(_elements(inner) | inner, max_size=4).map("".join), max_leaves=20)


@given(MARKUP)
def test_any_ssml_is_read_and_none_is_read_aloud(ssml: str) -> None:
    """A text that has no angle brackets of its own keeps none from its markup."""
    utterance, _ = read(ssml)
    if "&lt;" not in ssml and "&gt;" not in ssml:
        assert not set("<>") & set(str(utterance))
    for part in utterance.parts:
        if isinstance(part, Words):
            assert 0.2 <= part.manner.rate <= 4
            assert 0.25 <= part.manner.pitch <= 4
            assert 0 <= part.manner.volume <= 4
            assert part.text


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=300))
def test_text_is_never_markup(text: str) -> None:
    assert read(escape(text))[0] == plain(text)
