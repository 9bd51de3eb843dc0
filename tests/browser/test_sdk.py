"""The official Voice SDK, unchanged, in Chromium."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.pages import Laboratory, write_tone

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_page_calls_an_application_and_both_hear_each_other(lab: Laboratory, tmp_path: Path) -> None:
    lab.webhook.answers["/tone.wav"] = write_tone(tmp_path / "tone.wav", 440, 10, 8000)
    lab.webhook.answers["/app"] = "<Play loop='0'>/tone.wav</Play>"
    alice = await lab.phone("alice")
    await alice.do("dial({To: '+15551234567', weird: 'a b&c=d é'})")
    await alice.until("call.accept")
    await alice.hears(440)
    form = lab.webhook.visited("/app")[0].form
    assert (form["From"], form["To"], form["weird"]) == ("client:alice", "+15551234567", "a b&c=d é")
    await alice.do("phone.call.disconnect()")
    await alice.until("call.disconnect")
    assert alice.errors == []
