"""``/healthz``, ``/readyz`` and ``/metrics``: what an operator's machines ask."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from voice.calls.admission import RETRY_SECONDS, Admission
from voice.story.metrics import Metrics


class Health:
    """Answers about the process itself."""

    def __init__(self, admission: Admission, metrics: Metrics) -> None:
        self._admission = admission
        self._metrics = metrics

    async def alive(self, request: Request) -> Response:
        """200 as long as the event loop turns."""
        return PlainTextResponse("ok\n")

    async def ready(self, request: Request) -> Response:
        """200 when the next call would be taken, else 503 and why."""
        if self._admission.draining or self._admission.full:
            reason = "draining\n" if self._admission.draining else "full\n"
            return PlainTextResponse(reason, 503, {"Retry-After": str(RETRY_SECONDS)})
        return PlainTextResponse("ready\n")

    async def metrics(self, request: Request) -> Response:
        """Prometheus' text format."""
        return Response(self._metrics.exposition(), media_type="text/plain; version=0.0.4; charset=utf-8")
