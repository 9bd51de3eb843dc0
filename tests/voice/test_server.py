from __future__ import annotations

import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from voice.server import keep_up

_PROGRAM = """
import resource, sys
hard = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
from voice.server import _allow_open_files
_allow_open_files(3000, 500)
print("now", resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(("hard", "allowed"), [(4000, 3500), (3200, 3200), (1000, 1000)])
def test_as_many_files_may_be_open_as_the_system_permits(hard: int, allowed: int) -> None:
    done = subprocess.run([sys.executable, "-c", _PROGRAM, str(hard)], capture_output=True, text=True, check=True)
    assert f"now {allowed}" in done.stdout
    assert ("fewer files" in done.stdout) == (allowed < 3000)


async def test_background_work_that_fails_begins_again() -> None:
    begun: list[int] = []

    async def work() -> None:
        begun.append(1)
        if len(begun) < 3:
            raise ZeroDivisionError("nobody has thought of this")

    with capture_logs() as said:
        await keep_up(work, pause=0)
    assert (len(begun), len(said)) == (3, 2)
