"""Timers of pjsip that nobody waits for: a switch that is started meanwhile has a clock for them that is put forward (``clock.c``)."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(slots=True)
class Clock:
    """What the timers run by."""

    file: Path
    ahead: int = 0

    def put_forward(self, seconds: int) -> None:
        """Let some time have passed."""
        self.ahead += seconds
        with self.file.open("r+b") as opened:
            opened.write(self.ahead.to_bytes(4, "little"))


@contextlib.contextmanager
def clocked(folder: Path) -> Iterator[Clock]:
    """Build the clock in a folder, and have it loaded by whatever is started inside the block."""
    library, file = folder / "clock.so", folder / "clock"
    subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, Path(__file__).with_name("clock.c")], check=True)
    file.write_bytes(bytes(4))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LD_PRELOAD", str(library))
        patch.setenv("PJSIP_TEST_CLOCK", str(file))
        yield Clock(file)
