"""Section 1.5: XML rules; section 1.8: nesting; section 2: attributes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markup.document import Diagnostic, DocumentError
from markup.parser import LARGEST, MOST_DIAGNOSTICS, parse
from markup.speech import plain
from markup.verbs import Dial, Gather, Hangup, Number, Pause, Play, Redirect, Reject, Say, Sip


def _one(twiml: str) -> object:
    document = parse(f"<Response>{twiml}</Response>".encode())
    assert document.diagnostics == ()
    return document.verbs[0]


@pytest.mark.parametrize(
    ("twiml", "verb"),
    [
        ("<Say>  Hello \n  there </Say>", Say(plain("Hello there"))),
        ("<Say voice='alice' language='de-DE' loop='0'>Hallo</Say>", Say(plain("Hallo"), "alice", "de-DE", 0)),
        ("<Say>1 &lt; 2 &amp; 3</Say>", Say(plain("1 < 2 & 3"))),
        ("<Play loop='3'> http://a/b.wav </Play>", Play("http://a/b.wav", 3)),
        ("<Play digits='1w#'/>", Play(digits="1w#")),
        ("<Pause length='7'/>", Pause(7)),
        ("<Gather/>", Gather()),
        ("<Gather finishOnKey='' numDigits='4' timeout='9' action='/x' method='get'/>", Gather((), "/x", "GET", ("dtmf",), 9, "", 4)),
        ("<Gather input='speech dtmf'><Say>Hi</Say><Pause/></Gather>", Gather((Say(plain("Hi")), Pause()), input=("speech", "dtmf"))),
        ("<Dial>+15550100</Dial>", Dial((Number(number="+15550100"),))),
        ("<Dial timeout='9'><Sip username='u'>sip:a@b?x=1&amp;y=2</Sip></Dial>", Dial((Sip(uri="sip:a@b?x=1&y=2", username="u"),), timeout=9)),
        ("<Dial><Number statusCallbackEvent='ringing completed'>1</Number></Dial>",
         Dial((Number(number="1", status_callback_event=("ringing", "completed")),))),
        ("<Dial record='true'/>", Dial(record="record-from-answer")),
        ("<Redirect method='GET'>/next</Redirect>", Redirect("/next", "GET")),
        ("<Reject reason='busy'/>", Reject("busy")),
        ("<Hangup/>", Hangup()),
        ("<Hangup><Parameter name='a' value='b'/></Hangup>", Hangup()),
    ],
)  # fmt: skip
def test_a_verb_and_its_attributes(twiml: str, verb: object) -> None:
    assert _one(twiml) == verb


def test_an_empty_response_is_a_document() -> None:
    assert parse(b"<Response/>").verbs == ()


def test_comments_and_declarations_mean_nothing() -> None:
    assert parse(b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- x --><Response><!-- y --><Hangup/></Response>').verbs == (
        Hangup(),
    )


def test_the_declared_encoding_counts() -> None:
    text = '<?xml version="1.0" encoding="ISO-8859-1"?><Response><Say>Grüß Gott</Say></Response>'
    assert parse(text.encode("latin-1")).verbs == (Say(plain("Grüß Gott")),)


@pytest.mark.parametrize(
    ("data", "code", "line"),
    [
        (b"", 12100, 1),
        (b"Hello", 12100, 1),
        (b"<Response>\n<Say>Hello</Response>", 12100, 2),
        (b"<Response><Say>a & b</Say></Response>", 12100, 1),
        (b"<Responce/>", 12102, 1),
        (b"<response/>", 12102, 1),
        (b'<Response version="9"/>', 12101, 1),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><Response><Say>&a;</Say></Response>', 12100, 1),
        (b'<!DOCTYPE Response SYSTEM "file:///etc/passwd"><Response/>', 12100, 1),
        (b"<Response>" + b"<Say>" * 50 + b"</Say>" * 50 + b"</Response>", 12100, 1),
        (b"<Response>" + b" " * LARGEST + b"</Response>", 11750, 1),
        (b'<?xml version="1.0" encoding="klingon"?><Response/>', 12100, 1),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_what_is_no_document_says_why_and_where(data: bytes, code: int, line: int) -> None:
    with pytest.raises(DocumentError) as error:
        parse(data)
    assert (error.value.code, error.value.line) == (code, line)


def test_a_warning_points_at_the_attribute_and_suggests_the_right_one() -> None:
    twiml = b"<Response>\n  <Gather\n     numDigit='4'>\n  </Gather>\n</Response>"
    assert parse(twiml).diagnostics == (
        Diagnostic(12200, "warning", "<Gather> has no attribute 'numDigit'; is numDigits meant?", 3, 6),
    )


@pytest.mark.parametrize(
    ("twiml", "code", "text"),
    [
        ("<say>hi</say>", 12200, "is Say meant"),
        ("<Foo/>", 12200, "TwiML has no <Foo>: <Response> holds <Say>"),
        ("text", 12200, "means nothing"),
        ("<Say Voice='man'>x</Say>", 12200, "is voice meant"),
        ("<Say loop='-1'>x</Say>", 13510, "whole number"),
        ("<Play loop='x'>a</Play>", 13410, "whole number"),
        ("<Play digits='5x'>a</Play>", 13430, "pauses w W"),
        ("<Pause length='0'/>", 13910, "at least 1"),
        ("<Gather timeout='soon'/>", 13313, "or auto"),
        ("<Gather finishOnKey='12'/>", 13310, "one of 0-9"),
        ("<Gather numDigits='-2'/>", 13314, "at least 1"),
        ("<Gather method='PUT'/>", 13312, "GET or POST"),
        ("<Gather input='voice'/>", 13326, "dtmf, speech"),
        ("<Gather actionOnEmptyResult='TRUE'/>", 13338, "true or false"),
        ("<Gather><Dial>1</Dial></Gather>", 13320, "may not stand in <Gather>"),
        ("<Dial timeout='x'>1</Dial>", 13212, "at most 600"),
        ("<Dial ringTone='xx'>1</Dial>", 13220, "one of at"),
        ("<Dial hangupOnStar='1'>1</Dial>", 13213, "true or false"),
        ("<Dial timeLimit='0'>1</Dial>", 13216, "at least 1"),
        ("<Dial><Number method='x'>1</Number></Dial>", 13221, "GET or POST"),
        ("<Dial><Sip sendDigits='z'>a@b</Sip></Dial>", 13242, "pauses w W"),
        ("<Dial><Sip method='x'>a@b</Sip></Dial>", 13241, "GET or POST"),
        ("<Dial><Say>x</Say></Dial>", 13215, "may not stand in <Dial>"),
        ("<Redirect method='x'>/a</Redirect>", 13710, "GET or POST"),
        ("<Reject reason='tired'/>", 13810, "rejected, busy"),
        ("<Number>1</Number>", 12200, "it belongs in <Dial>"),
        ("<Prompt/>", 12200, "it belongs in <Pay>"),
        ("<Gather><Redirect/></Gather>", 13320, "it belongs in <Response>"),
        ("<Dial>+1<Number>2</Number></Dial>", 12200, "the text '+1' in <Dial> means nothing"),
        ("<Say>a <Play>http://a/b</Play></Say>", 12200, "holds text and SSML"),
        ("<Say>a <p><Foo/></p></Say>", 12200, "<Foo> may not stand in <Say>"),
        ("<Say/>", 13520, "no text to speak; it is skipped"),
        ("<Play/>", 12200, "neither a URL nor digits"),
        ("<Gather><Play digits='1'/></Gather>", 13320, "<Play digits> may not stand in <Gather>"),
        ("<Dial><Number/></Dial>", 13223, "needs a telephone number"),
        ("<Dial><Sip> </Sip></Dial>", 13243, "needs a SIP URI"),
        ("<Dial><Sip>a@b?x=" + "y" * 1100 + "</Sip></Dial>", 13253, "longer than 1024"),
        ("<Dial timeout='2'>1</Dial>", 13212, "5 is used"),
        ("<Dial timeout='900'>1</Dial>", 13212, "600 is used"),
        ("<Say loop='5000'>x</Say>", 13510, "1000 is used"),
    ],
)  # fmt: skip
def test_what_twiml_does_not_know_is_a_warning_with_its_code(twiml: str, code: int, text: str) -> None:
    document = parse(f"<Response>{twiml}<Hangup/></Response>".encode())
    assert [diagnostic.code for diagnostic in document.diagnostics] == [code]
    assert text in document.diagnostics[0].message
    assert document.verbs[-1] == Hangup()


@pytest.mark.parametrize(
    ("twiml", "line", "column"),
    [
        ("<Response><Gather action='x numDigit=1' numDigit='4'/></Response>", 1, 41),
        ("<Response><Gather\n  action='a\n' numDigit='4'/></Response>", 3, 3),
        ("<Response><!-- äöü --><Pause lenght='4'/></Response>", 1, 30),
        ("<Response>\n\t<Foo/></Response>", 2, 2),
    ],
)
def test_a_place_is_counted_in_characters(twiml: str, line: int, column: int) -> None:
    (diagnostic,) = parse(twiml.encode()).diagnostics
    assert (diagnostic.line, diagnostic.column) == (line, column)


def test_where_the_encoding_hides_an_attribute_its_element_is_named() -> None:
    (diagnostic,) = parse("<Response>\n<Pause lenght='4'/></Response>".encode("utf-16")).diagnostics
    assert (diagnostic.line, diagnostic.column) == (2, 1)


def test_what_cannot_be_run_is_left_out() -> None:
    twiml = b"<Response><Say/><Play/><Dial><Number/><Sip>a@b</Sip></Dial><Gather><Play digits='1'/></Gather></Response>"
    assert parse(twiml).verbs == (Dial((Sip(uri="a@b"),)), Gather())


def test_what_is_out_of_range_is_brought_into_it() -> None:
    twiml = b"<Response><Dial timeout='1'>1</Dial><Dial timeout='999'>1</Dial></Response>"
    assert [verb.timeout for verb in parse(twiml).verbs if isinstance(verb, Dial)] == [5, 600]


def test_a_document_full_of_mistakes_does_not_make_as_many_reports() -> None:
    document = parse(b"<Response>" + b"<Foo/>" * 5000 + b"</Response>")
    assert len(document.diagnostics) == MOST_DIAGNOSTICS + 1
    assert document.diagnostics[-1].message == "4900 more are not listed"


@given(st.binary(max_size=200))
def test_bytes_are_a_document_or_an_error(data: bytes) -> None:
    for attempt in (data, b"<Response>" + data + b"</Response>", b"<Response><Gather " + data + b"/></Response>"):
        try:
            parse(attempt)
        except DocumentError as error:
            assert error.code in (12100, 12101, 12102, 11750)


@given(st.recursive(st.sampled_from(["x", "<Say>a</Say>", "<Play/>", "<Sip>a@b</Sip>"]), lambda inner: st.builds(
    lambda name, parts: f"<{name} loop='3' action='a' bad='1'>{''.join(parts)}</{name}>",
    st.sampled_from(["Say", "Gather", "Dial", "Number", "Pause", "Enqueue", "Client", "Foo"]), st.lists(inner, max_size=3)), max_leaves=8))  # fmt: skip
def test_any_nesting_is_read(twiml: str) -> None:
    parse(f"<Response>{twiml}</Response>".encode())


WHOLE = (
    b'<?xml version="1.0" encoding="UTF-8"?><Response><Gather numDigits="1" action="/a?b=1&amp;c=2"><Say language="de-DE">Ja &lt; '
    b"n\xc3\xa4in</Say></Gather><Dial timeout='20'><Number url='/w'>+15550100</Number><Sip>sip:a@b</Sip></Dial></Response>"
)


@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, 3), st.binary(max_size=4)), min_size=1, max_size=6))
def test_a_damaged_document_is_a_document_or_an_error(damages: list[tuple[int, int, bytes]]) -> None:
    data = WHOLE
    for place, gone, instead in damages:
        data = data[:place] + instead + data[place + gone :]
    try:
        parse(data)
    except DocumentError as error:
        assert error.code in (12100, 12101, 12102, 11750)
        assert error.line >= 1
        assert error.column >= 1
