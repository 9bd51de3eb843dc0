"""Print how machine detection judges recordings: ``python -m tests.bench.amd [--tuning] [--mistakes] [FILE ...]``.

Without files these are made ones: those that no threshold was chosen by, or with ``--tuning`` the others. A file, of any kind
that can be played, is what a line hears from the answer on; silence follows it.
"""

from __future__ import annotations

import media  # noqa: F401 - as in the server before numpy, whose threads it chooses  # isort: skip

import argparse
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from media.answering import Mode
from media.errors import NotAudio
from media.files import decode
from tests.media.confusion import Confusion, judge, listen
from tests.media.recordings import RATE, TAIL, Recording, recordings

MODES: tuple[Mode, ...] = ("Enable", "DetectMessageEnd")
LONGEST = 120.0
"""Seconds of a file."""


def read(paths: list[Path]) -> Iterator[Recording]:
    """Files as recordings; those that are no audio are told and left out."""
    for path in paths:
        try:
            samples = decode(path.read_bytes(), "", RATE, LONGEST)
        except NotAudio as error:
            print(f"{path}: {error}")
            continue
        yield Recording(str(path), "", "", None, np.concatenate((samples, np.zeros(round(TAIL * RATE), np.int16))))


def print_verdicts(paths: list[Path]) -> None:
    """One line for each file and mode."""
    heard = list(read(paths))
    for recording, sounds in zip(heard, listen(heard), strict=True):
        for mode in MODES:
            verdict = judge(sounds, mode)
            print(f"{recording.name}: {verdict.answered_by} after {verdict.milliseconds} ms: {', '.join(verdict.reasons)}")


def print_tables(held_out: bool, mistakes: bool) -> None:
    """One table for each mode."""
    began = time.monotonic()
    made = recordings(held_out=held_out)
    sounds = listen(made)
    minutes = sum(recording.samples.size for recording in made) / RATE / 60
    print(f"{len(made)} recordings, {minutes:.0f} minutes, made and heard in {time.monotonic() - began:.0f} s")
    for mode in MODES:
        confusion = Confusion(mode, made, sounds)
        print(f"\n{mode}\n\n" + "\n".join(confusion.rows()))
        for recording, verdict in confusion.mistakes if mistakes else ():
            print(f"{recording.kind} at {recording.ratio} dB, {recording.name}: {verdict}")


def main() -> None:
    """Read the command line."""
    reader = argparse.ArgumentParser(prog="python -m tests.bench.amd", description=__doc__)
    reader.add_argument("--tuning", action="store_true", help="the recordings that thresholds may be chosen by")
    reader.add_argument("--mistakes", action="store_true", help="name what is taken for something else")
    reader.add_argument("files", nargs="*", type=Path)
    arguments = reader.parse_args()
    if arguments.files:
        print_verdicts(arguments.files)
    else:
        print_tables(not arguments.tuning, arguments.mistakes)


if __name__ == "__main__":
    main()
