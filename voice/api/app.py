"""The routes of the HTTP server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from voice.accounts.accounts import Access, Accounts
from voice.api.authentication import authenticate
from voice.api.endpoint import Endpoint, Identify, Notes
from voice.api.errors import ApiError, refuse, render_error
from voice.api.health import Health
from voice.api.openapi import describe
from voice.api.operation import NOT_FOUND, Operation, operations_of
from voice.api.throttle import Throttle
from voice.web.parameters import API_VERSION


class _Key(Convertor[str]):
    """A name in a path, as short as the rest allows: what follows the last dot may be the format."""

    regex = "[^/]+?"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Format(_Key):
    """How the answer is written."""

    regex = r"(?:\.(?:json|xml|wav|mp3))?"


register_url_convertor("key", _Key())
register_url_convertor("format", _Format())


def make_app(
    health: Health,
    accounts: Accounts,
    throttle: Throttle,
    resources: Iterable[object],
    server: str,
    notes: Notes,
    more: Sequence[BaseRoute] = (),
    doors: Mapping[str, Identify] = MappingProxyType({}),
) -> Starlette:
    """Everything that is served over HTTP.

    ``server`` is our own address, ``notes`` is told of every request, ``more`` are routes that are no part of the API.
    ``doors`` are further prefixes below which all of the API is found, with who may enter there.
    """
    operations = [operation for resource in resources for operation in operations_of(resource)]
    document = describe(operations, server)

    def identify(request: Request) -> Access:
        return authenticate(accounts, request.headers.get("authorization", ""))

    async def openapi(request: Request) -> Response:
        return JSONResponse(document)

    return Starlette(
        routes=[
            Route("/healthz", health.alive),
            Route("/readyz", health.ready),
            Route("/metrics", health.metrics),
            Route("/openapi.json", openapi),
            *more,
            *(
                Route(prefix + path, Endpoint(found, accounts, enter, throttle, notes))
                for prefix, enter in {"": identify, **doors}.items()
                for path, found in _paths(operations)
            ),
        ],
        exception_handlers={ApiError: refuse, HTTPException: _not_found},
    )


def _paths(operations: Sequence[Operation]) -> list[tuple[str, list[Operation]]]:
    """The operations by their paths, in the order in which these are to be tried."""
    paths: dict[str, list[Operation]] = {}
    for operation in operations:
        paths.setdefault(operation.template, []).append(operation)
    return [
        (template.replace("}", ":key}") + "{format:format}", paths[template]) for template in sorted(paths, key=_literal_first)
    ]


def _literal_first(template: str) -> list[tuple[bool, str]]:
    """``/IncomingPhoneNumbers/Local`` is no number of the name Local."""
    return [(segment.startswith("{"), segment) for segment in template.split("/")]


async def _not_found(request: Request, error: Exception) -> Response:
    path = request.url.path
    if not path.startswith(f"/{API_VERSION}"):
        status = error.status_code if isinstance(error, HTTPException) else 404
        return Response(status_code=status)
    suffix = ".json" if path.endswith(".json") else ""
    return render_error(ApiError(404, NOT_FOUND, f"The requested resource {path} was not found"), suffix)
