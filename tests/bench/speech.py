"""What the callers of the load say: noise, as the raw A-law that SIPp streams."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.g711 import encode_alaw

SECONDS = 8


def write_speech(path: Path) -> None:
    """Write the file."""
    noise = np.random.default_rng(1).normal(0, 1500, SECONDS * 8000).astype(np.int16)
    path.write_bytes(encode_alaw(noise).tobytes())
