from __future__ import annotations

from collections.abc import Callable

import av
import numpy as np
import pytest

from media.frame import Samples
from media.g711 import Codes, decode_alaw, decode_mulaw, encode_alaw, encode_mulaw

CODES = np.arange(256, dtype=np.uint8)
SAMPLES = np.arange(-32768, 32768).astype(np.int16)

Coder = tuple[Callable[[Samples], Codes], Callable[[Codes], Samples]]
MULAW: Coder = (encode_mulaw, decode_mulaw)
ALAW: Coder = (encode_alaw, decode_alaw)


@pytest.mark.parametrize(("name", "coder"), [("pcm_mulaw", MULAW), ("pcm_alaw", ALAW)])
def test_every_code_means_what_ffmpeg_says(name: str, coder: Coder) -> None:
    decoder = av.CodecContext.create(name, "r")
    assert isinstance(decoder, av.AudioCodecContext)
    decoder.sample_rate, decoder.layout = 8000, "mono"
    [frame] = decoder.decode(av.Packet(CODES.tobytes()))
    assert coder[1](CODES).tolist() == frame.to_ndarray()[0].tolist()


@pytest.mark.parametrize("coder", [MULAW, ALAW])
def test_every_code_survives_a_round_trip(coder: Coder) -> None:
    encode, decode = coder
    again = encode(decode(CODES))
    assert decode(again).tolist() == decode(CODES).tolist()
    # Mu-law has two codes of zero, 0x7F and 0xFF; all others are unique.
    assert np.count_nonzero(again != CODES) == (1 if coder is MULAW else 0)


@pytest.mark.parametrize("coder", [MULAW, ALAW])
def test_encoding_what_was_decoded_changes_nothing(coder: Coder) -> None:
    encode, decode = coder
    once = decode(encode(SAMPLES))
    assert decode(encode(once)).tolist() == once.tolist()


@pytest.mark.parametrize(("coder", "clip", "quantum"), [(MULAW, 32635, 4), (ALAW, 32767, 8)])
def test_the_error_is_at_most_half_a_step(coder: Coder, clip: int, quantum: int) -> None:
    decoded = coder[1](coder[0](SAMPLES)).astype(int)
    inside = np.abs(SAMPLES.astype(int)) <= clip
    magnitude = np.abs(SAMPLES.astype(int))
    # A step is at most a sixteenth of the (with mu-law, biased) magnitude; the lowest bits are cut off before.
    assert (np.abs(decoded - SAMPLES)[inside] <= ((magnitude + 132) / 32 + quantum)[inside]).all()
    assert (np.diff(decoded) >= 0).all()


@pytest.mark.parametrize(
    ("encode", "sample", "code"),
    [
        (encode_mulaw, 0, 0xFF),
        (encode_mulaw, -1, 0x7F),
        (encode_mulaw, 32767, 0x80),
        (encode_mulaw, -32768, 0x00),
        (encode_mulaw, 8159, 0x9F),
        (encode_alaw, 0, 0xD5),
        (encode_alaw, -1, 0x55),
        (encode_alaw, 32767, 0xAA),
        (encode_alaw, -32768, 0x2A),
    ],
)
def test_known_values(encode: Callable[[Samples], Codes], sample: int, code: int) -> None:
    assert encode(np.array([sample], np.int16)).tolist() == [code]


@pytest.mark.parametrize("coder", [MULAW, ALAW])
def test_any_shape_is_coded(coder: Coder) -> None:
    samples = SAMPLES.reshape(8, 64, 128)
    codes = coder[0](samples)
    assert codes.shape == samples.shape
    assert codes.dtype == np.uint8
    assert coder[1](codes).dtype == np.int16
    assert coder[1](codes[:, ::2, 3]).shape == (8, 32)
