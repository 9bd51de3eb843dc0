"""The network side of a switch alone, for as long as a call to itself takes: what the doctor tries where no switch runs."""

from __future__ import annotations

import asyncio
import tempfile
import time
from pathlib import Path

from media.bus import Bus
from media.clock import Clock
from media.events import MediaEvent
from media.mixer import Mixer
from media.speech.espeak import Espeak
from media.speech.speaker import Speaker
from sip import events as network
from voice.calls.registry import Registry
from voice.calls.selfcall import SelfCall, Verdict
from voice.certificate import Certificate
from voice.network import make_endpoint
from voice.settings import Settings, own_address
from voice.sound.library import MediaLibrary
from voice.sound.studio import Studio
from voice.web.webhook import WebhookClient

ROWS = 8
NOT_NOW = 480
SETTLE_SECONDS = 0.2


async def rehearse(settings: Settings) -> Verdict:
    """Listen where the switch would, and call ourselves. Raises TransportUnavailable, SettingsInvalid."""
    with tempfile.TemporaryDirectory() as folder:
        sip, path = settings.sip, Path(folder) / "sips.pem"
        certificate = Certificate(sip.tls_certificate, sip.tls_private_key, path) if sip.tls_certificate else None
        if certificate is not None:
            certificate.install()
        return await _call(settings, certificate)


async def _call(settings: Settings, certificate: Certificate | None) -> Verdict:
    loop, registry = asyncio.get_running_loop(), Registry()
    bus = Bus(settings.media.sample_rate, ROWS)
    endpoint = make_endpoint(settings, bus, certificate)

    def post(events: list[MediaEvent]) -> None:
        loop.call_soon_threadsafe(studio.receive, events)

    mixer = Mixer(bus, [endpoint], post)
    webhooks = WebhookClient(lambda account: "")
    studio = Studio(bus, mixer, Speaker(Espeak(), bus.rate, inline=True), MediaLibrary(webhooks, bus.rate))
    selfcall = SelfCall(own_address(settings), endpoint, studio, registry)

    def receive(event: network.Event) -> None:
        if isinstance(event, network.Incoming):
            if not selfcall.takes(event):
                endpoint.refuse(event.leg, NOT_NOW)
            return
        leg = getattr(event, "leg", None)
        hear = registry.listener(leg) if leg is not None else None
        if hear is not None:
            hear(event)

    endpoint.start(receive)
    clock = Clock(mixer.tick, lambda: endpoint.register_thread("media"), now=time.monotonic)
    clock.start()
    try:
        verdict = await selfcall.run()
        await asyncio.sleep(SETTLE_SECONDS)
        return verdict
    finally:
        clock.stop()
        await asyncio.to_thread(endpoint.close)
        await webhooks.close()
