import resource
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from voice.story.journal import LONGEST_TEXT, MOST_ENTRIES, Entry, Journal, JournalFiles

SID = "CA" + "0" * 32


def test_entries_carry_seconds_since_the_journal_began() -> None:
    moments = iter([100.0, 100.25])
    journal = Journal(SID, lambda: next(moments), lambda sid, entry: None)
    journal.add("digit", digit="1")
    journal.add("sip", at=100.5, text="INVITE")
    assert list(journal.entries) == [Entry(0.25, "digit", {"digit": "1"}), Entry(0.5, "sip", {"text": "INVITE"})]


def test_a_journal_is_bounded_in_entries_and_text() -> None:
    journal = Journal(SID, lambda: 0.0, lambda sid, entry: None)
    for _ in range(MOST_ENTRIES + 10):
        journal.add("x", text="a" * (LONGEST_TEXT * 2))
    assert len(journal.entries) == MOST_ENTRIES
    assert len(str(journal.entries[0].data["text"])) < LONGEST_TEXT + 50


def test_what_is_written_can_be_read_back(tmp_path: Path) -> None:
    files = JournalFiles(tmp_path / "journals")
    journal = Journal(SID, lambda: 0.0, files.write)
    journal.add("verb", name="Say", attributes={"loop": "2"})
    journal.add("report", message="Grüße")
    assert files.read(SID) == []
    files.flush()
    assert files.read(SID) == list(journal.entries)
    assert files.last() == SID


@pytest.mark.parametrize("cut", [b'[1.0, "tw', '[1.0, "report", {"message": "Grü'.encode()[:-1]], ids=["line", "letter"])
def test_a_line_cut_off_by_a_crash_is_left_out(tmp_path: Path, cut: bytes) -> None:
    files = JournalFiles(tmp_path)
    files.write(SID, Entry(0.0, "one", {}))
    files.flush()
    with (tmp_path / f"{SID}.jsonl").open("ab") as file:
        file.write(cut)
    assert files.read(SID) == [Entry(0.0, "one", {})]
    assert list(files.select(SID, {"one"})) == [Entry(0.0, "one", {})]


@pytest.mark.parametrize("sid", ["", "../../etc/passwd", "CA12", "CA" + "g" * 32])
def test_only_a_call_sid_names_a_journal(tmp_path: Path, sid: str) -> None:
    with pytest.raises(ValueError, match="not a CallSid"):
        JournalFiles(tmp_path).read(sid)


def test_a_journal_on_disk_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.story.journal.MOST_WRITTEN", 10)
    written: list[Entry] = []
    journal = Journal(SID, lambda: 0.0, lambda sid, entry: written.append(entry))
    for _ in range(30):
        journal.add("digit", digit="1")
    assert len(written) == 10
    assert written[-1] == Entry(0.0, "full", {"entries": 10})


def test_what_a_disk_does_not_take_is_written_when_it_does(tmp_path: Path) -> None:
    folder = tmp_path / "journals"
    folder.write_text("in the way")
    files = JournalFiles(folder)
    for number in range(3):
        files.write(SID, Entry(number, "digit", {}))
        files.flush()
    folder.unlink()
    files.write(SID, Entry(3, "digit", {}))
    files.flush()
    assert [entry.at for entry in files.read(SID)] == [0, 1, 2, 3]


def test_entries_that_fit_in_part_only_are_not_written_in_part(tmp_path: Path) -> None:
    files = JournalFiles(tmp_path)
    files.write(SID, Entry(0, "one", {}))
    files.flush()
    before = (tmp_path / f"{SID}.jsonl").read_bytes()
    files.write(SID, Entry(1, "two", {"text": "x" * 200}))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        with capture_logs() as said:
            files.flush()
        assert len(said) == 1
        assert (tmp_path / f"{SID}.jsonl").read_bytes() == before
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    files.flush()
    assert [entry.kind for entry in files.read(SID)] == ["one", "two"]


def test_while_a_disk_takes_nothing_the_oldest_entries_are_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("voice.story.journal.MOST_WAITING", 10)
    folder = tmp_path / "journals"
    folder.write_text("in the way")
    files = JournalFiles(folder)
    for number in range(30):
        files.write(SID, Entry(number, "digit", {}))
        files.flush()
    folder.unlink()
    files.flush()
    assert [entry.at for entry in files.read(SID)] == list(range(20, 30))
