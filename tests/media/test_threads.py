"""The media thread computes alone."""

from __future__ import annotations

import subprocess
import sys

LOOK = """
import voice.server
import numpy as np
np.ones((500, 160), np.float32) @ np.ones((160, 64), np.float32)
print(next(line for line in open("/proc/self/status") if line.startswith("Threads")).split()[1])
"""


def test_the_server_starts_no_threads_for_matrix_products() -> None:
    looked = subprocess.run([sys.executable, "-c", LOOK], check=True, capture_output=True, text=True)
    assert looked.stdout.strip() == "1"
