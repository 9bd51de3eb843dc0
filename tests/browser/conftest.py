"""One browser and one switch for all tests of the official Voice SDK; every test has pages of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.browser.pages import Laboratory, laboratory


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def everything(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Laboratory]:
    async with laboratory(Path(tmp_path_factory.mktemp("laboratory"))) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="session")
async def lab(everything: Laboratory) -> AsyncIterator[Laboratory]:
    everything.webhook.answers["/status"] = ""
    yield everything
    await everything.close()
