"""``/Applications`` and what all resources have in common: forms, pages, XML, errors (sections 4.1 to 4.4)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from tests.voice.exchange import ACCOUNT, Customer, World, virtual
from voice.settings import Limits

ALL = f"/2010-04-01/Accounts/{ACCOUNT.sid}/Applications"


async def make(client: httpx.AsyncClient, name: str, **more: str) -> dict[str, object]:
    await asyncio.sleep(0.001)
    answer = await client.post(f"{ALL}.json", data={"FriendlyName": name, **more})
    assert answer.status_code == 201
    made: dict[str, object] = answer.json()
    return made


@virtual
async def test_an_application_is_made_changed_and_deleted(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        made = await make(client, "Menu", VoiceUrl="http://a.example/voice", Unknown="ignored")
        one = f"{ALL}/{made['sid']}.json"
        assert (made["voice_url"], made["voice_method"], made["sms_url"], made["uri"]) == (
            "http://a.example/voice",
            "POST",
            None,
            one,
        )
        assert (await client.get(one)).json() == made
        changed = (await client.post(one, data={"VoiceMethod": "get", "VoiceUrl": ""})).json()
        assert (changed["voice_method"], changed["voice_url"], changed["friendly_name"]) == ("GET", "", "Menu")
        assert (await client.delete(one)).status_code == 204
        for gone in (await client.get(one), await client.post(one), await client.delete(one)):
            assert (gone.status_code, gone.json()["code"]) == (404, 20404)


@virtual
async def test_pages_follow_each_other_both_ways_while_rows_are_added(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        for number in range(7):
            await make(client, str(number))
        page = (await client.get(f"{ALL}.json?PageSize=3")).json()
        seen, last = [each["friendly_name"] for each in page["applications"]], page
        assert (page["start"], page["end"], page["previous_page_uri"]) == (0, 2, None)
        while page["next_page_uri"]:
            await make(client, "added meanwhile")
            page, last = (await client.get(page["next_page_uri"])).json(), page
            seen += [each["friendly_name"] for each in page["applications"]]
        assert seen == ["6", "5", "4", "3", "2", "1", "0"]
        assert (page["page"], page["start"], page["end"]) == (2, 6, 6)
        assert (await client.get(page["previous_page_uri"])).json()["applications"] == last["applications"]


@virtual
async def test_a_filter_is_kept_in_the_links(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        for name in ("a b", "a b", "c"):
            await make(client, name)
        page = (await client.get(f"{ALL}.json", params={"FriendlyName": "a b", "PageSize": "1"})).json()
        second = (await client.get(page["next_page_uri"])).json()
        assert [each["friendly_name"] for each in (*page["applications"], *second["applications"])] == ["a b", "a b"]
        assert second["next_page_uri"] is None


@pytest.mark.parametrize("suffix", ["", ".xml"])
@virtual
async def test_there_is_an_xml_form(tmp_path: Path, suffix: str) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        made = await make(client, "<Menu> & \x01co")
        one = await client.get(f"{ALL}/{made['sid']}{suffix}")
        assert one.headers["content-type"] == "application/xml"
        assert "<FriendlyName>&lt;Menu&gt; &amp; co</FriendlyName><ApiVersion>2010-04-01</ApiVersion><VoiceUrl/>" in one.text
        assert f"<Uri>{ALL}/{made['sid']}{suffix}</Uri>" in one.text
        assert '<Applications firstpageuri="' in (await client.get(ALL + suffix)).text
        missing = await client.get(f"{ALL}/AP{'0' * 32}{suffix}")
        assert "<TwilioResponse><RestException><Code>20404</Code>" in missing.text


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"VoiceUrl": "ftp://x"}, 21402),
        ({"VoiceUrl": "http://a\r\nX: y"}, 21402),
        ({"VoiceMethod": "PUT"}, 21403),
        ({"FriendlyName": "x" * 65}, 20001),
        ({"FriendlyName": "a\0b"}, 20001),
    ],
)
@virtual
async def test_a_wrong_parameter_has_its_code_and_makes_nothing(tmp_path: Path, form: dict[str, str], code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.post(f"{ALL}.json", data=form)
        assert (answer.status_code, answer.json()["code"]) == (400, code)
        assert (await client.get(f"{ALL}.json")).json()["applications"] == []


@pytest.mark.parametrize(
    ("query", "code"),
    [("PageToken=x", 21481), (f"PageToken=PAAP{'0' * 32}fffffffffffffff", 21481), ("PageSize=0", 20007), ("PageSize=a", 20007)],
)
@virtual
async def test_a_page_that_there_is_not_has_its_code(tmp_path: Path, query: str, code: int) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        answer = await client.get(f"{ALL}.json?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, code)


@virtual
async def test_what_is_no_request_of_the_api_is_refused_in_its_own_words(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, world.client() as client:
        asked = [
            (await client.put(f"{ALL}.json"), 405, 20004),
            (await client.get("/2010-04-01/Nothing.json"), 404, 20404),
            (await client.post(f"{ALL}.json", content=b"x" * 300_000), 413, 20413),
            (await client.post(f"{ALL}.json", content="&".join(["a=b"] * 1001)), 400, 20001),
            (await client.post(f"{ALL}.json", json={"FriendlyName": "x"}), 400, 20001),
        ]
        for answer, status, code in asked:
            assert (answer.status_code, answer.json()["code"]) == (status, code)
            assert answer.json()["more_info"].endswith(f"/{code}")


@virtual
async def test_an_account_that_asks_too_often_is_told_to_wait(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), limits=Limits(api_requests_per_second=2)) as world, world.client() as client:
        answers = [await client.get(f"{ALL}.json") for _ in range(5)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
        assert (answers[-1].json()["code"], answers[-1].headers["retry-after"]) == (20429, "1")
