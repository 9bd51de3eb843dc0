"""Schemathesis makes thousands of requests from ``/openapi.json``: none hangs, none is an error of ours."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from tests.interop.switch import SID, TOKEN, running_switch

EXAMPLES = 25
"""For each operation and each way of making requests."""
LIMITS = "[limits]\napi_requests_per_second = 100000"
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


async def test_whatever_is_asked_is_answered_as_the_document_says(tmp_path: Path) -> None:
    (tmp_path / "schemathesis.toml").write_text(f'[parameters]\n"path.AccountSid" = "{SID}"\n')
    async with running_switch(tmp_path, {}, LIMITS) as switch:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"http://127.0.0.1:{switch.http_port}/openapi.json"]
        command += ["--auth", f"{SID}:{TOKEN}", "--checks", CHECKS, "--max-examples", str(EXAMPLES), "--request-timeout", "10"]
        command += ["--seed", "1", "--generation-database", "none", "--no-color", "--suppress-health-check", "all"]
        process = await asyncio.create_subprocess_exec(
            *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, cwd=tmp_path
        )
        output, _ = await process.communicate()
        told = output.decode()
        print(told)
        assert process.returncode == 0, told[-6000:]
        assert (await switch.client.get("/readyz")).status_code == 200
