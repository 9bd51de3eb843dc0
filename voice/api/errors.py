"""What the REST API answers when it refuses: Twilio's error body (spec section 4.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from voice.api.rendering import respond

MORE_INFO = "https://www.twilio.com/docs/errors/"
_REALM = {"WWW-Authenticate": 'Basic realm="Strowger API"'}


class ApiError(Exception):
    """A request that is refused; carries the HTTP status, the error code of the body, and further headers."""

    def __init__(self, status: int, code: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = {**(_REALM if status == 401 else {}), **(headers or {})}

    def body(self) -> dict[str, Any]:
        """What is said of it."""
        return {"code": self.code, "message": str(self), "more_info": f"{MORE_INFO}{self.code}", "status": self.status}


def render_error(error: ApiError, suffix: str) -> Response:
    """Its response; audio and other things without a form of their own get JSON."""
    form = suffix if suffix in ("", ".xml") else ".json"
    response = respond(error.body(), error.status, form, "RestException")
    response.headers.update(error.headers)
    return response


async def refuse(request: Request, error: Exception) -> Response:
    """Turn an ApiError that a route of Starlette's raised into its response."""
    assert isinstance(error, ApiError)
    return render_error(error, ".json")
