"""Start a sample application and a switch that calls it: ``python -m samples``, or another one: ``python -m samples parrot``."""

from __future__ import annotations

import json
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
NUMBER = "+15550100"
WEBHOOK_PORT = os.environ.get("SAMPLE_PORT", "9000")
MENU = "menu"
WEBHOOK = f"http://127.0.0.1:{WEBHOOK_PORT}"

SAMPLES = {
    MENU: "Press    1 for a tune, 2 to be connected to {second} (set SECOND_PHONE), 3 for your number",
    "parrot": "Talk     and hear yourself two seconds later; any key silences it, # lets it say goodbye",
    "concierge": "Ask      about breakfast, checkout or parking; say goodbye or press 0",
    "speech_menu": "Say      sales, support or opening hours, or press 1 to 3",
    "live_transcript": f"Talk     and read it at {WEBHOOK}/",
}
"""What there is to try, and what to do."""
STATIC = frozenset({"parrot", "concierge"})
"""Those that only take GET, because their web server is that of a WebSocket library."""


def main() -> int:
    """Run both until Ctrl-C; the exit status is the switch's."""
    name = sys.argv[1] if len(sys.argv) > 1 else MENU
    if name not in SAMPLES:
        print(f"there is no sample {name!r}, but {', '.join(SAMPLES)}", file=sys.stderr)
        return 2
    environment = shared_environment(name)
    application = [sys.executable, "-m", f"samples.{name}", WEBHOOK_PORT]
    switch = [sys.executable, "-m", "voice", "serve", "--config", str(CONFIGURATION)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(application, env=environment, stdout=quiet, stderr=quiet, start_new_session=True) as webhook:
        with subprocess.Popen(switch, env=environment, start_new_session=True) as server:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda number, frame: server.send_signal(signal.SIGTERM))
            if wait_until_ready(server, environment):
                print(welcome(name, environment), flush=True)
            status = server.wait()
        webhook.terminate()
    return status


def shared_environment(name: str) -> dict[str, str]:
    """What both processes see: the application knows the account as any customer's does, by the names of Twilio's tools."""
    command = [sys.executable, "-m", "voice", "account", "--config", str(CONFIGURATION)]
    account = subprocess.run(command, check=True, capture_output=True, text=True)
    sid, token = account.stdout.split()
    told = {**os.environ, "TWILIO_ACCOUNT_SID": sid, "TWILIO_AUTH_TOKEN": token}
    if name == MENU:
        return told
    number = {"phone_number": NUMBER, "voice_url": f"{WEBHOOK}/voice", "voice_method": "GET" if name in STATIC else "POST"}
    return {**told, "STROWGER_NUMBER": json.dumps([number])}


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


def welcome(name: str, environment: dict[str, str]) -> str:
    """How to call it."""
    host = environment.get("STROWGER_SIP__EXTERNAL_ADDRESS") or setting(environment, "sip", "bind")
    port = setting(environment, "sip", "port")
    second = environment.get("SECOND_PHONE", "sip:second@127.0.0.1:5070")
    command = [sys.executable, "-m", "voice", "console", "--config", str(CONFIGURATION)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout.split()
    signing = f"and sign in as {' with '.join(found[1:])}: Phone, then Call"
    console = f"\n  Open     {found[0]}     {signing}" if len(found) == 3 else ""
    return f"""{console}
  Dial     sip:{NUMBER}@{host}:{port}     with any SIP phone, if you have one at hand
  {SAMPLES[name].format(second=second)}
  Look     .venv/bin/strowger trace last     shows the last call, message by message
  Stop     Ctrl-C lets live calls finish; a second one hangs up on them
"""


if __name__ == "__main__":
    sys.exit(main())
