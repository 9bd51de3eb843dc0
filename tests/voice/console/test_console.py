from __future__ import annotations

from pathlib import Path

import httpx

from tests.voice.exchange import Customer, World, virtual
from voice.console.users import first_password, hash_password, sign_in
from voice.settings import Console, ConsoleUser

MARKUP = "<img src=x onerror=alert(1)>"


def _browser(world: World, address: str = "http://switch") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(world.app()), base_url=address)


async def _enter(browser: httpx.AsyncClient, user: str, password: str) -> httpx.Response:
    return await browser.post("/console/session", json={"user": user, "password": password})


def test_a_hash_opens_to_its_password_alone(tmp_path: Path) -> None:
    console = Console(user=(ConsoleUser(name="eve", role="viewer", password_hash=hash_password("right")),))
    assert sign_in(console, tmp_path, "eve", "wrong") is None
    assert sign_in(console, tmp_path, "admin", first_password(tmp_path)) is None
    found = sign_in(console, tmp_path, "eve", "right")
    assert found is not None
    assert found.role == "viewer"


def test_the_first_password_is_made_once_and_is_for_our_user_only(tmp_path: Path) -> None:
    assert first_password(tmp_path) == first_password(tmp_path)
    assert (tmp_path / "console.json").stat().st_mode & 0o077 == 0


@virtual
async def test_nothing_is_told_before_sign_in(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, _browser(world) as browser:
        for path in ("/console/live", "/console/calls", f"/console/calls/CA{'0' * 32}", f"/console/calls/CA{'0' * 32}/file"):
            assert (await browser.get(path)).status_code == 401
        page = await browser.get("/")
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert (await browser.get("/console/static/..%2fgate.py")).status_code == 404


@virtual
async def test_the_cookie_is_kept_from_scripts_and_other_sites(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, _browser(world) as browser:
        assert (await _enter(browser, "admin", "wrong")).status_code == 403
        answer = await _enter(browser, "admin", first_password(tmp_path))
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert "; secure" not in cookie
        async with _browser(world, "https://switch") as encrypted:
            assert "; secure" in (await _enter(encrypted, "admin", first_password(tmp_path))).headers["set-cookie"].lower()
        csrf = {"X-CSRF-Token": answer.json()["csrf"]}
        assert (await browser.get("/console/calls")).status_code == 200
        assert (await browser.delete("/console/session")).status_code == 403
        assert (await browser.delete("/console/session", headers=csrf)).status_code == 204
        assert (await browser.get("/console/calls")).status_code == 401


@virtual
async def test_who_guesses_passwords_has_to_wait(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, _browser(world) as browser:
        codes = [(await _enter(browser, "admin", str(number))).status_code for number in range(11)]
        assert codes == [403] * 10 + [429]
        assert (await _enter(browser, "admin", first_password(tmp_path))).status_code == 429


@virtual
async def test_a_sign_in_that_is_no_json_object_is_refused(tmp_path: Path) -> None:
    async with World(tmp_path, Customer()) as world, _browser(world) as browser:
        assert (await browser.post("/console/session", data={"user": "admin"})).status_code == 415
        for body in (b"[]", b"{", b"[" * 90_000, b"\xff", b'"' + b"x" * 200_000):
            answer = await browser.post("/console/session", content=body, headers={"Content-Type": "application/json"})
            assert answer.status_code == 400


@virtual
async def test_a_call_is_seen_inspected_saved_and_hung_up(tmp_path: Path) -> None:
    customer = Customer({"/voice": "<Pause length='600'/>"})
    async with World(tmp_path, customer) as world, _browser(world) as browser:
        csrf = (await _enter(browser, "admin", first_password(tmp_path))).json()["csrf"]
        call = world.call(headers=(("X-Note", MARKUP),))
        await world.until(lambda: bool(customer.visited("/voice")))
        sid = customer.visited("/voice")[0]["CallSid"]
        told = (await browser.get(f"/console/calls/{sid}")).json()
        assert not told["over"]
        assert {"request", "status"} <= {line["kind"] for line in told["lines"]}
        saved = (await browser.get(f"/console/calls/{sid}/file")).text
        assert sid in saved
        assert MARKUP not in saved
        assert "<Pause" not in saved
        assert (await browser.delete(f"/console/calls/{sid}")).status_code == 403
        assert (await browser.delete(f"/console/calls/{sid}", headers={"X-CSRF-Token": csrf})).status_code == 204
        await world.ended(call)
        assert (await browser.delete(f"/console/calls/{sid}", headers={"X-CSRF-Token": csrf})).status_code == 409
        found = (await browser.get("/console/calls", params={"q": sid[:12]})).json()
        assert [each["sid"] for each in found["calls"]] == [sid]
        assert (await browser.get("/console/calls", params={"q": "%"})).json()["calls"] == []
        assert (await browser.get("/console/calls/nonsense")).status_code == 404


@virtual
async def test_a_viewer_may_not_hang_up(tmp_path: Path) -> None:
    users = Console(user=(ConsoleUser(name="eve", role="viewer", password_hash=hash_password("right")),))
    async with World(tmp_path, Customer(), console=users) as world, _browser(world) as browser:
        csrf = (await _enter(browser, "eve", "right")).json()["csrf"]
        answer = await browser.delete(f"/console/calls/CA{'0' * 32}", headers={"X-CSRF-Token": csrf})
        assert answer.status_code == 403


@virtual
async def test_there_is_no_page_when_it_is_off(tmp_path: Path) -> None:
    async with World(tmp_path, Customer(), console=Console(enabled=False)) as world, _browser(world) as browser:
        assert (await browser.get("/")).status_code == 404
        assert (await _enter(browser, "admin", "x")).status_code == 404
