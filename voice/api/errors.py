"""What the REST API answers when it refuses: Twilio's error body (spec section 4.3)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

MORE_INFO = "https://www.twilio.com/docs/errors/"


class ApiError(Exception):
    """A request that is refused; carries the HTTP status and the error code of the body."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


async def refuse(request: Request, error: Exception) -> Response:
    """Turn an ApiError into its response."""
    assert isinstance(error, ApiError)
    body = {"code": error.code, "message": str(error), "more_info": f"{MORE_INFO}{error.code}", "status": error.status}
    headers = {"WWW-Authenticate": 'Basic realm="Strowger API"'} if error.status == 401 else None
    return JSONResponse(body, error.status, headers)
