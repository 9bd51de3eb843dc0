"""One thing that can be asked of the REST API, and everything that is known of it: what it takes, what it gives.

A resource is a class whose methods are declared with ``get``, ``post`` and ``delete``. The routes and the OpenAPI document are
made from these declarations.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from starlette.responses import Response

from voice.accounts.accounts import Access, Account
from voice.api.errors import ApiError
from voice.api.paging import Page, PageRequest
from voice.api.parameters import Parameter
from voice.api.shapes import Shape
from voice.web.parameters import API_VERSION

NOT_FOUND = 20404
FORMATS = (".json", ".xml", "")

Answer = Mapping[str, Any] | Page | Response | None
"""A row of the resource's shape, a page of such rows, something else altogether, or nothing (204)."""
Method = Callable[[Any, "Ask"], Awaitable[Answer]]
Handler = Callable[["Ask"], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that may be made: who asks for what of whom, with everything that was said read and checked."""

    access: Access
    account: Account
    """Of the path."""
    keys: Mapping[str, str]
    """What stood in the places of the path's names."""
    path: str
    suffix: str
    form: Mapping[str, Any]
    """The parameters that were given, by ``Parameter.key``."""
    filters: Mapping[str, Any]
    """The same of the query."""
    page: PageRequest
    headers: Mapping[str, str]
    query: Mapping[str, str]

    def not_found(self) -> ApiError:
        """There is nothing here, or nothing that this account may see."""
        return ApiError(404, NOT_FOUND, f"The requested resource {self.path} was not found")


@dataclass(frozen=True)
class Operation:
    """A declaration."""

    method: str
    path: str
    """Below the account, names in braces: ``/Calls/{CallSid}``; absolute when it begins with the API version."""
    takes: tuple[Parameter, ...] = ()
    filters: tuple[Parameter, ...] = ()
    gives: Shape | None = None
    lists: str = ""
    """The key of the records; empty: the answer is one resource."""
    status: int = 200
    formats: tuple[str, ...] = FORMATS
    full: bool = False
    """Whether a standard key is not enough."""
    suspended: bool = False
    """Whether it may be done to an account that is not active."""
    open: bool = False
    """Whether it checks the credentials itself."""
    summary: str = ""
    name: str = ""
    handle: Handler = field(default=NotImplemented, repr=False)

    @property
    def template(self) -> str:
        """The whole path."""
        return self.path if self.path.startswith(f"/{API_VERSION}") else f"/{API_VERSION}/Accounts/{{AccountSid}}{self.path}"


M = TypeVar("M", bound=Method)


def get(
    path: str, gives: Shape | None = None, *, lists: str = "", filters: Sequence[Parameter] = (), **more: Any
) -> Callable[[M], M]:
    """Declare a method that tells what there is."""
    return _declare(Operation("GET", path, filters=tuple(filters), gives=gives, lists=lists, **more))


def post(
    path: str, gives: Shape | None = None, *, takes: Sequence[Parameter] = (), status: int = 200, **more: Any
) -> Callable[[M], M]:
    """Declare a method that makes (201) or changes (200) something."""
    return _declare(Operation("POST", path, takes=tuple(takes), gives=gives, status=status, **more))


def delete(path: str, **more: Any) -> Callable[[M], M]:
    """Declare a method that takes something away; it returns nothing."""
    return _declare(Operation("DELETE", path, status=204, **more))


def _declare(operation: Operation) -> Callable[[M], M]:
    def decorate(method: M) -> M:
        declared = getattr(method, "operations", ())
        method.operations = (*declared, operation)  # type: ignore[attr-defined]
        return method

    return decorate


def operations_of(resource: object) -> Iterator[Operation]:
    """What a resource declares, bound to it."""
    for name in dir(type(resource)):
        method = getattr(type(resource), name)
        for operation in getattr(method, "operations", ()):
            summary = (method.__doc__ or "").partition("\n")[0].rstrip(".")
            bound = getattr(resource, name)
            yield replace(operation, handle=bound, summary=summary, name=f"{type(resource).__name__}.{name}")
