"""The routes of the HTTP server."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import Route

from voice.api.calls import Calls
from voice.api.conferences import ConferenceResource
from voice.api.errors import ApiError, refuse
from voice.api.health import Health
from voice.api.messages import UserDefinedMessages
from voice.api.recordings import RecordingResource

_CALL = "/2010-04-01/Accounts/{account}/Calls/{call}"
_CONFERENCE = "/2010-04-01/Accounts/{account}/Conferences/{conference}.json"
_PARTICIPANT = "/2010-04-01/Accounts/{account}/Conferences/{conference}/Participants/{participant}.json"


def make_app(
    health: Health,
    calls: Calls,
    recordings: RecordingResource,
    conferences: ConferenceResource,
    messages: UserDefinedMessages,
) -> Starlette:
    """Everything that is served over HTTP."""
    return Starlette(
        routes=[
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", health.metrics),
            Route("/2010-04-01/Accounts/{account}/Calls.json", calls.create, methods=["POST"]),
            Route("/2010-04-01/Accounts/{account}/Calls/{call}.json", calls.update, methods=["POST"]),
            Route(f"{_CALL}/UserDefinedMessages.json", messages.create, methods=["POST"]),
            Route(f"{_CALL}/UserDefinedMessageSubscriptions.json", messages.subscribe, methods=["POST"]),
            Route(f"{_CALL}/UserDefinedMessageSubscriptions/{{subscription}}.json", messages.unsubscribe, methods=["DELETE"]),
            Route("/2010-04-01/Accounts/{account}/Recordings/{recording}", recordings.fetch),
            Route(_CONFERENCE, conferences.fetch),
            Route(_CONFERENCE, conferences.update, methods=["POST"]),
            Route(_PARTICIPANT, conferences.fetch_participant),
            Route(_PARTICIPANT, conferences.update_participant, methods=["POST"]),
            Route(_PARTICIPANT, conferences.kick, methods=["DELETE"]),
        ],
        exception_handlers={ApiError: refuse},
    )
