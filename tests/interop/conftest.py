"""A webhook and a switch for every test of this folder; the peers are SIPp, baresip and a phone of pjsua2's own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.interop.switch import RunningSwitch, running_switch
from tests.sip.far import PhoneProcess, running_phone
from tests.webhook import Webhook, running_webhook


@pytest.fixture
async def webhook() -> AsyncIterator[Webhook]:
    async with running_webhook() as server:
        yield server


@pytest.fixture
async def switch(tmp_path: Path, webhook: Webhook) -> AsyncIterator[RunningSwitch]:
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}) as running:
        yield running


@pytest.fixture
async def phone(switch: RunningSwitch) -> AsyncIterator[PhoneProcess]:
    async with running_phone(switch.address) as running:
        yield running
