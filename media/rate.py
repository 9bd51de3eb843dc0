"""Between the 8 kHz of telephone codes and a bus of 16 kHz, for any number of voices in one operation.

Each voice brings what came before, so that nothing is heard of the seams between its frames; the delay is 1.5 ms.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from media.frame import Samples

_TAPS = 48
HALVING, DOUBLING = _TAPS - 1, _TAPS // 2 - 1
"""Samples that ``halve`` and ``double`` want to know of before the first."""


def _low_pass() -> npt.NDArray[np.float32]:
    """A windowed sinc that passes what is below a quarter of the higher rate."""
    at = np.arange(_TAPS) - (_TAPS - 1) / 2
    kernel = np.sinc(at / 2) * np.kaiser(_TAPS, 6.0)
    scaled: npt.NDArray[np.float32] = (kernel / kernel.sum()).astype(np.float32)
    return scaled


_KERNEL = _low_pass()
_PHASES = 2 * np.stack((_KERNEL[::2], _KERNEL[1::2]), axis=1)[::-1]


def halve(before: Samples, samples: Samples) -> Samples:
    """Half as many samples per second: shape (..., n) to (..., n / 2); ``before`` is of shape (..., HALVING)."""
    windows = sliding_window_view(np.concatenate((before, samples), axis=-1), _TAPS, axis=-1)
    return _rounded(windows[..., ::2, :].astype(np.float32) @ _KERNEL)


def double(before: Samples, samples: Samples) -> Samples:
    """Twice as many samples per second: shape (..., n) to (..., 2n); ``before`` is of shape (..., DOUBLING)."""
    windows = sliding_window_view(np.concatenate((before, samples), axis=-1), _TAPS // 2, axis=-1)
    doubled = windows.astype(np.float32) @ _PHASES
    return _rounded(doubled.reshape(*samples.shape[:-1], 2 * samples.shape[-1]))


def _rounded(samples: npt.NDArray[np.float32]) -> Samples:
    return np.clip(np.rint(samples), -32768, 32767).astype(np.int16)
