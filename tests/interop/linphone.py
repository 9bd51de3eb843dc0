"""linphone, the telephone of Debian, told what to do line by line; it says a file and records what it hears."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.ports import TELEPHONES, free_port
from tests.sip.patience import patient
from tests.sip.sound import RATE, dominant, tone

CONFIGURATION = """
[sip]
sip_port={port}
sip_tcp_port=0
sip_tls_port=0
bind_address=127.0.0.1
use_ipv6=0
register_only_when_network_is_up=0
[rtp]
audio_rtp_port={first}-{last}
[sound]
echocancellation=0
[video]
enabled=0
[auth_info_0]
username={user}
passwd={password}
realm=strowger
[proxy_0]
reg_proxy=<sip:{switch};transport=udp>
reg_route=<sip:{switch};transport=udp;lr>
reg_identity=sip:{user}@{domain}
reg_expires=3600
reg_sendregister=1
publish=0
"""
OPUS = 48_000
"""The codec that is agreed on, and the rate that is recorded at."""
HEAR = RATE * 2 // 5
"""Samples that a frequency is looked for in."""


@dataclass(slots=True)
class Linphone:
    """A running one."""

    process: asyncio.subprocess.Process
    folder: Path
    _said: str = ""

    def tell(self, command: str) -> None:
        """Type a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(command.encode() + b"\n")

    @patient
    async def says(self, pattern: str) -> str:
        """Wait until it has printed something new that matches; returns the first group, or all."""
        assert self.process.stdout is not None
        while (found := re.search(pattern, self._said)) is None:
            chunk = await self.process.stdout.read(4096)
            assert chunk, self._said
            self._said += chunk.decode(errors="replace")
        self._said = self._said[found.end() :]
        return found[1] if found.groups() else found[0]

    @patient
    async def hears(self, hz: int) -> None:
        """Wait until the last moment of what it has recorded is a tone."""
        while dominant(self._heard()[-HEAR:]) != hz:
            await asyncio.sleep(0.1)

    def _heard(self) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        """At 8 kHz; the header of the file is written at the end only."""
        path = self.folder / "heard.wav"
        data = path.read_bytes() if path.exists() else b""
        return np.frombuffer(data[44 : len(data) // 2 * 2], np.int16)[:: OPUS // RATE]


@contextlib.asynccontextmanager
async def registered(folder: Path, user: str, password: str, domain: str, switch: str, hz: int) -> AsyncIterator[Linphone]:
    """A telephone that has registered at ``host:port``, says a tone and answers when told to."""
    (folder / ".local" / "share" / "linphone").mkdir(parents=True)
    settings = {"user": user, "password": password, "domain": domain, "switch": switch, "port": free_port()}
    (folder / "rc").write_text(CONFIGURATION.format(first=TELEPHONES[0], last=TELEPHONES[1], **settings))
    with wave.open(str(folder / "tone.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(tone(hz, 60).tobytes())
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        "linphonec",
        "-c",
        str(folder / "rc"),
        stdin=pipe,
        stdout=pipe,
        stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "HOME": str(folder)},
    )
    phone = Linphone(process, folder)
    try:
        for command in ("soundcard use files", f"play {folder}/tone.wav", f"record {folder}/heard.wav"):
            phone.tell(command)
        yield phone
    finally:
        if process.returncode is None:
            phone.tell("quit")
            await process.communicate()
