"""Where pjsua2 cannot be built, the wheel of PyPI carries four calls."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.interop.sipp import play
from tests.interop.switch import running_switch
from tests.interop.test_conversations import loud_seconds
from tests.telephone import Caller
from tests.webhook import Webhook

CALLS = 4


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that hides our own build."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(folder)]
    subprocess.run([*command, "pjsua2-python>=2.15"], check=True)
    return folder


async def test_the_wheel_carries_four_calls_and_refuses_the_fifth(
    wheel: Path, webhook: Webhook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(wheel))
    webhook.answers["/voice"] = "<Say>One two three.</Say><Gather timeout='60' numDigits='1'/>"
    async with running_switch(tmp_path, {"+15550100": webhook.url("/voice")}) as switch:
        assert await switch.logged("holds 4 calls at most")
        callers = [Caller("+15550100", switch.sip_port, name) for name in range(CALLS)]
        for caller in callers:
            await caller.call()
        refused = await play("refused", tmp_path, switch.address, values={"code": "503"})
        assert refused.status == 0, refused.output
        async with asyncio.timeout(15):
            while any(loud_seconds(caller.sound) < 0.5 for caller in callers):
                await asyncio.sleep(0.1)
        for caller in callers:
            caller.hang_up()
        await switch.wait_until_idle()
