"""Gather with speech (section 2.4), on whole calls: what is said by espeak-ng is understood by pocketsphinx."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.frame import Samples
from tests.media.recordings import said
from tests.voice.exchange import HOST, Customer, World, virtual

ASK = '<Gather input="speech" action="/said" hints="sales, support, operator" speechTimeout="auto">{}</Gather>'


def voice(*parts: str | float) -> Samples:
    """Words and seconds of silence."""
    pieces = [np.zeros(round(8000 * each)) if isinstance(each, float) else said(each, "en-us") for each in parts]
    samples: Samples = (16_000 * np.concatenate(pieces)).astype(np.int16)
    return samples


@virtual
async def test_a_word_that_was_hinted_at_is_understood(tmp_path: Path) -> None:
    customer = Customer({"/voice": ASK.format("<Say>Sales or support?</Say>"), "/said": "<Hangup/>"})
    async with World(tmp_path, customer) as world:
        call = world.call()
        call.say(voice(4.0, "operator"))
        await world.ended(call)
    (form,) = customer.visited("/said")
    assert form["SpeechResult"] == "operator"
    assert form["Language"] == "en-US"
    assert HOST
