"""The unit of audio that everything here passes around."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.int16]
"""Linear audio, int16, time last: ``(n,)`` for one voice, ``(rows, n)`` for many."""

FRAMES_PER_SECOND = 50
FRAME_SECONDS = 1 / FRAMES_PER_SECOND
"""20 ms, the packet time that every telephone offers (RFC 3551 section 4.2)."""


def frame_size(rate: int) -> int:
    """The samples of one frame at ``rate`` samples per second; raises ValueError unless they are a whole number."""
    if rate < FRAMES_PER_SECOND or rate % FRAMES_PER_SECOND:
        raise ValueError(f"a frame of 20 ms needs a rate that is a multiple of {FRAMES_PER_SECOND}, not {rate}")
    return rate // FRAMES_PER_SECOND
