"""Section 2: what each element may say; section 8: the code of each thing that is wrong. Say, Play, Gather: test_parser.py."""

from __future__ import annotations

import dataclasses

import pytest

from markup.grammar import HOMES, VERBS, Element
from markup.parser import parse
from markup.speech import plain
from markup.verbs import (
    Application,
    Client,
    Conference,
    Connect,
    ConversationRelay,
    Dial,
    Enqueue,
    Header,
    Language,
    Number,
    Parameter,
    Pause,
    Pay,
    Prompt,
    Queue,
    Record,
    Recording,
    Refer,
    Say,
    Sip,
    Siprec,
    Sms,
    Start,
    Stop,
    Stream,
    Task,
    Transcription,
    Uri,
    Verb,
)

SID = "0" * 32


@pytest.mark.parametrize(
    ("twiml", "verb"),
    [
        ("<Record finishOnKey='' maxLength='90' timeout='0' transcribe='true'/>", Record(finish_on_key="", max_length=90, timeout=0, transcribe=True)),
        ("<Enqueue waitUrl=''> support </Enqueue>", Enqueue("support", wait_url="")),
        ("<Enqueue workflowSid='WW1'><Task priority='5'>{\"a\":1}</Task></Enqueue>", Enqueue(workflow_sid="WW1", task=Task('{"a":1}', 5))),
        ("<Refer action='/a'><Sip>sip:a@b?X-A=1</Sip></Refer>", Refer("sip:a@b?X-A=1", "/a")),
        ("<Sms to='+1' from='+2'>Hello</Sms>", Sms("Hello", "+1", "+2")),
        ("<Pay chargeAmount='20.45' validCardTypes='visa jcb'><Prompt for='postal-code' attempt='1 3'><Say>a</Say><Pause/></Prompt>"
         "<Parameter name='a' value='b'/></Pay>",
         Pay((Prompt((Say(plain("a")), Pause()), ("postal-code",), attempt=(1, 3)),), (Parameter("a", "b"),), charge_amount="20.45", valid_card_types=("visa", "jcb"))),
        ("<Connect action='/a'><Stream url='wss://h/x'><Parameter name='a' value='b'/></Stream></Connect>",
         Connect(Stream("wss://h/x", parameters=(Parameter("a", "b"),)), "/a")),
        ("<Connect><ConversationRelay url='wss://h' interruptible='true' eagerEotThreshold='.4'><Language code='de-DE' voice='x'/></ConversationRelay></Connect>",
         Connect(ConversationRelay("wss://h", eager_eot_threshold=0.4, languages=(Language("de-DE", voice="x"),)))),
        ("<Start><Recording track='inbound'/><Siprec name='s'/><Transcription hints='a,b'/></Start>",
         Start((Recording(track="inbound"), Siprec("s"), Transcription(hints="a,b")))),
        ("<Stop><Stream name='x'/></Stop>", Stop((Stream(name="x"),))),
        ("<Dial><Client>bob</Client></Dial>", Dial((Client(identity="bob"),))),
        ("<Dial><Client><Identity>bob</Identity><Parameter name='a' value='b'/></Client></Dial>",
         Dial((Client(identity="bob", parameters=(Parameter("a", "b"),)),))),
        ("<Dial><Conference beep='onEnter' waitUrl='' record='true'>Room</Conference></Dial>",
         Dial((Conference("Room", beep="onEnter", wait_url="", record="record-from-start"),))),
        ("<Dial><Queue url='/w'>support</Queue></Dial>", Dial((Queue("support", "/w"),))),
        (f"<Dial><Application><ApplicationSid>AP{SID}</ApplicationSid><Parameter name='a' value='b'/></Application></Dial>",
         Dial((Application(application_sid=f"AP{SID}", parameters=(Parameter("a", "b"),)),))),
        ("<Dial><Sip username='u'><Uri priority='1' weight='2'>a@b</Uri><Uri>c@d</Uri><Headers><Header name='X-A' value='1'/></Headers></Sip></Dial>",
         Dial((Sip(username="u", uris=(Uri("a@b", 1, 2), Uri("c@d")), headers=(Header("X-A", "1"),)),))),
    ],
)  # fmt: skip
def test_a_verb_and_what_stands_in_it(twiml: str, verb: Verb) -> None:
    document = parse(f"<Response>{twiml}</Response>".encode())
    assert document.diagnostics == ()
    assert document.verbs == (verb,)


