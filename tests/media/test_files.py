from __future__ import annotations

import io
import struct
import wave
from collections.abc import Callable

import av
import numpy as np
import pytest

from media.errors import AudioTooLong, NotAudio
from media.files import decode
from media.frame import Samples
from media.g711 import encode_alaw, encode_mulaw

Sine = Callable[..., Samples]
Pitch = Callable[[Samples, int], float]

HERTZ = 600.0
"""What the left channel, and every other, says; it is below half of the lowest rate."""


def encode(samples: Samples, container: str, codec: str, rate: int, *, layout: str = "mono") -> bytes:
    """A file as FFmpeg writes it."""
    target = io.BytesIO()
    with av.open(target, "w", format=container) as file:
        stream = file.add_stream(codec, rate=rate, layout=layout, options={"strict": "experimental"})
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate
        resampler = av.AudioResampler(stream.codec_context.format.name, layout, rate, stream.codec_context.frame_size or None)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            file.mux(stream.encode(piece))
        file.mux(stream.encode(None))
    return target.getvalue()


def wav(samples: Samples, rate: int, *, channels: int = 1) -> bytes:
    target = io.BytesIO()
    with wave.open(target, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return target.getvalue()


FORMATS = [
    ("audio/wav", "wav", "pcm_u8", 8000),
    ("audio/x-wav", "wav", "pcm_s16le", 8000),
    ("audio/wave", "wav", "pcm_s16le", 44100),
    ("audio/wav", "wav", "pcm_s24le", 48000),
    ("audio/wav", "wav", "pcm_s32le", 16000),
    ("audio/wav", "wav", "pcm_f32le", 22050),
    ("audio/wav", "wav", "pcm_f64le", 11025),
    ("audio/wav", "wav", "pcm_mulaw", 8000),
    ("audio/wav", "wav", "pcm_alaw", 8000),
    ("audio/wav", "wav", "adpcm_ima_wav", 22050),
    ("audio/aiff", "aiff", "pcm_s16be", 44100),
    ("audio/x-aiff", "aiff", "pcm_s24be", 16000),
    ("audio/basic", "au", "pcm_mulaw", 8000),
    ("audio/basic", "au", "pcm_s16be", 16000),
    ("audio/mpeg", "mp3", "libmp3lame", 44100),
    ("audio/mpeg", "mp3", "libmp3lame", 22050),
    ("audio/mpeg", "mp3", "libmp3lame", 8000),
    ("audio/ogg", "ogg", "libopus", 48000),
    ("audio/ogg", "ogg", "libopus", 16000),
    ("audio/flac", "flac", "flac", 44100),
    ("audio/flac", "flac", "flac", 8000),
    ("audio/webm", "webm", "libopus", 48000),
    ("audio/mp4", "mp4", "aac", 44100),
    ("audio/aac", "adts", "aac", 32000),
]


@pytest.mark.parametrize(("content_type", "container", "codec", "rate"), FORMATS)
@pytest.mark.parametrize("bus_rate", [8000, 16000])
def test_a_file_of_any_kind_is_heard_at_the_rate_of_the_bus(
    sine: Sine, pitch: Pitch, content_type: str, container: str, codec: str, rate: int, bus_rate: int
) -> None:
    data = encode(sine(HERTZ, 1.5, rate), container, codec, rate)
    samples = decode(data, content_type, bus_rate, 60)
    assert samples.dtype == np.int16
    # Lossy codecs pad to whole frames at both ends.
    assert samples.size / bus_rate == pytest.approx(1.5, abs=0.12)
    assert pitch(samples, bus_rate) == pytest.approx(HERTZ, abs=1)
    level = np.sqrt(np.mean(samples[bus_rate // 2 : bus_rate].astype(float) ** 2))
    assert level == pytest.approx(8000 / np.sqrt(2), rel=0.1)


def test_vorbis_is_heard(sine: Sine, pitch: Pitch) -> None:
    stereo = np.repeat(sine(HERTZ, 1.5, 44100), 2)
    samples = decode(encode(stereo, "ogg", "vorbis", 44100, layout="stereo"), "application/ogg", 8000, 60)
    assert samples.size / 8000 == pytest.approx(1.5, abs=0.05)
    assert pitch(samples, 8000) == pytest.approx(HERTZ, abs=1)


def test_samples_of_the_same_rate_pass_unchanged(sine: Sine) -> None:
    samples = sine(HERTZ, 0.5, 8000, 32000)
    assert decode(wav(samples, 8000), "audio/wav", 8000, 60).tolist() == samples.tolist()


def test_channels_are_averaged() -> None:
    stereo = np.array([[1000, 3000], [-200, 200], [32767, 32767], [-32768, -32768]], np.int16)
    assert decode(wav(stereo, 8000, channels=2), "audio/wav", 8000, 60).tolist() == [2000, 0, 32767, -32768]


def test_what_is_above_half_of_the_rate_does_not_fold_back(sine: Sine) -> None:
    samples = decode(wav(sine(6000, 1, 48000), 48000), "audio/wav", 8000, 60)
    assert np.abs(samples[500:-500]).max() < 10


@pytest.mark.parametrize(
    "content_type", ["audio/ulaw", "audio/basic", "audio/x-mulaw", "AUDIO/ULAW; rate=8000", 'audio/pcmu;rate="8000"']
)
def test_mulaw_without_a_header_is_told_by_its_type(sine: Sine, content_type: str) -> None:
    samples = sine(HERTZ, 0.25)
    decoded = decode(encode_mulaw(samples).tobytes(), content_type, 8000, 60)
    assert np.abs(decoded - samples.astype(int)).max() < 300


@pytest.mark.parametrize("content_type", ["audio/alaw", "audio/x-alaw", "audio/PCMA"])
def test_alaw_without_a_header_is_told_by_its_type(sine: Sine, content_type: str) -> None:
    samples = sine(HERTZ, 0.25)
    decoded = decode(encode_alaw(samples).tobytes(), content_type, 8000, 60)
    assert np.abs(decoded - samples.astype(int)).max() < 300


def test_silence_in_mulaw_is_not_taken_for_mpeg() -> None:
    """It is all ones, and so begins the sync word of MPEG audio."""
    assert decode(b"\xff\xfb\xff\xf1" * 200, "audio/ulaw", 8000, 60).size == 800


def test_parameters_of_raw_audio_are_obeyed(sine: Sine, pitch: Pitch) -> None:
    stereo = np.repeat(sine(HERTZ, 1, 16000), 2).astype(">i2").tobytes()
    samples = decode(stereo + b"\0", "audio/L16; rate=16000; channels=2", 8000, 60)
    assert samples.size == pytest.approx(8000, abs=2)
    assert pitch(samples, 8000) == pytest.approx(HERTZ, abs=1)


@pytest.mark.parametrize(
    "parameter", ["rate=0", "rate=-1", "rate=999", "rate=abc", "rate=9999999", "rate=" + "9" * 99, "channels=0", "channels=9"]
)
def test_impossible_parameters_are_refused(parameter: str) -> None:
    with pytest.raises(NotAudio):
        decode(b"\xff" * 800, f"audio/ulaw;{parameter}", 8000, 60)


def test_gsm_is_told_by_its_type() -> None:
    # 33 bytes are 20 ms; the first four bits are the signature 0xD (RFC 3551 section 4.5.8).
    assert decode(b"\xd0".ljust(33, b"\0") * 50, "audio/x-gsm", 8000, 60).size == 8000


def test_a_wrong_content_type_does_no_harm(sine: Sine, pitch: Pitch) -> None:
    for content_type in ("", "text/html", "audio/mpeg", "audio/ulaw", "audio/gsm", ";;=;"):
        samples = decode(wav(sine(HERTZ, 1, 16000), 16000), content_type, 8000, 60)
        assert pitch(samples, 8000) == pytest.approx(HERTZ, abs=1)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"", "audio/wav"),
        (b"", "audio/ulaw"),
        (b"", "audio/mpeg"),
        (b"\0", "audio/l16"),
        (b"<html>404</html>", "audio/wav"),
        (b"<html>404</html>", "text/html"),
        (b"RIFF", "audio/wav"),
        (b"RIFF\xff\xff\xff\xffWAVE", "audio/wav"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt \xff\xff\xff\x7f", "audio/wav"),
        (b"OggS" + b"\0" * 200, "audio/ogg"),
        (b"fLaC" + b"\xff" * 200, "audio/flac"),
        (b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f", "audio/mpeg"),
        (b"\xff\xfb" + b"\0" * 500, "audio/mpeg"),
        (b"\0\0\0\x18ftypmp42" + b"\0" * 300, "audio/mp4"),
        (b"\x1aE\xdf\xa3" + b"\xff" * 300, "audio/webm"),
        (b"FORM\0\0\0\0AIFF", "audio/aiff"),
        (b".snd" + b"\xff" * 60, "audio/basic"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "image/png"),
        (bytes(range(256)) * 20, "audio/wav"),
    ],
)
def test_what_is_not_audio_is_refused(data: bytes, content_type: str) -> None:
    with pytest.raises(NotAudio):
        decode(data, content_type, 8000, 60)


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\nhttp://127.0.0.1:1/x.wav\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    "data", [PLAYLIST, b"ffconcat version 1.0\nfile '/etc/passwd'\n", b"v=0\nc=IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n"]
)
@pytest.mark.parametrize(
    "content_type", ["audio/mpegurl", "audio/wav", "audio/mpeg", "application/vnd.apple.mpegurl", "audio/gsm"]
)
def test_lists_of_other_files_are_not_followed(data: bytes, content_type: str) -> None:
    try:
        samples = decode(data, content_type, 8000, 60)
    except NotAudio:
        return
    # Read as a headerless codec it is a crackle of some frames, never what it refers to.
    assert content_type == "audio/gsm"
    assert samples.size <= len(data) // 33 * 160


@pytest.mark.parametrize(
    ("container", "codec", "rate"),
    [("wav", "pcm_s16le", 16000), ("mp3", "libmp3lame", 44100), ("ogg", "libopus", 48000), ("flac", "flac", 44100)],
)
def test_of_a_truncated_file_the_beginning_is_heard(sine: Sine, pitch: Pitch, container: str, codec: str, rate: int) -> None:
    data = encode(sine(HERTZ, 4, rate), container, codec, rate)
    samples = decode(data[: len(data) * 3 // 4], "", 8000, 60)
    assert 1.5 < samples.size / 8000 < 3.6
    assert pitch(samples, 8000) == pytest.approx(HERTZ, abs=1)


@pytest.mark.parametrize(("container", "codec"), [("mp3", "libmp3lame"), ("ogg", "libopus"), ("flac", "flac")])
def test_damage_in_the_middle_never_raises_anything_else(sine: Sine, container: str, codec: str) -> None:
    data = bytearray(encode(sine(HERTZ, 2, 48000), container, codec, 48000))
    random = np.random.default_rng(5)
    for position in random.integers(len(data) // 4, len(data) * 3 // 4, 60):
        data[position] ^= 0xFF
    try:
        samples = decode(bytes(data), "", 8000, 60)
    except NotAudio:
        return
    assert samples.size <= 60 * 8000


def test_random_bytes_behind_every_magic_number_never_raise_anything_else() -> None:
    random = np.random.default_rng(11)
    for magic in (
        b"RIFF\0\0\0\0WAVEfmt ",
        b"OggS\0\2",
        b"fLaC\0\0\0\x22",
        b"FORM\0\0\0\0AIFFCOMM",
        b".snd\0\0\0\x18",
        b"ID3\3\0\0",
        b"\xff\xf1",
        b"#!AMR\n",
    ):
        for _ in range(8):
            try:
                samples = decode(magic + random.bytes(2000), "", 8000, 60)
            except NotAudio:
                continue
            assert samples.size <= 60 * 8000


@pytest.mark.parametrize("claimed", [0, 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_header_that_lies_about_the_length_is_not_believed(sine: Sine, claimed: int) -> None:
    data = bytearray(wav(sine(HERTZ, 1), 8000))
    struct.pack_into("<I", data, 40, claimed)
    try:
        samples = decode(bytes(data), "audio/wav", 8000, 60)
    except NotAudio:
        assert claimed <= 1
        return
    assert samples.size <= 8000


def test_audio_of_the_allowed_length_is_taken_and_more_is_refused(sine: Sine) -> None:
    data = wav(sine(HERTZ, 2), 8000)
    assert decode(data, "audio/wav", 8000, 2).size == 16000
    with pytest.raises(AudioTooLong, match="allowed"):
        decode(data, "audio/wav", 8000, 1.9)
    with pytest.raises(AudioTooLong, match="allowed"):
        decode(b"\xff" * 16001, "audio/ulaw", 8000, 2)


def test_a_small_file_of_much_silence_is_given_up_early() -> None:
    """Ten minutes of silence in some kilobytes; only the allowed seconds are ever held."""
    bomb = encode(np.zeros(600 * 8000, np.int16), "flac", "flac", 8000)
    assert len(bomb) < 200_000
    with pytest.raises(AudioTooLong):
        decode(bomb, "audio/flac", 8000, 5)


def test_a_rate_that_no_audio_has_is_refused() -> None:
    data = bytearray(wav(np.zeros(100, np.int16), 8000))
    for rate in (1, 400_000):
        struct.pack_into("<II", data, 24, rate, 2 * rate)
        with pytest.raises(NotAudio, match="Hz"):
            decode(bytes(data), "audio/wav", 8000, 3600)


def test_numbers_that_are_no_numbers_are_silenced() -> None:
    data = bytearray(encode(np.zeros(800, np.int16), "wav", "pcm_f32le", 8000))
    start = data.index(b"data") + 8
    for i, value in enumerate((np.nan, np.inf, -np.inf, 7.0)):
        struct.pack_into("<f", data, start + 4 * i, value)
    assert decode(bytes(data), "audio/wav", 8000, 60)[:5].tolist() == [0, 32767, -32768, 32767, 0]


def test_a_file_without_sound_is_refused() -> None:
    target = io.BytesIO()
    with av.open(target, "w", format="matroska") as file:
        stream = file.add_stream("mpeg4", rate=10)
        stream.width = stream.height = 16
        stream.pix_fmt = "yuv420p"
        file.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((24, 16), np.uint8), format="yuv420p")))
        file.mux(stream.encode(None))
    with pytest.raises(NotAudio, match="audio track"):
        decode(target.getvalue(), "video/webm", 8000, 60)
