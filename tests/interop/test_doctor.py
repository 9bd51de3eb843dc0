"""Whether a call to ourselves passes audio both ways: of a switch that runs, at its start, and where none runs."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import pytest

from tests.interop.switch import SID, TOKEN, environment, running_switch
from tests.ports import RTP_PORTS, free_port, rtp_of

BOTH_WAYS = "passed audio both ways"
ROUTER = "127.0.0.2"


async def run(command: str, config: Path) -> tuple[int, str]:
    """Exit status and what was printed."""
    arguments = ("-m", "voice", command, "--config", str(config))
    process = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment()
    )
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


async def test_a_switch_calls_itself_at_its_start_and_when_it_is_asked(tmp_path: Path) -> None:
    async with running_switch(tmp_path, {}, sip="check_at_start = true") as switch:
        await switch.logged(BOTH_WAYS)
        status, said = await run("doctor", tmp_path / "strowger.toml")
        assert f"ok   audio: a call to ourselves at {switch.address} {BOTH_WAYS}" in said
        assert "so only this machine can call" in said
        assert status == 0, said
        calls = await switch.client.get(f"/2010-04-01/Accounts/{SID}/Calls.json", auth=(SID, TOKEN))
        assert calls.json()["calls"] == []
        assert await switch.metric("strowger_calls_live") == 0


async def test_a_switch_that_cannot_have_its_port_says_who_has_it(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        config = tmp_path / "strowger.toml"
        config.write_text(f'data_dir = "{tmp_path}/data"\n[sip]\nport = {port}\n[http]\nport = {free_port()}\n')
        status, said = await run("serve", config)
    ours = Path("/proc/self/cmdline").read_bytes().replace(b"\0", b" ").decode()[:40]
    assert (status, f"udp port {port} is held by {ours}" in said) == (1, True), said


class Router(asyncio.DatagramProtocol):
    """Lets SIP through from an address of its own to the switch, and nothing else."""

    def __init__(self, port: int) -> None:
        self._inside = ("127.0.0.1", port)
        self._transport: asyncio.DatagramTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self._transport.sendto(data, self._inside)


@asynccontextmanager
async def router(port: int) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Router(port), local_addr=(ROUTER, port))
    yield
    transport.close()


@pytest.mark.parametrize(
    ("address", "forwards", "said"),
    [
        ("", False, f"ok   audio: a call to ourselves at 127.0.0.1:{{port}} {BOTH_WAYS}"),
        (ROUTER, False, f"BAD  audio: a call to ourselves at {ROUTER}:{{port}}, which callers are told, was "),
        (ROUTER, True, f"BAD  audio: a call to ourselves at {ROUTER}:{{port}} was answered, but its audio did not arrive"),
    ],
)
async def test_where_no_switch_runs_it_is_tried_out(tmp_path: Path, address: str, forwards: bool, said: str) -> None:
    port = free_port()
    low = rtp_of(port)
    config = tmp_path / "strowger.toml"
    config.write_text(
        f'data_dir = "{tmp_path}/data"\n[sip]\nport = {port}\nexternal_address = "{address}"\n'
        f"rtp_ports = [{low}, {low + RTP_PORTS - 1}]\n[http]\nport = {free_port()}\n"
    )
    if forwards:
        async with router(port):
            status, told = await run("doctor", config)
    else:
        status, told = await run("doctor", config)
    assert said.format(port=port) in told
    assert status == int(said.startswith("BAD"))
    assert not (tmp_path / "data").exists()