@pytest.mark.parametrize(
    ("twiml", "code", "level", "text"),
    [
        ("<Record timeout='-1'/>", 13611, "warning", "at least 0"),
        ("<Record maxLength='1'/>", 13612, "warning", "at least 2"),
        ("<Record maxLength='99999'/>", 13612, "warning", "86400 is used"),
        ("<Record finishOnKey='A'/>", 13613, "warning", "keys 0-9"),
        ("<Record method='x'/>", 13610, "warning", "GET or POST"),
        ("<Record transcribe='yes'/>", 13614, "warning", "true or false"),
        ("<Record transcribe='true' maxLength='121'/>", 13615, "warning", "not transcribed"),
        ("<Record playBeep='1'/>", 13616, "warning", "true or false"),
        ("<Record recordingStatusCallbackEvent='over'/>", 13621, "error", "in-progress"),
        ("<Record trim='no'/>", 13699, "warning", "do-not-trim"),
        ("<Record recordingStatusCallback='ftp://a'/>", 13256, "warning", "http or https"),
        ("<Record transcribeCallback='a b'/>", 13257, "error", "http or https"),
        ("<Enqueue/>", 14204, "error", "needs the name of a queue"),
        ("<Enqueue>" + "a" * 65 + "</Enqueue>", 14205, "error", "at most 64"),
        ("<Enqueue method='x'>a</Enqueue>", 14201, "error", "GET or POST"),
        ("<Enqueue waitUrlMethod='x'>a</Enqueue>", 14206, "error", "GET or POST"),
        ("<Dial><Queue/></Dial>", 14212, "error", "needs the name of a queue"),
        ("<Dial><Queue>" + "a" * 65 + "</Queue></Dial>", 14213, "error", "at most 64"),
        ("<Dial><Queue method='x'>a</Queue></Dial>", 14210, "error", "GET or POST"),
        ("<Dial><Conference/></Dial>", 13237, "warning", "needs a name"),
        ("<Dial><Conference>" + "a" * 129 + "</Conference></Dial>", 13237, "warning", "at most 128"),
        ("<Dial><Conference muted='1'>a</Conference></Dial>", 13230, "warning", "true or false"),
        ("<Dial><Conference endConferenceOnExit='1'>a</Conference></Dial>", 13231, "error", "true or false"),
        ("<Dial><Conference startConferenceOnEnter='1'>a</Conference></Dial>", 13232, "warning", "true or false"),
        ("<Dial><Conference waitMethod='x'>a</Conference></Dial>", 13234, "warning", "GET or POST"),
        ("<Dial><Conference beep='loud'>a</Conference></Dial>", 13235, "warning", "onEnter"),
        ("<Dial><Conference trim='x'>a</Conference></Dial>", 13239, "error", "do-not-trim"),
        ("<Dial><Conference coach='bob'>a</Conference></Dial>", 13240, "error", "not the SID of a call"),
        ("<Dial><Conference participantLabel='a/b'>a</Conference></Dial>", 16023, "error", "without /"),
        (f"<Dial><Conference participantLabel='CA{SID}'>a</Conference></Dial>", 16023, "error", "no CallSid"),
        ("<Dial><Conference maxParticipants='1'>a</Conference></Dial>", 12200, "warning", "at least 2"),
        ("<Dial><Client>bob smith</Client></Dial>", 12200, "warning", "without spaces"),
        ("<Dial><Client>" + "b" * 257 + "</Client></Dial>", 12200, "warning", "at most 256"),
        ("<Dial><Client/></Dial>", 12200, "warning", "needs an identity"),
        ("<Dial><Client>a<Identity>b</Identity></Client></Dial>", 12200, "warning", "'a' in <Client> means nothing"),
        ("<Dial><Application>bob</Application></Dial>", 12200, "warning", "AP and 32"),
        ("<Dial><Conference>a</Conference><Number>1</Number></Dial>", 13000, "warning", "<Conference> is dialled alone"),
        ("<Dial><Number>1</Number><Queue>a</Queue></Dial>", 13215, "warning", "<Queue> is dialled alone"),
        ("<Dial>" + "<Number>1</Number>" * 11 + "</Dial>", 13215, "warning", "first 10 of 11"),
        ("<Dial><Sip>a@b<Headers><Header name='Via' value='x'/></Headers></Sip></Dial>", 13252, "warning", "may not be set"),
        ("<Dial><Sip>a@b<Headers><Header name='X-A' value='a&#10;Via: b'/></Headers></Sip></Dial>", 13252, "warning", "may not be set"),
        ("<Dial><Sip>a@b<Headers><Header name='X-A' value='" + "a" * 1100 + "'/></Headers></Sip></Dial>", 13253, "warning", "longer than 1024"),
        ("<Dial><Sip>a@b<Headers>" + "<Header name='X-A' value='1'/>" * 31 + "</Headers></Sip></Dial>", 13251, "warning", "30 count"),
        ("<Dial><Sip>" + "<Uri>a@b</Uri>" * 11 + "</Sip></Dial>", 13250, "warning", "10 count"),
        ("<Dial><Sip><Uri/><Uri>a@b</Uri></Sip></Dial>", 13243, "warning", "<Uri> needs a SIP URI"),
        ("<Dial callReason='" + "a" * 51 + "'>1</Dial>", 12200, "warning", "at most 50"),
        ("<Refer/>", 12200, "warning", "needs a <Sip>"),
        ("<Refer><Sip>a@b</Sip><Sip>c@d</Sip></Refer>", 12200, "warning", "one counts"),
        ("<Connect><Stream url='https://h'/></Connect>", 31922, "error", "wss://"),
        ("<Connect><Stream url='wss://h' track='both_tracks'/></Connect>", 31941, "error", "inbound_track"),
        ("<Start><Stream url='wss://h' track='all'/></Start>", 31941, "error", "both_tracks"),
        ("<Start><Room>a</Room></Start>", 14300, "error", "it belongs in <Connect>"),
        ("<Connect><ConversationRelay/></Connect>", 64101, "error", "wss://"),
        ("<Connect><ConversationRelay url='wss://h' speechTimeout='50'/></Connect>", 12200, "warning", "from 600 to 5000"),
        ("<Connect><ConversationRelay url='wss://h' eotThreshold='2'/></Connect>", 12200, "warning", "from 0.5 to 0.9"),
        ("<Pay chargeAmount='1000001'/>", 64003, "error", "from 0 to 1000000"),
        ("<Pay chargeAmount='-1'/>", 64003, "error", "from 0 to 1000000"),
        ("<Pay tokenType='x'/>", 64006, "error", "one-time"),
        ("<Pay currency='dollar'/>", 64011, "error", "three letters"),
        ("<Pay paymentMethod='cash'/>", 64013, "error", "ach-debit"),
        ("<Pay bankAccountType='consumer-savings'/>", 64017, "error", "means nothing"),
        ("<Pay maxAttempts='9'/>", 64020, "error", "3 is used"),
        ("<Pay><Prompt attempt='0'/></Pay>", 64020, "error", "from 1 to 3"),
        ("<Gather><Say voice='' loop='x'>a</Say></Gather>", 13322, "warning", "whole number"),
        ("<Gather language='english please'/>", 13331, "warning", "en-US"),
        ("<Gather speechTimeout='0'/>", 13327, "warning", "or auto"),
        ("<Gather hints='" + ",".join(["a"] * 501) + "'/>", 13330, "warning", "at most 500"),
    ],
)  # fmt: skip
def test_what_is_wrong_has_its_code(twiml: str, code: int, level: str, text: str) -> None:
    document = parse(f"<Response>{twiml}</Response>".encode())
    assert [(each.code, each.level) for each in document.diagnostics] == [(code, level)]
    assert text in document.diagnostics[0].message


