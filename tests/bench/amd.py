"""Print how machine detection judges made recordings: ``python -m tests.bench.amd [--tuning] [--mistakes]``.

The recordings are those that no threshold was chosen by, unless ``--tuning`` asks for the others.
"""

from __future__ import annotations

import media  # noqa: F401 - as in the server before numpy, whose threads it chooses  # isort: skip

import sys
import time

from media.answering import Mode
from tests.media.confusion import Confusion, listen
from tests.media.recordings import recordings

MODES: tuple[Mode, ...] = ("Enable", "DetectMessageEnd")


def main() -> None:
    """Print one table for each mode."""
    began = time.monotonic()
    made = recordings(held_out="--tuning" not in sys.argv)
    sounds = listen(made)
    minutes = sum(recording.samples.size for recording in made) / 8000 / 60
    print(f"{len(made)} recordings, {minutes:.0f} minutes, made and heard in {time.monotonic() - began:.0f} s")
    for mode in MODES:
        confusion = Confusion(mode, made, sounds)
        print(f"\n{mode}\n\n" + "\n".join(confusion.rows()))
        if "--mistakes" in sys.argv:
            for recording, verdict in confusion.mistakes:
                print(f"{recording.kind} at {recording.ratio} dB, {recording.name}: {verdict}")


if __name__ == "__main__":
    main()
