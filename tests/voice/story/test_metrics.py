"""Names and labels of what Prometheus reads; see also tests/interop/test_quality.py."""

from __future__ import annotations

from pathlib import Path

import pytest

from sip.quality import Quality
from tests.metrics import objections
from tests.voice.exchange import Customer, World, virtual
from voice.settings import Trunk
from voice.story.metrics import Metrics


@virtual
async def test_names_and_labels_follow_the_rules(tmp_path: Path) -> None:
    trunk = Trunk(name="carrier", uri="sip:carrier.example", prefixes=("+",))
    customer = Customer({"/voice": "<Dial>+15550123</Dial><Nonsense/>"})
    async with World(tmp_path, customer, trunk=(trunk,)) as world:
        world.exchange.metrics.watch(world.exchange.readings)
        world.exchange.metrics.alert("guessing")
        await world.ended(world.call())
        await world.ended(world.call("+15550999"))
        text = world.exchange.metrics.exposition().decode()
    assert objections(text) == []
    for known in (
        'calls_total{direction="inbound",status="completed"} 1',
        'trunk_calls_live{trunk="carrier"} 0',
        "legs_silent 0",
    ):
        assert f"strowger_{known}" in text


def test_audio_is_told_as_a_distribution() -> None:
    metrics = Metrics()
    for received, lost in ((100, 0), (80, 20)):
        metrics.live_audio.observe(Quality(received, 100, lost, 0, 0, 3.0, 40.0, "PCMU", "a:1", "a:1"))
    text = metrics.exposition().decode()
    assert 'strowger_live_audio_loss_ratio_bucket{le="0.1"} 1.0' in text
    assert 'strowger_live_audio_loss_ratio_bucket{le="0.2"} 2.0' in text
    assert 'strowger_live_audio_jitter_seconds_bucket{le="0.005"} 2.0' in text
    assert 'strowger_live_audio_round_trip_seconds_bucket{le="0.05"} 2.0' in text
    assert "strowger_live_audio_mos_count 2.0" in text


@pytest.mark.parametrize(
    "text",
    [
        "# TYPE calls gauge\ncalls 1",
        "# HELP strowger_late_total x\n# TYPE strowger_late_total gauge\nstrowger_late_total 1",
        "# HELP strowger_tick_ms x\n# TYPE strowger_tick_ms gauge\nstrowger_tick_ms 1",
        "# HELP strowger_seconds_late x\n# TYPE strowger_seconds_late gauge\nstrowger_seconds_late 1",
        '# HELP strowger_legs x\n# TYPE strowger_legs gauge\nstrowger_legs{call="1"} 1',
        '# HELP strowger_legs x\n# TYPE strowger_legs gauge\nstrowger_legs{kind="+15550100"} 1',
        '# HELP strowger_legs x\n# TYPE strowger_legs gauge\nstrowger_legs{kind="192.0.2.1:5060"} 1',
        f'# HELP strowger_legs x\n# TYPE strowger_legs gauge\nstrowger_legs{{kind="CA{"1" * 32}"}} 1',
    ],
)
def test_what_breaks_the_rules_is_found(text: str) -> None:
    assert objections(text + "\n")