def _dialled(twiml: str) -> list[str]:
    (dial,) = parse(f"<Response><Dial>{twiml}</Dial></Response>".encode()).verbs
    assert isinstance(dial, Dial)
    return [type(noun).__name__ for noun in dial.nouns]


def test_what_may_not_be_dialled_together_is_left_out() -> None:
    """1.8: Conference alone is used; Queue alone; Application alone; up to ten others in any mix."""
    number, conference, queue = "<Number>1</Number>", "<Conference>a</Conference>", "<Queue>a</Queue>"
    application = f"<Application>AP{SID}</Application>"
    assert _dialled(number + conference) == ["Conference"]
    assert _dialled(conference + conference) == ["Conference"]
    assert _dialled(queue + conference + number) == ["Conference"]
    assert _dialled(number + queue) == ["Queue"]
    assert _dialled(number + application + "<Sip>a@b</Sip>") == ["Application"]
    assert _dialled("<Sip>a@b</Sip><Client>c</Client>" + number * 10) == ["Sip", "Client"] + ["Number"] * 8


def test_too_many_hints_are_cut() -> None:
    long = "b" * 101
    (gather,) = parse(f"<Response><Gather hints='a,{long},{','.join(['c'] * 600)}'/></Response>".encode()).verbs
    hints = gather.hints.split(",")  # type: ignore[attr-defined]
    assert (hints[0], hints[1], len(hints)) == ("a", "c", 500)


def _elements(names: dict[str, Element] | None = None) -> list[Element]:
    found = []
    for element in (names or dict(VERBS)).values():
        found.append(element)
        if element.children:
            found += _elements({name: child.element for name, child in element.children.items()})
    return found


def test_every_attribute_and_child_has_a_field() -> None:
    for element in _elements():
        fields = {field.name for field in dataclasses.fields(element.make)}
        named = {attribute.field for attribute in element.attributes.values()} | {
            child.field for child in element.children.values()
        }
        assert named | ({element.text} if element.text else set()) <= fields, element.make


def test_an_element_without_attributes_is_its_defaults() -> None:
    """1.5: the default value is used: an absent attribute is one that says the default."""
    for element in _elements():
        element.make()


def test_a_place_is_named_for_each_element() -> None:
    assert HOMES["Stream"] == ("Connect", "Start", "Stop")
    assert HOMES["Number"] == ("Dial",)
    assert HOMES["Say"] == ("Response", "Gather", "Prompt")


def test_a_number_alone_stands_for_its_noun() -> None:
    assert _dialled("+15550100") == ["Number"]
    assert parse(b"<Response><Dial> </Dial></Response>").verbs == (Dial(),)
    assert Number(number="1") in parse(b"<Response><Dial>1</Dial></Response>").verbs[0].nouns  # type: ignore[attr-defined]
