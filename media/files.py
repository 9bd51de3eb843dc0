"""Sound files of any common kind as samples: the answers of web servers, hostile until decoded.

The kind of a file is told by its first bytes, never guessed by FFmpeg: among the formats that FFmpeg would try are play
lists, which make it open other files and addresses. Samples are counted while they are decoded, so a small file that holds
days of silence costs no more than ``max_seconds`` of it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator

import av
import numpy as np
import numpy.typing as npt
import soxr
from av.error import FFmpegError

from media import g711
from media.errors import AudioTooLong, NotAudio
from media.frame import Samples

MAX_RATE = 192_000
MAX_CHANNELS = 8
MIN_RATE = 1000

_TOLERANCE = 1e-6
"""Seconds: a sum of many pieces is not exact."""

_Floats = npt.NDArray[np.float32]

_CONTAINERS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    (re.compile(rb"(RIFF|RIFX|RF64)....WAVE", re.DOTALL), "wav"),
    (re.compile(rb"OggS"), "ogg"),
    (re.compile(rb"fLaC"), "flac"),
    (re.compile(rb"FORM....AIF[FC]", re.DOTALL), "aiff"),
    (re.compile(rb"\.snd"), "au"),
    (re.compile(rb"....ftyp", re.DOTALL), "mov"),
    (re.compile(rb"\x1aE\xdf\xa3"), "matroska"),
    (re.compile(rb"#!AMR"), "amr"),
    (re.compile(rb"ID3"), "mp3"),
)
"""First bytes and FFmpeg's name of the format."""

_SYNC_WORDS: tuple[tuple[re.Pattern[bytes], str], ...] = (
    # Eleven or twelve ones, then version and layer: layer 00 is AAC in ADTS, anything else MPEG audio.
    (re.compile(rb"\xff[\xf0\xf1\xf8\xf9]"), "aac"),
    (re.compile(rb"\xff[\xe2-\xfe]"), "mp3"),
)
"""Too weak a sign where the content type speaks of raw bytes: silence in mu-law is all ones."""

_BY_CONTENT_TYPE = {"audio/gsm": "gsm", "audio/x-gsm": "gsm", "audio/mpeg": "mp3", "audio/mp3": "mp3"}
"""Formats whose first bytes may be anything: GSM has no header, and an MP3 may begin within a frame."""

_DECODERS = re.compile(
    r"mp[123](float)?|aac|flac|alac|vorbis|opus|libopus|gsm|gsm_ms|amr(nb|wb)|pcm_\w+|adpcm_(ima_wav|ms|g722|ima_qt)"
)
"""What a container may hold."""

_RAW: dict[str, tuple[Callable[[bytes], Samples], int]] = {}
"""Headerless content types: how to read the bytes and the bytes of one sample."""


def _mulaw(data: bytes) -> Samples:
    return g711.decode_mulaw(np.frombuffer(data, np.uint8))


def _alaw(data: bytes) -> Samples:
    return g711.decode_alaw(np.frombuffer(data, np.uint8))


def _network_order(data: bytes) -> Samples:
    return np.frombuffer(data[: len(data) // 2 * 2], ">i2").astype(np.int16)


for _name in ("basic", "ulaw", "x-ulaw", "mulaw", "x-mulaw", "pcmu"):
    _RAW[f"audio/{_name}"] = (_mulaw, 1)
for _name in ("alaw", "x-alaw", "pcma"):
    _RAW[f"audio/{_name}"] = (_alaw, 1)
_RAW["audio/l16"] = (_network_order, 2)


def decode(data: bytes, content_type: str, rate: int, max_seconds: float) -> Samples:
    """The audio of a file as one voice at ``rate`` samples per second, shape (n,); several channels are averaged.

    WAV, AIFF, AU, MP3, AAC, FLAC, Ogg, WebM, MP4 and AMR are known by their content whatever ``content_type`` says; it
    decides for GSM, mu-law, A-law and L16 (RFC 2046, RFC 4856, RFC 2586; parameters ``rate`` and ``channels``), which may
    have no header. Of a damaged file, what can be decoded is returned.

    Raises NotAudio when that is nothing, and AudioTooLong beyond ``max_seconds``.
    """
    kind, parameters = _content_type(content_type)
    container = _container(data, kind)
    if container is None and kind in _RAW:
        return _decode_raw(data, kind, parameters, rate, max_seconds)
    if container is None:
        raise NotAudio(f"not a known kind of audio: {len(data)} bytes of {kind or 'unknown type'} that begin with {data[:8]!r}")
    collected = _Collector(rate, max_seconds)
    try:
        for voice, voice_rate in _decode_container(data, container):
            collected.add(voice, voice_rate)
    except (FFmpegError, ValueError) as failure:
        if not collected.seconds:
            raise NotAudio(f"damaged {container} audio: {failure}") from failure
    if not collected.seconds:
        raise NotAudio(f"{container} file without audio")
    return collected.samples()


def _content_type(header: str) -> tuple[str, dict[str, str]]:
    kind, *parameters = header.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    return kind.strip().lower(), {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}


def _container(data: bytes, kind: str) -> str | None:
    signs = _CONTAINERS if kind in _RAW else _CONTAINERS + _SYNC_WORDS
    return next((name for pattern, name in signs if pattern.match(data)), _BY_CONTENT_TYPE.get(kind))


def _parameter(parameters: dict[str, str], name: str, default: int, most: int) -> int:
    text = parameters.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) < 9 and 1 <= int(text) <= most):
        raise NotAudio(f"{name}={text[:20]} is not possible")
    return int(text)


