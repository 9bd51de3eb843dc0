from __future__ import annotations

from pathlib import Path

from voice.story.follower import Follower, collect
from voice.story.journal import Entry, JournalFiles

CALL, LEG = "CA" + "0" * 32, "CA" + "1" * 32


def test_each_line_is_read_once_and_legs_are_found_as_they_are_dialled(tmp_path: Path) -> None:
    files = JournalFiles(tmp_path)
    follower = Follower(CALL, files.read_on)
    assert follower.advance() == []
    files.write(CALL, Entry(0.0, "status", {"status": "ringing"}))
    files.flush()
    assert [line.entry.kind for line in follower.advance()] == ["status"]
    assert follower.advance() == []
    files.write(CALL, Entry(2.0, "dial", {"call_sid": LEG}))
    files.write(LEG, Entry(0.5, "digit", {"digit": "1\u2028"}))
    files.write(CALL, Entry(3.0, "joined", {}))
    files.flush()
    expected = [(2.0, 0, "dial"), (2.5, 1, "digit"), (3.0, 0, "joined")]
    assert [(line.at, line.leg, line.entry.kind) for line in follower.advance()] == expected
    assert follower.legs == (CALL, LEG)
    assert len(collect(CALL, files.read)) == 4


def test_a_line_that_is_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    files = JournalFiles(tmp_path)
    path = tmp_path / f"{CALL}.jsonl"
    follower = Follower(CALL, files.read_on)
    path.write_text('[0.0, "one", {}]\n[1.0, "tw')
    assert [line.entry.kind for line in follower.advance()] == ["one"]
    with path.open("a") as file:
        file.write('o", {}]\n')
    assert [line.entry.kind for line in follower.advance()] == ["two"]
