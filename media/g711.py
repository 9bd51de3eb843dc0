"""The two telephone codecs of ITU-T G.711, 64 kbit/s, as tables.

Arrays of any shape. Samples are 16 bits; mu-law uses the upper 14 of them and A-law the upper 13, as in the ITU-T
software tool library (G.191).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.frame import Samples

Codes = npt.NDArray[np.uint8]
"""One byte per sample, as in RTP payload types 0 and 8."""


def _mulaw_decoder() -> Samples:
    """G.711 table 2: 8 chords of 16 steps above a bias of 33, all bits inverted."""
    codes = ~np.arange(256, dtype=np.uint8)
    chord, step = (codes >> 4) & 7, (codes & 15).astype(np.int32)
    magnitude = (((step << 1) + 33) << chord) - 33
    return (np.where(codes & 0x80, -magnitude, magnitude) << 2).astype(np.int16)


def _mulaw_encoder() -> Codes:
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    # The ones' complement of a negative sample, so that both signs have the same decision values.
    magnitude = np.minimum((np.where(samples < 0, ~samples, samples) >> 2) + 33, 0x1FFF)
    chord = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    step = (magnitude >> (chord + 1)) & 15
    codes: Codes = (~(np.where(samples < 0, 0x80, 0) | chord << 4 | step)).astype(np.uint8)
    return codes


def _alaw_decoder() -> Samples:
    """G.711 table 1: the first two chords are linear, then 6 of 16 steps each; even bits inverted, sign bit set for plus."""
    codes = np.arange(256, dtype=np.uint8) ^ 0x55
    chord, step = ((codes >> 4) & 7).astype(np.int32), (codes & 15).astype(np.int32)
    magnitude = np.where(chord == 0, (step << 1) + 1, ((step << 1) + 33) << np.maximum(chord - 1, 0))
    return (np.where(codes & 0x80, magnitude, -magnitude) << 3).astype(np.int16)


def _alaw_encoder() -> Codes:
    samples = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.where(samples < 0, ~samples, samples) >> 4
    chord = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 3, 0)
    step = (magnitude >> np.maximum(chord - 1, 0)) & 15
    codes: Codes = ((np.where(samples < 0, 0, 0x80) | chord << 4 | step) ^ 0x55).astype(np.uint8)
    return codes


_MULAW_DECODED, _MULAW_ENCODED = _mulaw_decoder(), _mulaw_encoder()
_ALAW_DECODED, _ALAW_ENCODED = _alaw_decoder(), _alaw_encoder()


def decode_mulaw(codes: Codes) -> Samples:
    """Linear samples of mu-law codes."""
    return _MULAW_DECODED[codes]


def encode_mulaw(samples: Samples) -> Codes:
    """Mu-law codes of linear samples."""
    return _MULAW_ENCODED[samples.view(np.uint16)]


def decode_alaw(codes: Codes) -> Samples:
    """Linear samples of A-law codes."""
    return _ALAW_DECODED[codes]


def encode_alaw(samples: Samples) -> Codes:
    """A-law codes of linear samples."""
    return _ALAW_ENCODED[samples.view(np.uint16)]
