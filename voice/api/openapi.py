"""The OpenAPI document of what is really implemented, made from the operations (OpenAPI 3.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from voice.api.forms import FORM
from voice.api.operation import Operation
from voice.api.parameters import DATE, Parameter
from voice.api.shapes import Shape

Schema = dict[str, Any]

_ERROR: Schema = {
    "type": "object",
    "properties": {
        "code": {"type": "integer"},
        "message": {"type": "string"},
        "more_info": {"type": "string"},
        "status": {"type": "integer"},
    },
    "required": ["code", "message", "more_info", "status"],
}
_PAGE: Schema = {
    "first_page_uri": {"type": "string"},
    "next_page_uri": {"type": ["string", "null"]},
    "previous_page_uri": {"type": ["string", "null"]},
    "uri": {"type": "string"},
    "page": {"type": "integer"},
    "page_size": {"type": "integer"},
    "start": {"type": "integer"},
    "end": {"type": "integer"},
}
_PAGING: list[Schema] = [
    {"name": "PageSize", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": 1000}},
    {"name": "Page", "in": "query", "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999}},
    {"name": "PageToken", "in": "query", "schema": {"type": "string"}},
]


def describe(operations: Iterable[Operation], server: str) -> Schema:
    """The document; operations whose only form is XML or audio are described by their first form."""
    paths: dict[str, Any] = {}
    shapes: dict[str, Schema] = {"Error": _ERROR}
    for operation in sorted(operations, key=lambda each: (each.template, each.method)):
        suffix = operation.formats[0]
        described = paths.setdefault(operation.template + suffix, {})
        described[operation.method.lower()] = _operation(operation, shapes)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Strowger", "version": version("strowger"), "license": {"name": "GPL-3.0-or-later"}},
        "servers": [{"url": server}],
        "security": [{"basic": []}],
        "paths": paths,
        "components": {"schemas": shapes, "securitySchemes": {"basic": {"type": "http", "scheme": "basic"}}},
    }


def _operation(operation: Operation, shapes: dict[str, Schema]) -> Schema:
    names = re.findall(r"{(\w+)}", operation.template)
    described: Schema = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names),
            *(_filter(each) for each in operation.filters),
            *(_PAGING if operation.lists else ()),
        ],
        "responses": {
            str(operation.status): _success(operation, shapes),
            "default": {
                "description": "Refused",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
            },
        },
    }
    if operation.takes:
        described["requestBody"] = {"content": {FORM: {"schema": _form(operation)}}}
    return described


def _filter(parameter: Parameter) -> Schema:
    return {"name": parameter.name, "in": "query", "schema": _value(parameter)}


def _value(parameter: Parameter) -> Schema:
    schema = dict(parameter.kind.schema)
    if parameter.kind is DATE:
        schema["pattern"] = r"^\d{4}-\d{2}-\d{2}"
    return {"type": "array", "items": schema} if parameter.many else schema


def _form(operation: Operation) -> Schema:
    form: Schema = {"type": "object", "properties": {each.name: _value(each) for each in operation.takes}}
    needed = [each.name for each in operation.takes if each.required]
    return {**form, "required": needed} if needed else form


def _success(operation: Operation, shapes: dict[str, Schema]) -> Schema:
    if operation.gives is None:
        return {"description": "Done"}
    return {"description": "Done", "content": {"application/json": {"schema": _body(operation, operation.gives, shapes)}}}


def _body(operation: Operation, shape: Shape, shapes: dict[str, Schema]) -> Schema:
    shapes[shape.name] = shape.describe()
    reference: Schema = {"$ref": f"#/components/schemas/{shape.name}"}
    if not operation.lists:
        return reference
    properties = {**_PAGE, operation.lists: {"type": "array", "items": reference}}
    return {"type": "object", "properties": properties, "required": list(properties), "additionalProperties": False}
