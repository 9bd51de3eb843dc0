"""baresip, a telephone for the command line, as a peer that says a tone or a file and records what it hears."""

from __future__ import annotations

import asyncio
import contextlib
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np

from tests.ports import TELEPHONES, free_port, taken
from tests.sip.patience import patient
from tests.sip.sound import dominant

CONFIGURATION = """
poll_method epoll
sip_listen {host}:{port}
audio_player aubridge,nil
audio_source aufile,{folder}/tone.wav
audio_alert aubridge,nil
module_path /usr/lib/baresip/modules
module g711.so
module aufile.so
module aubridge.so
module sndfile.so
module srtp.so
module dtls_srtp.so
module_tmp account.so
module_app menu.so
snd_path {folder}
rtp_ports {first}-{last}
"""


async def call(
    uri: str, folder: Path, seconds: int, hertz: float = 440, account: str = "", host: str = "127.0.0.1"
) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """Call, say a tone, leave after some seconds, and return what was heard: int16 at 8 kHz.

    ``account`` is what is said of ours beyond its address, ``;mediaenc=srtp``, and ``host`` is that. Raises ValueError when there was no audio.
    """
    process = await _dial(uri, folder, seconds, hertz, account, host)
    await asyncio.wait_for(process.wait(), seconds + 15)
    (recording,) = folder.glob("dump-*-dec.wav")
    # baresip is cut off by its timer and leaves the length fields of the header unset
    return np.frombuffer(recording.read_bytes()[44:], np.int16)


async def vanish(uri: str, folder: Path, seconds: float, account: str = "") -> None:
    """Call, and be gone after some seconds without a word."""
    process = await _dial(uri, folder, 60, 440, account)
    await asyncio.sleep(seconds)
    process.kill()
    await process.wait()


@contextlib.asynccontextmanager
async def answering(folder: Path, saying: np.ndarray[tuple[int], np.dtype[np.int16]], seconds: int) -> AsyncIterator[str]:
    """A telephone that answers at once and says something, int16 at 8 kHz, for at most some seconds; yields its address."""
    port = free_port()
    _prepare(folder, port, np.concatenate((saying, np.zeros(8000 * seconds, np.int16))), ";answermode=auto")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "baresip", "-f", str(folder), "-t", str(seconds), stdin=quiet, stdout=quiet, stderr=quiet
    )
    try:
        await taken(port)
        yield f"sip:baresip@127.0.0.1:{port}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@contextlib.asynccontextmanager
async def registered(
    folder: Path, account: str, proxy: str, saying: np.ndarray[tuple[int], np.dtype[np.int16]], seconds: int
) -> AsyncIterator[None]:
    """The same, registered as ``user:password@domain`` through a proxy, ``sip:host:port``."""
    login, _, domain = account.rpartition("@")
    user, _, password = login.partition(":")
    port = free_port()
    more = f';answermode=auto;auth_user={user};auth_pass={password};outbound="{proxy}";regint=3600'
    _prepare(folder, port, np.concatenate((saying, np.zeros(8000 * seconds, np.int16))), more, f"{user}@{domain}")
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(
        "baresip", "-f", str(folder), "-t", str(seconds), stdin=quiet, stdout=quiet, stderr=quiet
    )
    try:
        yield
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


@patient
async def hears(folder: Path, hz: int) -> None:
    """Wait until the last moment of what the telephone in a folder has recorded is a tone."""
    while True:
        for recording in folder.glob("dump-*-dec.wav"):
            if dominant(np.frombuffer(recording.read_bytes()[44:], np.int16)[-3200:]) == hz:
                return
        await asyncio.sleep(0.1)


async def _dial(
    uri: str, folder: Path, seconds: int, hertz: float, account: str, host: str = "127.0.0.1"
) -> asyncio.subprocess.Process:
    time = np.arange(8000 * (seconds + 5)) / 8000
    _prepare(folder, free_port(), (8000 * np.sin(2 * np.pi * hertz * time)).astype(np.int16), account, host=host)
    command = ("baresip", "-f", str(folder), "-e", f"/dial {uri}", "-t", str(seconds))
    quiet = asyncio.subprocess.DEVNULL
    return await asyncio.create_subprocess_exec(*command, stdin=quiet, stdout=quiet, stderr=quiet)


def _prepare(
    folder: Path,
    port: int,
    saying: np.ndarray[tuple[int], np.dtype[np.int16]],
    account: str = "",
    name: str = "",
    host: str = "127.0.0.1",
) -> None:
    folder.mkdir()
    (folder / "config").write_text(
        CONFIGURATION.format(host=host, port=port, folder=folder, first=TELEPHONES[0], last=TELEPHONES[1])
    )
    known = f"<sip:{name}>" if name else f"<sip:baresip@{host}>;regint=0"
    (folder / "accounts").write_text(f"{known};audio_codecs=pcma{account}\n")
    (folder / "contacts").touch()
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(saying.tobytes())
