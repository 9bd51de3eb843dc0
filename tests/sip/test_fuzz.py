"""A short run of the fuzzer; the long one is a program (tests/sip/fuzz.py)."""

from __future__ import annotations

import pytest

from tests.sip.conftest import RealNetwork
from tests.sip.fuzz import fuzz


@pytest.mark.asyncio(loop_scope="session")
async def test_damaged_packets_disturb_no_call(real_network: RealNetwork) -> None:
    await fuzz(real_network.near, real_network.address, 3_000, 2)
