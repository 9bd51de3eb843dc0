"""The command as its users see it, except for ``serve``, which the interop tests run."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voice.cli import app
from voice.story.journal import Entry, JournalFiles
from voice.web.signature import sign

SID = "CA" + "1" * 32
runner = CliRunner()


def test_check_names_line_column_code_and_what_twiml_expects(tmp_path: Path) -> None:
    file = tmp_path / "menu.xml"
    file.write_text("<Response>\n  <Gather numDigit='1'/>\n</Response>")
    result = runner.invoke(app, ["check", str(file)])
    assert (result.exit_code, result.output) == (
        0,
        f"{file}:2:11: warning 12200: <Gather> has no attribute 'numDigit'; is numDigits meant?\n",
    )


def test_check_fails_for_what_cannot_run(tmp_path: Path) -> None:
    file = tmp_path / "menu.xml"
    file.write_text("<Response><Say></Response>")
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 1
    assert "error 12100: the document is not well-formed XML: mismatched tag" in result.output


def test_check_knows_who_can_speak() -> None:
    document = "<Response><Say voice='Polly.Nobody'>Hi</Say><Gather><Say language='xx-XX'>Hi</Say></Gather></Response>"
    output = runner.invoke(app, ["check", "-"], input=document).output
    assert "-:1:11: warning 13511: no voice 'Polly.Nobody' is known" in output
    assert "-:1:45: warning 13512: 'xx-XX' is not spoken here" in output


def test_check_says_what_the_switch_does_not_do(tmp_path: Path) -> None:
    file = tmp_path / "menu.xml"
    file.write_text("<Response>\n  <Dial>\n    <Sim>DE1</Sim>\n  </Dial>\n  <Foo/><Connect><Room>a</Room></Connect>\n</Response>")
    result = runner.invoke(app, ["check", str(file)])
    assert result.exit_code == 1
    found = [line.removeprefix(f"{file}:").split(": ")[:2] for line in result.output.splitlines()]
    assert found == [["2:3", "error 13750"], ["5:3", "warning 12200"], ["5:9", "error 13750"]]


def test_check_reads_standard_input() -> None:
    assert runner.invoke(app, ["check", "-"], input="<Response/>").output == "-: no objections\n"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["check", "/no/such/file"], "No such file"),
        (["trace", "nonsense"], "not a CallSid"),
        (["trace", SID], "no journal of"),
        (["trace", "last"], "no call has been made"),
        (["call", "+1555", "--url", "http://h/"], "no switch answers"),
        (["serve", "--config", "/no/such/file"], "no such file"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], complaint: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STROWGER_HTTP__PORT", "1")
    result = runner.invoke(app, arguments)
    assert result.exit_code == 1
    assert complaint in result.output
    assert "Traceback" not in result.output


def test_trace_prints_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = JournalFiles(tmp_path / "data" / "journals")
    entries = [
        Entry(0.0, "sip", {"direction": "in", "peer": "10.0.0.1:5060", "text": "INVITE sip:1@h SIP/2.0\r\nVia: x"}),
        Entry(0.001, "request", {"method": "POST", "url": "http://h/voice"}),
        Entry(
            0.05, "response", {"status": 200, "content_type": "text/xml", "seconds": 0.049, "error": "", "body": "<Response/>"}
        ),
        Entry(0.06, "verb", {"name": "Gather", "attributes": {"timeout": "3"}}),
        Entry(1.0, "digit", {"digit": "5"}),
        Entry(2.0, "left", {"name": "Gather", "outcome": "digits 5"}),
        Entry(2.1, "report", {"level": "warning", "code": 12200, "message": "x", "url": ""}),
        Entry(2.5, "conference", {"event": "participant-join", "conference_sid": "CF1", "name": "Room 1"}),
        Entry(2.6, "queue", {"event": "waiting", "queue_sid": "QU1", "name": "support"}),
        Entry(3.0, "ended", {"code": 200, "reason": "OK", "by_peer": True}),
        Entry(3.0, "unheard-of", {"a": 1}),
    ]
    for entry in entries:
        files.write(SID, entry)
    files.flush()
    output = runner.invoke(app, ["trace", "last"]).output.splitlines()
    assert output == [
        "    0.000            10.0.0.1:5060 ──▶ SIP   INVITE sip:1@h SIP/2.0",
        "    0.001                              HTTP ──▶ POST http://h/voice",
        "    0.050                              HTTP ◀── 200 text/xml in 49 ms",
        '    0.060    <Gather timeout="3">',
        "    1.000    digit 5",
        "    2.000    </Gather> digits 5",
        "    2.100    WARNING 12200: x",
        "    2.500    conference Room 1 (CF1): participant-join",
        "    2.600    queue support (QU1): waiting",
        "    3.000    leg ended by the far end: 200 OK",
        "    3.000    unheard-of a=1",
    ]
    assert "             │ <Response/>" in runner.invoke(app, ["trace", SID, "--full"]).output


def test_trace_shows_dialled_legs_in_their_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    files = JournalFiles(tmp_path / "data" / "journals")
    child = "CA" + "2" * 32
    for sid, entry in (
        (SID, Entry(1.0, "dial", {"call_sid": child, "to": "bob"})),
        (SID, Entry(3.0, "joined", {"call_sid": child})),
        (child, Entry(0.0, "parent", {"call_sid": SID})),
        (child, Entry(1.5, "status", {"status": "ringing"})),
    ):
        files.write(sid, entry)
        files.flush()
    output = runner.invoke(app, ["trace", "last"]).output.splitlines()
    assert output == [
        f"    1.000    dialling bob as {child}",
        f"    1.000  1 leg of {SID}",
        "    2.500  1 call is ringing",
        f"    3.000    connected with {child}",
    ]
    assert runner.invoke(app, ["trace", child]).output.splitlines()[1] == "    1.500    call is ringing"


def test_the_account_is_made_once_and_shown_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    first = runner.invoke(app, ["account"])
    sid, token = first.output.split()
    assert (first.exit_code, sid[:2], len(sid), len(token)) == (0, "AC", 34, 32)
    assert runner.invoke(app, ["account"]).output == first.output


def test_a_signature_is_explained(tmp_path: Path) -> None:
    config = tmp_path / "strowger.toml"
    config.write_text(f'data_dir = "{tmp_path}"\n[account]\nsid = "AC{"1" * 32}"\nauth_token = "secret"\n')
    url, pairs = "https://app.example/voice", (("To", "+1"),)
    right, other = sign("secret", url, pairs), sign("secret", url.replace("https", "http"), pairs)
    arguments = ["signature", "--config", str(config), url]
    result = runner.invoke(app, [*arguments, right, "To=+1"])
    assert (result.exit_code, result.output.splitlines()[-1]) == (0, "The signature is right.")
    result = runner.invoke(app, [*arguments, other, "To=+1"])
    assert (result.exit_code, "a proxy in between changes the scheme" in result.output) == (1, True)
