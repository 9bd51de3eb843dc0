"""baresip, a telephone for the command line, as a peer that says a tone and records what it hears."""

from __future__ import annotations

import asyncio
import math
import struct
import wave
from pathlib import Path

import numpy as np

from tests.interop.switch import free_port

CONFIGURATION = """
poll_method epoll
sip_listen 127.0.0.1:{port}
audio_player aubridge,nil
audio_source aufile,{folder}/tone.wav
audio_alert aubridge,nil
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
snd_path {folder}
rtp_ports 30000-39000
"""


async def call(uri: str, folder: Path, seconds: int, hertz: float = 440) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Call, say a tone, leave after some seconds, and return what was heard: int16 at 8 kHz."""
    folder.mkdir()
    (folder / "config").write_text(CONFIGURATION.format(port=free_port(), folder=folder))
    (folder / "accounts").write_text("<sip:baresip@127.0.0.1>;regint=0;audio_codecs=pcma\n")
    (folder / "contacts").touch()
    _write_tone(folder / "tone.wav", hertz, seconds + 5)
    command = ("baresip", "-f", str(folder), "-e", f"/dial {uri}", "-t", str(seconds))
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet)
    await asyncio.wait_for(process.wait(), seconds + 15)
    (recording,) = folder.glob("dump-*-dec.wav")
    # baresip is cut off by its timer and leaves the length fields of the header unset
    return np.frombuffer(recording.read_bytes()[44:], np.int16)


def _write_tone(path: Path, hertz: float, seconds: float) -> None:
    samples = [round(8000 * math.sin(2 * math.pi * hertz * index / 8000)) for index in range(round(8000 * seconds))]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
