"""One browser and one switch for all tests of the official Voice SDK; every test has pages of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.pages import Laboratory, equipped, laboratory

IMPATIENT = '[webrtc]\npage_seconds = 2\naudio_seconds = 2\ninsights = "localhost:{port}"\n'


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Laboratory]:
    async with laboratory(Path(tmp_path_factory.mktemp("laboratory"))) as made:
        yield made


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def fragile(everything: Laboratory, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Laboratory]:
    """Another switch, which may be killed, waits for nobody for long, and has pages report to it."""
    folder = Path(tmp_path_factory.mktemp("fragile"))
    async with equipped(folder, everything.webhook, everything.browser, IMPATIENT) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def lab(everything: Laboratory) -> AsyncIterator[Laboratory]:
    everything.webhook.answers["/status"] = ""
    yield everything
    await everything.close()
