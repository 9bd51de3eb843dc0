"""A telephone and the switch on two sides of a bad network, or of a NAT, understand each other; ``tests.bench.impairment`` has it all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.impairment.network import CASES, converse
from tests.webhook import Webhook

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not Path("/dev/net/tun").exists(), reason="network namespaces and TUN devices need root"
)

MOST = 0.6
"""Of what was said: a network that loses much, and a machine that is busy, leave more than that."""


async def conversation(name: str, codecs: tuple[str, ...], folder: Path, webhook: Webhook) -> list[str]:
    """Everybody says the same to each other and hears most of it; returns who has ended each call."""
    (case,) = [case for case in CASES if case.name == name]
    talked = (await converse(case, codecs, folder, webhook)).values()
    for each in talked:
        assert each.switch.share() > MOST
        assert each.telephone.share() > MOST
    return [each.ended_by for each in talked]


async def test_speech_gets_through_loss_jitter_reordering_and_duplication(tmp_path: Path, webhook: Webhook) -> None:
    assert await conversation("all of these, 5 % each", ("PCMA", "opus"), tmp_path, webhook) == ["they", "they"]


async def test_a_telephone_behind_a_nat_is_heard_hears_and_is_hung_up_on(tmp_path: Path, webhook: Webhook) -> None:
    assert await conversation("NAT", ("G722",), tmp_path, webhook) == ["they"]


async def test_a_call_goes_on_when_the_nat_gets_another_address(tmp_path: Path, webhook: Webhook) -> None:
    assert await conversation("NAT whose address changes", ("PCMU",), tmp_path, webhook) == ["we"]
