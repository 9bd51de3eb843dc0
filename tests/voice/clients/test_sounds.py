"""The sounds that pages ring with."""

from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest

from tests.voice.clients.world import switch
from tests.voice.exchange import virtual
from voice.clients.sounds import PATH, SOUNDS


@virtual
async def test_each_is_a_file_that_every_page_may_load(tmp_path: Path) -> None:
    async with switch(tmp_path, {}) as world, world.client() as client:
        for name in SOUNDS:
            answer = await client.get(f"{PATH}/{name}.wav", auth=None)
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            with wave.open(io.BytesIO(answer.content)) as file:
                samples = np.frombuffer(file.readframes(file.getnframes()), "<i2")
            assert np.abs(samples).max() > 1000


@pytest.mark.parametrize("name", ["other", "..%2F..%2Fetc%2Fpasswd", "dtmf-A"])
def test_there_are_no_others(tmp_path: Path, name: str) -> None:
    @virtual
    async def ask() -> None:
        async with switch(tmp_path, {}) as world, world.client() as client:
            assert (await client.get(f"{PATH}/{name}.wav")).status_code == 404

    ask()
