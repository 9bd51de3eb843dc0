"""Print how well speech gets through a bad network: ``python -m tests.bench.impairment [SEED]``; needs root.

The figures are PESQ, what the switch heard and what the telephone heard: 1 is bad, 4.5 is perfect.
"""

from __future__ import annotations

import media  # noqa: F401 - as in the server before numpy, whose threads it chooses  # isort: skip

import asyncio
import sys
import tempfile
from pathlib import Path

from tests.impairment.network import CASES, RATES, converse
from tests.webhook import running_webhook


async def main(seed: int) -> None:
    """One row for each case."""
    print("|", " | ".join(("on the way", *RATES)), "|", flush=True)
    print("|---" * (1 + len(RATES)) + "|")
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            async with running_webhook() as webhook:
                talked = await converse(case, tuple(RATES), Path(folder), webhook, seed)
            cells = [f"{each.switch.quality():.1f}, {each.telephone.quality():.1f}" for each in talked.values()]
            print("|", " | ".join((case.name, *cells)), "|", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int((sys.argv[1:] or ["1"])[0])))
