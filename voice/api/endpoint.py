"""From an HTTP request to an operation and back: the same steps for every resource."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from voice.accounts.accounts import Access, Accounts
from voice.api.authentication import authorise
from voice.api.errors import ApiError, render_error
from voice.api.forms import Fields, read_fields, read_form
from voice.api.operation import NOT_FOUND, Answer, Ask, Operation
from voice.api.paging import Page, read_page, render_page
from voice.api.parameters import read_parameters
from voice.api.rendering import respond
from voice.api.throttle import Throttle
from voice.errors import StoreUnavailable
from voice.identifiers import new_sid

METHOD_NOT_ALLOWED = 20004
INTERNAL = 20500
UNAVAILABLE = 20503
PATIENCE_SECONDS = 30.0
"""How long a request may take before it is given up."""

Notes = Callable[[Operation, Ask], Callable[[Answer, Response], None]]
Identify = Callable[[Request], Access]
"""Who makes a request. Raises ApiError."""

_log = structlog.get_logger("api")


class Endpoint:
    """All operations on one path; an ASGI application. ``notes`` is called before each, and what it returns with the answer."""

    def __init__(
        self, operations: Sequence[Operation], accounts: Accounts, identify: Identify, throttle: Throttle, notes: Notes
    ) -> None:
        self._operations = {(operation.method, suffix): operation for operation in operations for suffix in operation.formats}
        self._plain = any(each.method == "GET" and each.gives is None and "" in each.formats for each in operations)
        """Whether what has no suffix is no XML."""
        self._accounts = accounts
        self._identify = identify
        self._throttle = throttle
        self._notes = notes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, whatever it is."""
        request = Request(scope, receive)
        suffix = scope["path_params"].get("format", "")
        form = ".json" if self._plain and not suffix else suffix
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                response = await self._answer(request, suffix)
        except ApiError as error:
            response = render_error(error, form)
        except StoreUnavailable as error:
            _log.error("request failed", path=request.url.path, error=str(error))
            response = render_error(ApiError(503, UNAVAILABLE, "Service unavailable; try again later"), form)
        except TimeoutError:
            response = render_error(ApiError(503, UNAVAILABLE, "The request took too long"), form)
        except Exception as error:  # noqa: BLE001 - whatever it is, the customer gets an answer
            _log.error("internal failure", path=request.url.path, exc_info=error)
            response = render_error(ApiError(500, INTERNAL, "Internal server error"), form)
        response.headers["Twilio-Request-Id"] = new_sid("RQ")
        await response(scope, receive, send)

    async def _answer(self, request: Request, suffix: str) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        operation = self._operations.get((method, suffix))
        opened = operation is not None and operation.open
        access = Access(self._accounts.main) if opened else self._identify(request)
        self._throttle.admit(access.account.sid)
        path = request.url.path
        if operation is None:
            raise self._missing(path, suffix)
        keys = {name: value for name, value in request.path_params.items() if name != "format"}
        if any("\0" in key for key in keys.values()):
            raise _not_found(path)
        found = self._accounts.get(keys["AccountSid"]) if "AccountSid" in keys else access.account
        if operation.open and found is not None:
            access = Access(found)
        suspended = operation.suspended or method == "GET"
        account = authorise(access, found, path, full=operation.full, suspended=suspended)
        query = read_fields(request.url.query)
        ask = Ask(
            access,
            account,
            keys,
            path,
            suffix,
            read_parameters(operation.takes, await read_form(request)) if operation.method == "POST" else {},
            read_parameters(operation.filters, query),
            read_page(query) if operation.lists else read_page({}),
            request.headers,
            request.query_params,
        )
        note = self._notes(operation, ask)
        answer = await operation.handle(ask)
        response = _respond(operation, answer, ask, query)
        note(answer, response)
        return response

    def _missing(self, path: str, suffix: str) -> ApiError:
        if any(known == suffix for _, known in self._operations):
            return ApiError(405, METHOD_NOT_ALLOWED, "Method not allowed")
        return _not_found(path)


def _not_found(path: str) -> ApiError:
    return ApiError(404, NOT_FOUND, f"The requested resource {path} was not found")


def _respond(operation: Operation, answer: Answer, ask: Ask, query: Fields) -> Response:
    if isinstance(answer, Response):
        return answer
    if answer is None:
        return Response(status_code=204)
    shape = operation.gives
    assert shape is not None, "who answers with rows says what they look like"
    if not isinstance(answer, Page):
        return respond(shape.render(answer, ask.suffix), operation.status, ask.suffix, shape.element or shape.name)
    records = [shape.render(row, ask.suffix) for row in answer.rows]
    body = render_page(answer, operation.lists, records, ask.path, _filters(operation, query))
    return respond(body, operation.status, ask.suffix, shape.element or shape.name, operation.lists)


def _filters(operation: Operation, query: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    return [(each.name, value) for each in operation.filters for value in query.get(each.name, ())]
