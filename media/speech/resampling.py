"""Speech at the rate at which it is wanted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import soxr

from media.frame import Samples


def resample(chunks: Iterable[Samples], rate: int, wanted: int) -> Iterator[Samples]:
    """Arrays of shape (n,) at ``rate`` samples per second, in arrays at the rate ``wanted``; none of those is empty."""
    if rate == wanted:
        yield from (samples for samples in chunks if samples.size)
        return
    # A stream, not a call per array, because an engine may hand over its speech in pieces of any length.
    stream = soxr.ResampleStream(rate, wanted, 1, dtype="int16", quality="HQ")
    for samples in chunks:
        resampled = stream.resample_chunk(samples)
        if resampled.size:
            yield resampled
    rest = stream.resample_chunk(np.zeros(0, np.int16), last=True)
    if rest.size:
        yield rest
