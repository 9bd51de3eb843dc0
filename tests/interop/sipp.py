"""SIPp, the load generator and scenario player, as a peer."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

SCENARIOS = Path(__file__).parent / "scenarios"


@dataclass(frozen=True, slots=True)
class Played:
    """How a scenario went."""

    status: int
    """0: every call went as the scenario says."""
    messages: str
    """All SIP messages of the run, as SIPp traced them."""
    output: str


async def play(
    scenario: str,
    folder: Path,
    target: str = "",
    *,
    number: str = "+15550100",
    calls: int = 1,
    rate: int = 10,
    tcp: bool = False,
    port: int = 0,
    values: dict[str, str] | None = None,
    options: tuple[str, ...] = (),
    seconds: float = 40,
) -> Played:
    """Run a scenario to its end, each ``@name@`` in it replaced from ``values``; without a ``target`` SIPp waits to be called."""
    port = port or free_port()
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    for name, value in (values or {}).items():
        text = text.replace(f"@{name}@", value)
    script = folder / f"{scenario}-{port}.xml"
    script.write_text(text)
    trace = folder / f"{scenario}-{port}.log"
    command = ["sipp", *([target] if target else []), "-sf", str(script), "-s", number]
    command += ["-i", "127.0.0.1", "-p", str(port), "-m", str(calls), "-r", str(rate), "-l", str(max(calls, 1))]
    command += ["-t", "t1" if tcp else "u1", "-mp", str(free_port()), "-timeout", f"{seconds:.0f}s", "-timeout_error", "-nostdin"]
    command += ["-trace_msg", "-message_file", str(trace), *options]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    messages = trace.read_text(errors="replace") if trace.exists() else ""
    assert process.returncode is not None
    return Played(process.returncode, messages, output.decode(errors="replace")[-4000:])
