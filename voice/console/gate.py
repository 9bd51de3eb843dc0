"""What stands before every request of the console: the session, its role, its token, and the headers of each answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.accounts.accounts import Access, Accounts
from voice.api.authentication import INACTIVE, UNAUTHENTICATED
from voice.api.errors import ApiError
from voice.console.sessions import LIFETIME_SECONDS, Session, Sessions
from voice.console.users import sign_in
from voice.settings import Console

COOKIE = "strowger_console"
MOST_BYTES = 100_000
PASSWORDS_AT_ONCE = 2
"""Checks of passwords under way; each takes 16 MB for some 50 ms."""
MOST_WAITING = 20
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_REALM = {"WWW-Authenticate": 'Session realm="Strowger console"'}
"""A scheme for which no browser opens a window of its own."""
_STALE = "The page is out of date: load it again."
Handler = Callable[[Request], Awaitable[Response]]


class Gate:
    """Signs in and out; ``secure`` is whether customers reach us by https."""

    def __init__(self, console: Console, folder: Path, secure: bool, accounts: Accounts, now: Callable[[], float]) -> None:
        self._console, self._folder, self._secure, self._accounts = console, folder, secure, accounts
        self._sessions = Sessions(now)
        self._checks = asyncio.Semaphore(PASSWORDS_AT_ONCE)
        self._waiting = 0

    def viewers(self, handler: Handler) -> Handler:
        """Only for who is signed in."""

        async def guarded(request: Request) -> Response:
            if self._session(request) is None:
                return _refuse(401, "Sign in first.")
            return _with_headers(await handler(request))

        return guarded

    def admins(self, handler: Handler) -> Handler:
        """Only for administrators, and only from our own page."""

        async def guarded(request: Request) -> Response:
            refusal = self._objection(request)
            return _refuse(*refusal) if refusal is not None else _with_headers(await handler(request))

        return guarded

    def enter_api(self, request: Request) -> Access:
        """Open the REST API to who is signed in: all of it but accounts and keys, and to viewers only what changes nothing.

        Raises ApiError.
        """
        if self._session(request) is None:
            raise ApiError(401, UNAUTHENTICATED, "Sign in first.", _NO_REALM)
        refusal = self._objection(request) if request.method not in ("GET", "HEAD") else None
        if refusal is not None:
            raise ApiError(refusal[0], INACTIVE, refusal[1], _NO_REALM)
        return Access(self._accounts.main, full=False)

    def knows(self, request: Request) -> bool:
        """Whether who has made a request is signed in still."""
        return self._session(request) is not None

    def identity(self, request: Request) -> str:
        """What the softphone of who is signed in is called; empty when nobody is."""
        session = self._session(request)
        return session.identity if session is not None else ""

    async def who(self, request: Request) -> Response:
        """``GET /console/session``; an empty object when nobody is signed in, because a first visit is no error."""
        session = self._session(request)
        return self._told(session) if session is not None else _with_headers(JSONResponse({}))

    async def enter(self, request: Request) -> Response:
        """``POST /console/session`` with ``user`` and ``password`` in JSON, which no form of another site can send."""
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            return _refuse(415, "JSON is expected.")
        try:
            asked = await read_json(request)
            name, password = str(asked["user"])[:100], str(asked["password"])[:1000]
        except (ValueError, KeyError):
            return _refuse(400, "User and password are expected.")
        address = request.client.host if request.client is not None else ""
        if self._waiting >= MOST_WAITING or not self._sessions.try_once(address):
            return _refuse(429, "Too many tries: wait a minute.", {"Retry-After": "60"})
        self._waiting += 1
        try:
            async with self._checks:
                user = await asyncio.to_thread(sign_in, self._console, self._folder, name, password)
        finally:
            self._waiting -= 1
        if user is None:
            return _refuse(403, "The name or the password is wrong.")
        self._sessions.forgive(address)
        cookie, session = self._sessions.begin(user.name, user.role)
        answer = self._told(session)
        answer.set_cookie(
            COOKIE,
            cookie,
            max_age=int(LIFETIME_SECONDS),
            httponly=True,
            samesite="strict",
            secure=self._is_secure(request),
            path="/",
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """``DELETE /console/session``."""
        session = self._session(request)
        if session is not None and not session.accepts(request.headers.get("x-csrf-token", "")):
            return _refuse(403, _STALE)
        self._sessions.end(request.cookies.get(COOKIE, ""))
        answer = _with_headers(Response(status_code=204))
        answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict", secure=self._is_secure(request))
        return answer

    def _is_secure(self, request: Request) -> bool:
        return self._secure or request.url.scheme == "https"

    def _told(self, session: Session) -> Response:
        accounts = [{"sid": each.sid, "name": each.friendly_name} for each in self._accounts if each.active]
        told = {"user": session.user, "identity": session.identity, "role": session.role, "csrf": session.csrf}
        return _with_headers(JSONResponse({**told, "accounts": accounts}))

    def _objection(self, request: Request) -> tuple[int, str] | None:
        """Why a request may change nothing; None when it may."""
        session = self._session(request)
        if session is None:
            return 401, "Sign in first."
        if not session.accepts(request.headers.get("x-csrf-token", "")):
            return 403, _STALE
        if session.role != "admin":
            return 403, "A viewer may look, not change."
        return None

    def _session(self, request: Request) -> Session | None:
        return self._sessions.find(request.cookies.get(COOKIE, ""))


async def read_json(request: Request) -> dict[str, Any]:
    """The object that a request brings. Raises ValueError."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise ValueError("too long")
    try:
        found = json.loads(body)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _refuse(status: int, message: str, headers: dict[str, str] | None = None) -> Response:
    return _with_headers(JSONResponse({"message": message}, status, headers))


def _with_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
