import json
import os
import subprocess
import sys
import threading

import pytest

from voice.story.logs import MOST_WAITING, Spool


def drained(reader: int) -> list[str]:
    with os.fdopen(reader) as lines:
        return lines.read().splitlines()


def test_lines_of_all_threads_are_written_in_the_order_of_each() -> None:
    reader, writer = os.pipe()
    spool = Spool(writer)

    def speak(name: str) -> None:
        for number in range(100):
            spool.write(f"{name} {number}\n")

    speakers = [threading.Thread(target=speak, args=(name,)) for name in "ab"]
    for speaker in speakers:
        speaker.start()
    for speaker in speakers:
        speaker.join()
    spool.close()
    os.close(writer)
    lines = drained(reader)
    for name in "ab":
        assert [line for line in lines if line.startswith(name)] == [f"{name} {number}" for number in range(100)]


def test_a_reader_who_does_not_read_holds_nobody_up_and_learns_how_much_he_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    spool = Spool(writer)
    line = "x" * 200 + "\n"
    for _ in range(3 * MOST_WAITING):
        spool.write(line)  # 6 MB, of which a pipe takes 64 kB

    def close() -> None:
        spool.write("last\n")
        spool.close()
        os.close(writer)

    closing = threading.Thread(target=close)
    read = []
    with os.fdopen(reader) as lines:
        read.append(lines.readline())
        closing.start()
        read += lines
    closing.join()
    lost = [json.loads(line)["lines"] for line in read if line.startswith("{")]
    kept = [line for line in read if not line.startswith("{")]
    assert sum(lost) + len(kept) == 3 * MOST_WAITING + 1
    assert sum(lost) >= MOST_WAITING


def test_a_reader_who_has_gone_raises_nothing_where_something_is_said() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    spool = Spool(writer)
    spool.write("to nobody\n")
    spool.close()
    os.close(writer)


def test_the_last_line_before_the_end_of_the_process_is_written() -> None:
    said = "import structlog; from voice.story.logs import configure_logs; configure_logs(); structlog.get_logger().info('over')"
    process = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert [json.loads(line)["event"] for line in process.stderr.splitlines()] == ["over"]


def test_a_process_ends_whose_log_nobody_reads() -> None:
    said = (
        "import structlog; from voice.story.logs import configure_logs; configure_logs(); log = structlog.get_logger();"
        "[log.info('x' * 1000) for _ in range(1000)]; print('done', flush=True)"
    )
    reader, writer = os.pipe()
    process = subprocess.run([sys.executable, "-c", said], stdout=subprocess.PIPE, stderr=writer, timeout=30, check=False)
    os.close(writer)
    os.close(reader)
    assert (process.returncode, process.stdout) == (0, b"done\n")
