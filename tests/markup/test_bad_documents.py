"""Documents that mean ill: what they cost is bounded, what is wrong has its code, and the rest runs."""

from __future__ import annotations

import tracemalloc

import pytest

from markup import commands
from markup.document import DocumentError
from markup.interpreter import MOST_IDLE_VERBS
from markup.parser import LARGEST, MOST_DIAGNOSTICS, parse
from markup.script import MOST_REPORTS
from markup.verbs import Dial, Hangup, Number, Say
from tests.markup.dialogue import Dialogue

MOST_MEMORY = 40_000_000
"""Bytes that the reading of a document may take at its worst."""

FULL = {
    "verbs": "<Stop/>" * 9000,
    "verbs that say nothing": "<Say/>" * 10_000,
    "unknown verbs": "<Foo/>" * 10_000,
    "unknown attributes": "<Gather " + " ".join(f"a{number}=''" for number in range(5000)) + "/>",
    "wrong values": "<Pause length='x'/>" * 3000,
    "nouns": f"<Dial>{'<Sim/>' * 10_000}</Dial>",
    "misplaced nouns": "<Sip>a@b</Sip>" * 4000,
    "parameters": f"<Connect><Room>a{'<Parameter/>' * 5000}</Room></Connect>",
    "addresses": f"<Dial><Sip>{'<Uri>a@b</Uri>' * 4000}</Sip></Dial>",
    "text": f"<Say>{'word ' * 12_000}</Say>",
    "one long word": f"<Say>{'a' * 60_000}</Say>",
    "text between verbs": "a<Stop/>" * 7000,
    "one long name": f"<{'a' * 60_000}/>",
    "one long value": f"<Dial action='{'a' * 60_000}'><Number>1</Number></Dial>",
    "references": "<Say>" + "&#97;" * 12_000 + "</Say>",
    "comments": "<!-- -->" * 8000,
    "prompts": f"<Pay>{'<Prompt><Say>a</Say></Prompt>' * 2000}</Pay>",
}


def _document(twiml: str) -> bytes:
    return f"<Response>{twiml}<Hangup/></Response>".encode()


@pytest.mark.parametrize("twiml", FULL.values(), ids=FULL)
def test_a_full_document_is_read_within_bounds(twiml: str) -> None:
    data = _document(twiml)
    assert len(data) <= LARGEST
    tracemalloc.start()
    try:
        document = parse(data)
        assert tracemalloc.get_traced_memory()[1] < MOST_MEMORY
    finally:
        tracemalloc.stop()
    assert len(document.diagnostics) <= MOST_DIAGNOSTICS + 1
    assert all(len(each.message) < 1000 for each in document.diagnostics)
    assert document.verbs[-1] == Hangup()


@pytest.mark.parametrize("twiml", FULL.values(), ids=FULL)
def test_a_full_document_runs_within_bounds(twiml: str) -> None:
    call = Dialogue(twiml)
    assert len(call.every(commands.Report)) <= MOST_REPORTS + 1
    assert len(call.all) < 3 * LARGEST


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_document("<Say>" + "word " * 20_000 + "</Say>"), 11750),
        (_document("<Pause/>" * 10_000), 11750),
        (_document("<Gather>" * 40 + "</Gather>" * 40), 12100),
        (_document("<a>" * 20_000), 12100),
        (_document("<Say>" + "&a;" * 100 + "</Say>"), 12100),
        (b"<!DOCTYPE a [<!ENTITY b 'bb'>]>" + _document("<Say>&b;</Say>"), 12100),
        (b"\x00" * 1000, 12100),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", 12100),
        (b"<Response><![CDATA[", 12100),
    ],
    ids=range(9),
)
def test_what_cannot_be_read_says_so(data: bytes, code: int) -> None:
    with pytest.raises(DocumentError) as error:
        parse(data)
    assert error.value.code == code


NONSENSE = """
<Response>
  <Dial><Dial><Number>1</Number></Dial><Number>2<Number>3</Number></Number></Dial>
  <Say>one<Response><Say>two</Say></Response></Say>
  <Gather><Gather><Say>three</Say></Gather></Gather>
  <Sip><Uri/></Sip>
  <Connect><Connect/></Connect>
  <Enqueue>support<Leave/></Enqueue>
  <Start><Stop/></Start>
  <Hangup/>
</Response>
"""


def test_nested_nonsense_is_left_out_and_the_rest_goes_on() -> None:
    """1.5: illegal nesting is ignored, execution goes on."""
    document = parse(NONSENSE.encode())
    assert [(each.code, each.line) for each in document.diagnostics] == [
        (13215, 3), (12200, 3), (12200, 4), (13320, 5), (12200, 6), (12200, 7), (12200, 8), (14300, 9),
    ]  # fmt: skip
    assert [type(verb).__name__ for verb in document.verbs] == ["Dial", "Say", "Gather", "Connect", "Enqueue", "Start", "Hangup"]
    dial, say = document.verbs[:2]
    assert isinstance(dial, Dial)
    assert len(dial.nouns) == 1
    assert isinstance(say, Say)
    assert str(say.text) == "one"


def test_documents_full_of_verbs_that_do_nothing_do_not_run_for_ever() -> None:
    """12400, and the apology."""
    call = Dialogue("<Stop/>" * 6000 + "<Redirect/>")
    ran = 6000
    while call.kinds()[-1:] == ["FetchDocument"]:
        call.fetched("<Stop/>" * 6000 + "<Redirect/>")
        ran += 6000
        assert ran <= MOST_IDLE_VERBS + 6000
    assert call.reports()[-1] == 12400


def test_a_call_does_not_report_for_ever() -> None:
    """Each of its documents is wrong, and none of them is the last."""
    call = Dialogue("<Foo/><Pause/><Redirect/>")
    for _ in range(MOST_REPORTS + 10):
        call.timer()
        call.fetched("<Foo/><Pause/><Redirect/>")
    assert len(call.reports()) == MOST_REPORTS
    assert call.reports()[-1] == 12400


def test_a_callback_that_cannot_be_told_anything_ends_no_call() -> None:
    """1.9: status callbacks never affect call flow."""
    call = Dialogue("<Dial><Number statusCallback='http://[' amdStatusCallback='mailto:a@b'>1</Number></Dial>")
    assert call.reports() == [12200, 11100]
    target = call.last(commands.StartLeg).target
    assert isinstance(target, Number)
    assert (target.status_callback, target.amd_status_callback) == ("", "")
