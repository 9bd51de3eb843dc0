"""What a resource looks like: its properties in order, their types, and where it is found (spec section 4.1).

A shape renders rows of the store, describes itself to OpenAPI, and names the elements of the XML form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import format_datetime
from typing import Any

from voice.web.parameters import API_VERSION

Value = str | int | float | bool | None | list[Any] | dict[str, Any]
Schema = dict[str, Any]
Row = Mapping[str, Any]

_RFC_2822 = "Tue, 31 Aug 2010 20:36:28 +0000"


@dataclass(frozen=True, slots=True)
class Property:
    """One property: how its value is written, and what that is."""

    write: Callable[[Any], Value]
    schema: Mapping[str, Any]
    nullable: bool = False
    default: Value = None
    """Of rows that do not have it."""
    column: str = ""
    """Under which name rows have it; empty: its own."""

    def describe(self) -> Schema:
        """As JSON Schema."""
        if not self.nullable:
            return dict(self.schema)
        return {**self.schema, "type": [self.schema["type"], "null"]}


def written(value: datetime) -> str:
    """A moment as resources have it, in RFC 2822."""
    return format_datetime(value.replace(microsecond=0))


def text(default: str | None = "", *, nullable: bool = False, column: str = "") -> Property:
    """A string."""
    return Property(str, {"type": "string"}, nullable, default, column)


def maybe(column: str = "") -> Property:
    """A string or null."""
    return Property(str, {"type": "string"}, nullable=True, column=column)


def sid(prefix: str, *, nullable: bool = False) -> Property:
    """A SID."""
    return Property(str, {"type": "string", "pattern": f"^{prefix}[0-9a-fA-F]{{32}}$"}, nullable)


def moment(*, nullable: bool = False) -> Property:
    """A date as RFC 2822 writes it."""
    return Property(written, {"type": "string", "example": _RFC_2822}, nullable)


def day() -> Property:
    """A date as ISO 8601 writes it."""
    return Property(date.isoformat, {"type": "string", "format": "date"})


def digits(*, nullable: bool = False) -> Property:
    """A whole number, written as a string."""
    return Property(lambda value: str(round(value)), {"type": "string", "pattern": "^-?[0-9]+$"}, nullable)


def integer(default: int | None = None, *, nullable: bool = False) -> Property:
    """A whole number."""
    return Property(int, {"type": "integer"}, nullable, default)


def flag(default: bool | None = False, *, nullable: bool = False) -> Property:
    """True or false."""
    return Property(bool, {"type": "boolean"}, nullable, default)


def anything(kind: str = "object", *, nullable: bool = False, default: Value = None) -> Property:
    """An object or an array of any form."""
    return Property(lambda value: value, {"type": kind}, nullable, default)


@dataclass(frozen=True)
class Shape:
    """The form of one kind of resource."""

    name: str
    """Of the XML element and in OpenAPI: ``Call``."""
    properties: Mapping[str, Property]
    path: str = ""
    """Below the account, with the names of columns in braces: ``/Calls/{sid}``. Absolute when it begins with the API version.
    Empty: the resource has no ``uri``."""
    children: Mapping[str, str] | None = None
    """``subresource_uris``: names and what is added to the path. None: the resource has no such property."""
    element: str = ""
    """Of the XML element, where several kinds of resources share it; empty: the name."""

    def render(self, row: Row, suffix: str = ".json") -> dict[str, Value]:
        """The resource of a row; ``suffix`` ends its links."""
        rendered = {name: _render(name, each, row) for name, each in self.properties.items()}
        if self.path:
            own = self.locate(row)
            rendered["uri"] = own + suffix
            if self.children is not None:
                rendered["subresource_uris"] = {name: f"{own}{end}{suffix}" for name, end in self.children.items()}
        return rendered

    def locate(self, row: Row) -> str:
        """The path of a row's resource on this server, without suffix."""
        path = self.path.format_map(row)
        return path if path.startswith(f"/{API_VERSION}") else f"/{API_VERSION}/Accounts/{row['account_sid']}{path}"

    def describe(self) -> Schema:
        """As JSON Schema: every property is always there."""
        described = {name: each.describe() for name, each in self.properties.items()}
        if self.path:
            described["uri"] = {"type": "string"}
        if self.children is not None:
            described["subresource_uris"] = {"type": "object", "additionalProperties": {"type": "string"}}
        return {"type": "object", "properties": described, "required": list(described), "additionalProperties": False}


def _render(name: str, property: Property, row: Row) -> Value:
    value = row.get(property.column or name)
    if value is None:
        value = property.default
    return None if value is None else property.write(value)
