"""kamailio, as a carrier that challenges whoever registers and calls, and as a proxy between telephones and us."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.ports import free_port

REALM, USER, PASSWORD = "carrier.test", "trunk-user", "trunk-password"

MODULES = """
debug=1
log_stderror=yes
children=1
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/:/usr/lib/aarch64-linux-gnu/kamailio/modules/"
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "pv.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
"""
CARRIER = f"""
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "auth.so"
modparam("registrar", "default_expires", 60)
request_route {{{{
    if (is_method("OPTIONS")) {{{{ sl_send_reply("200", "OK"); exit; }}}}
    if (is_method("REGISTER")) {{{{
        if (!pv_www_authenticate("{REALM}", "{PASSWORD}", "0")) {{{{ www_challenge("{REALM}", "0"); exit; }}}}
        save("location");
        exit;
    }}}}
    if (has_totag()) {{{{ loose_route(); t_relay(); exit; }}}}
    if (is_method("CANCEL")) {{{{ t_relay(); exit; }}}}
    remove_hf("Route");
    record_route();
    if ($rU =~ "^\\\\+1") {{{{
        $ru = "sip:{USER}@{REALM}";
        if (!lookup("location")) {{{{ sl_send_reply("480", "Not Registered"); exit; }}}}
        t_relay();
        exit;
    }}}}
    if (!pv_proxy_authenticate("{REALM}", "{PASSWORD}", "0")) {{{{ proxy_challenge("{REALM}", "0"); exit; }}}}
    consume_credentials();
    $du = "sip:127.0.0.1:{{telephone}}";
    t_relay();
}}}}
"""
FRONT = """
loadmodule "path.so"
request_route {{
    if (has_totag()) {{ loose_route(); t_relay(); exit; }}
    if (is_method("CANCEL")) {{ t_relay(); exit; }}
    if ($sp == {switch}) {{ loose_route(); record_route(); t_relay(); exit; }}
    remove_hf("Route");
    if (is_method("REGISTER")) {{ add_path(); }} else {{ record_route(); }}
    $du = "sip:127.0.0.1:{switch}";
    t_relay();
}}
"""


@dataclass(slots=True)
class Kamailio:
    """A running one."""

    port: int
    routes: str
    """What it does with requests."""
    folder: Path
    process: asyncio.subprocess.Process | None = None

    @property
    def uri(self) -> str:
        """Where it listens."""
        return f"sip:127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Run, until it listens."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "kamailio.cfg"
        path.write_text(MODULES.format(port=self.port) + self.routes)
        command = (
            "kamailio",
            "-f",
            str(path),
            "-DD",
            "-E",
            "-m",
            "32",
            "-M",
            "8",
            "-Y",
            str(self.folder),
            "-w",
            str(self.folder),
        )
        output = (self.folder / "kamailio.log").open("ab")
        self.process = await asyncio.create_subprocess_exec(*command, stdout=output, stderr=output)
        output.close()
        async with asyncio.timeout(15):
            while not await self._listens():
                assert self.process.returncode is None, (self.folder / "kamailio.log").read_text()[-2000:]
                await asyncio.sleep(0.05)

    async def _listens(self) -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return False
        writer.close()
        return True

    async def stop(self) -> None:
        """End it."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()


@contextlib.asynccontextmanager
async def _running(folder: Path, routes: str) -> AsyncIterator[Kamailio]:
    kamailio = Kamailio(free_port(), routes, folder / "kamailio")
    await kamailio.start()
    try:
        yield kamailio
    finally:
        await kamailio.stop()


def running_carrier(folder: Path, telephone: int) -> contextlib.AbstractAsyncContextManager[Kamailio]:
    """A carrier whose calls end at a telephone on this port."""
    return _running(folder, CARRIER.format(telephone=telephone))


def running_front(folder: Path, switch: int) -> contextlib.AbstractAsyncContextManager[Kamailio]:
    """A proxy through which telephones reach a switch on this port, and it them (RFC 3327)."""
    return _running(folder, FRONT.format(switch=switch))
