"""Recordings as MP3: 32 kbit/s (spec section 4.8), a little at a time, so that hours of audio cost no memory."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np

from media import wav

BIT_RATE = 32_000
LAYOUTS = {1: "mono", 2: "stereo"}


def encode(source: Path, target: Path) -> None:
    """Write a WAV file of ours as MP3; for worker threads. ``target`` appears when it is complete.

    Raises NotAudio and OSError.
    """
    form = wav.read_form(source)
    unfinished = target.with_name(target.name + ".new")
    try:
        with av.open(str(unfinished), "w", format="mp3") as container:
            stream = container.add_stream("libmp3lame", rate=form.rate, layout=LAYOUTS[form.channels])
            stream.bit_rate = BIT_RATE
            for piece in wav.pieces(source):
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(piece.reshape(1, -1)), "s16", LAYOUTS[form.channels])
                frame.rate = form.rate
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
