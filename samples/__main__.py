"""Start the sample application and a switch that calls it: ``python -m samples``."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

CONFIGURATION = Path(__file__).parent / "strowger.toml"
WEBHOOK_PORT = "9000"


def main() -> int:
    """Run both until Ctrl-C; the exit status is the switch's."""
    environment = shared_environment()
    application = [sys.executable, "-m", "flask", "--app", "samples.menu", "run", "--port", WEBHOOK_PORT]
    switch = [sys.executable, "-m", "voice", "serve", "--config", str(CONFIGURATION)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(application, env=environment, stdout=quiet, stderr=quiet, start_new_session=True) as webhook:
        with subprocess.Popen(switch, env=environment, start_new_session=True) as server:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda number, frame: server.send_signal(signal.SIGTERM))
            if wait_until_ready(server, environment):
                print(welcome(environment), flush=True)
            status = server.wait()
        webhook.terminate()
    return status


def shared_environment() -> dict[str, str]:
    """What both processes see: the application knows the account as any customer's does, by the names of Twilio's tools."""
    command = [sys.executable, "-m", "voice", "account", "--config", str(CONFIGURATION)]
    account = subprocess.run(command, check=True, capture_output=True, text=True)
    sid, token = account.stdout.split()
    return {**os.environ, "TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": token}


def setting(environment: dict[str, str], section: str, key: str) -> str:
    """A setting as the switch sees it."""
    file = tomllib.loads(CONFIGURATION.read_text(encoding="utf-8"))
    return environment.get(f"STROWGER_{section}__{key}".upper(), str(file[section].get(key, "")))


def wait_until_ready(server: subprocess.Popen[bytes], environment: dict[str, str]) -> bool:
    """Whether the switch takes calls; False when it ended instead."""
    address = f"http://127.0.0.1:{setting(environment, 'http', 'port')}/readyz"
    while server.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=1):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


def welcome(environment: dict[str, str]) -> str:
    """How to call it."""
    host = environment.get("STROWGER_SIP__EXTERNAL_ADDRESS") or setting(environment, "sip", "bind")
    port = setting(environment, "sip", "port")
    second = environment.get("SECOND_PHONE", "sip:second@127.0.0.1:5070")
    command = [sys.executable, "-m", "voice", "console", "--config", str(CONFIGURATION)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.split()
    console = f"\n  Open     {found[0]}     and sign in as {' with '.join(found[1:])}" if len(found) == 3 else ""
    return f"""{console}
  Dial     sip:+15550100@{host}:{port}     with any SIP phone, no registration needed
  Press    1 for a tune, 2 to be connected to {second} (set SECOND_PHONE), 3 for your number
  Look     .venv/bin/strowger trace last     shows the last call, message by message
  Stop     Ctrl-C lets live calls finish; a second one hangs up on them
"""


if __name__ == "__main__":
    sys.exit(main())
