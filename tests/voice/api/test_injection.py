"""What would be a statement, a header or a document somewhere else is text here, in every parameter of every resource."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from sqlalchemy import Connection, func, inspect, select

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from voice.api.catalogue import make_resources
from voice.api.operation import Operation, operations_of
from voice.settings import Limits
from voice.store.tables import METADATA

HOSTILE = (
    "'; DROP TABLE calls; --",
    '" OR 1=1 --',
    "x\r\nX-Injected: yes",
    "<Response><Hangup/></Response>]]>&xxe;",
    "\x00",
    "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    "{account_sid} %s %(x)s ${7*7}",
    "../../etc/passwd",
    "𝕏" * 100,
    "9" * 400,
)


def operations(world: World) -> list[Operation]:
    resources = make_resources(world.resources, world.switch, world.provisioning)
    return [operation for resource in resources for operation in operations_of(resource)]


def path_of(operation: Operation, name: str) -> str:
    """The path of an operation, with a name in its places."""
    path = operation.template.replace("{AccountSid}", ACCOUNT.sid)
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + name + rest.partition("}")[2]
    return path + operation.formats[0]


def rows(connection: Connection) -> dict[str, int]:
    return {
        table.name: connection.execute(select(func.count()).select_from(table)).scalar_one() for table in METADATA.tables.values()
    }


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
@virtual
async def test_a_parameter_is_never_more_than_text(tmp_path: Path, hostile: str) -> None:
    limits = Limits(api_requests_per_second=1_000_000)
    async with World(tmp_path, Customer(), limits=limits) as world, world.client() as client:
        for operation in operations(world):
            for parameter in operation.takes:
                given = {each.name: "1" for each in operation.takes if each.required}
                answer = await client.request(operation.method, path_of(operation, "x"), data={**given, parameter.name: hostile})
                check(answer, operation)
            for parameter in operation.filters:
                check(
                    await client.request(operation.method, path_of(operation, "x"), params={parameter.name: hostile}), operation
                )
        assert set(METADATA.tables) <= await world.database.read(lambda connection: set(inspect(connection).get_table_names()))


@pytest.mark.parametrize("hostile", ["%27%3B--", "%00", "%0d%0aX", "..%2f..%2f", "%F0%9D%95%8F", "a" * 3000])
@virtual
async def test_a_path_is_never_more_than_a_name(tmp_path: Path, hostile: str) -> None:
    limits = Limits(api_requests_per_second=1_000_000)
    async with World(tmp_path, Customer(), limits=limits) as world, world.client() as client:
        before = await world.database.read(rows)
        for operation in operations(world):
            if "{" in operation.template.replace("{AccountSid}", ""):
                answer = await client.request(operation.method, path_of(operation, hostile))
                assert answer.status_code in (400, 404), (operation.name, answer.status_code)
                check(answer, operation)
        assert await world.database.read(rows) == before


def check(answer: httpx.Response, operation: Operation) -> None:
    assert answer.status_code < 500, (operation.name, answer.text)
    assert "x-injected" not in answer.headers
    if answer.headers.get("content-type", "").startswith("application/json"):
        answer.json()