def _decode_raw(data: bytes, kind: str, parameters: dict[str, str], rate: int, max_seconds: float) -> Samples:
    read, width = _RAW[kind]
    raw_rate = _parameter(parameters, "rate", 8000, MAX_RATE)
    channels = _parameter(parameters, "channels", 1, MAX_CHANNELS)
    if raw_rate < MIN_RATE:
        raise NotAudio(f"{raw_rate} Hz is not a sample rate of audio")
    count = len(data) // (width * channels)
    if not count:
        raise NotAudio(f"{kind} without a single sample")
    if count > max_seconds * raw_rate:
        raise AudioTooLong(f"{count / raw_rate:.0f} s of audio; {max_seconds:.0f} s are allowed")
    collected = _Collector(rate, max_seconds)
    voices = read(data[: count * width * channels]).reshape(count, channels)
    collected.add(voices.mean(axis=1, dtype=np.float32) / np.float32(32768), raw_rate)
    return collected.samples()


def _decode_container(data: bytes, container: str) -> Iterator[tuple[_Floats, int]]:
    """The audio of a file piece by piece, averaged to one voice in -1 to 1, each with its rate."""
    # No protocol may be opened, whatever the file refers to, and no picture inside it is looked at.
    options = {"protocol_whitelist": "none", "format_whitelist": container, "enable_drefs": "0"}
    with av.open(io.BytesIO(data), mode="r", format=container, options=options, metadata_errors="replace") as file:
        if not file.streams.audio:
            raise NotAudio(f"{container} file without an audio track")
        stream = file.streams.audio[0]
        codec = stream.codec_context.name
        if not _DECODERS.fullmatch(codec):
            raise NotAudio(f"{codec} audio is not supported")
        for packet in file.demux(stream):
            try:
                frames = packet.decode()
            except FFmpegError:
                continue  # one damaged packet is a click, not the end
            for frame in frames:
                yield _voice(frame), frame.sample_rate


def _voice(frame: av.AudioFrame) -> _Floats:
    channels = frame.layout.nb_channels
    if not MIN_RATE <= frame.sample_rate <= MAX_RATE or not 1 <= channels <= MAX_CHANNELS:
        raise NotAudio(f"{channels} channels at {frame.sample_rate} Hz are not supported")
    samples = frame.to_ndarray()
    voices = samples if frame.format.is_planar else samples.reshape(-1, channels).T
    mean = voices.mean(axis=0, dtype=np.float32)
    if samples.dtype.kind == "u":
        mean = mean / 128 - 1
    elif samples.dtype.kind == "i":
        mean = mean / np.float32(2.0 ** (8 * samples.itemsize - 1))
    voice: _Floats = np.clip(np.nan_to_num(mean, posinf=1, neginf=-1), -1, 1).astype(np.float32)
    return voice


class _Collector:
    """Resamples to one rate while samples arrive, and counts their time."""

    def __init__(self, rate: int, max_seconds: float) -> None:
        self._rate = rate
        self._max_seconds = max_seconds
        self._parts: list[Samples] = []
        self._stream: soxr.ResampleStream | None = None
        self._stream_rate = 0
        self.seconds = 0.0

    def add(self, voice: _Floats, rate: int) -> None:
        """Take some samples; the rate may change in between, as in chained Ogg files. Raises AudioTooLong."""
        self.seconds += voice.size / rate
        if self.seconds > self._max_seconds + _TOLERANCE:
            raise AudioTooLong(f"more than the {self._max_seconds:.0f} s of audio that are allowed")
        if rate != self._stream_rate:
            self._flush()
            self._stream_rate = rate
            if rate != self._rate:
                self._stream = soxr.ResampleStream(rate, self._rate, 1, dtype="float32", quality="HQ")
        self._keep(voice if self._stream is None else self._stream.resample_chunk(voice))

    def samples(self) -> Samples:
        """All of it."""
        self._flush()
        return np.concatenate(self._parts)

    def _flush(self) -> None:
        if self._stream is not None:
            self._keep(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
            self._stream = None

    def _keep(self, voice: _Floats) -> None:
        self._parts.append(np.clip(np.rint(voice * 32768), -32768, 32767).astype(np.int16))
