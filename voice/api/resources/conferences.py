"""``/Conferences``: which there are and were, and how to change a live one (spec section 4.7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from voice.api.errors import ApiError
from voice.api.operation import Ask, get, post
from voice.api.paging import Page, select_page
from voice.api.parameters import METHOD, URL, Parameter, choice, dates, text
from voice.api.resources.orders import BAD_METHOD, BAD_URL
from voice.api.shapes import Shape, maybe, moment
from voice.api.shapes import sid as sid_of
from voice.api.shapes import text as string
from voice.conference.archive import conference_row
from voice.conference.conference import Conference
from voice.conference.conferences import Conferences
from voice.conference.room import OVER
from voice.store import records
from voice.store.database import Database
from voice.store.tables.rooms import CONFERENCES

LONGEST_NAME = 128
NOT_BRIDGED = 16001

CONFERENCE = Shape(
    "Conference",
    {
        "sid": sid_of("CF"),
        "account_sid": sid_of("AC"),
        "friendly_name": string(),
        "status": string(),
        "region": string("us1"),
        "api_version": string("2010-04-01"),
        "date_created": moment(),
        "date_updated": moment(),
        "reason_conference_ended": maybe(),
        "call_sid_ending_conference": maybe(),
    },
    "/Conferences/{sid}",
    {"participants": "/Participants", "recordings": "/Recordings"},
)

_STATUSES = ("init", "in-progress", "completed")
_CHANGES = (
    Parameter("Status", choice("completed")),
    Parameter("AnnounceUrl", URL, BAD_URL),
    Parameter("AnnounceMethod", METHOD, BAD_METHOD),
)
_FILTERS = (
    *dates("DateCreated"),
    *dates("DateUpdated"),
    Parameter("FriendlyName", text(LONGEST_NAME)),
    Parameter("Status", choice(*_STATUSES)),
)


class ConferenceResource:
    """All conferences: the live ones, which can be changed, and those that are over."""

    def __init__(self, conferences: Conferences, database: Database) -> None:
        self._conferences = conferences
        self._database = database

    @get("/Conferences", CONFERENCE, lists="conferences", filters=_FILTERS)
    async def list(self, ask: Ask) -> Page:
        """The conferences of an account, the newest first."""
        filters, columns = ask.filters, CONFERENCES.c
        query = select(CONFERENCES).where(
            columns.account_sid == ask.account.sid,
            *(columns[name] == filters[name] for name in ("friendly_name", "status") if filters.get(name)),
            *records.date_conditions(columns.date_created, filters, "date_created"),
            *records.date_conditions(columns.date_updated, filters, "date_updated"),
        )
        return await self._database.read(lambda connection: select_page(connection, query, CONFERENCES, ask.page))

    @get("/Conferences/{ConferenceSid}", CONFERENCE)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One conference, by its SID or, while it lives, by its name."""
        live = find_live(self._conferences, ask)
        if live is not None:
            return conference_row(live)
        row = await self._database.read(records.find(CONFERENCES, ask.account.sid, ask.keys["ConferenceSid"]))
        if row is None:
            raise ask.not_found()
        return row

    @post("/Conferences/{ConferenceSid}", CONFERENCE, takes=_CHANGES)
    async def update(self, ask: Ask) -> Mapping[str, Any]:
        """End a conference, or announce something in it."""
        conference, form = find_live(self._conferences, ask), ask.form
        if conference is None:
            row = await self.fetch(ask)
            if form.get("announce_url"):
                raise ApiError(400, OVER, "The conference is over")
            return row
        if form.get("announce_url"):
            if not conference.participants:
                raise ApiError(400, NOT_BRIDGED, "Nobody is in the conference yet who could hear an announcement")
            conference.announce(form["announce_url"], form.get("announce_method", "POST"))
        if "status" in form:
            conference.end()
            await self._database.settle()
        return conference_row(conference)


def find_live(conferences: Conferences, ask: Ask) -> Conference | None:
    """The live conference of a path, which names it by its SID or its friendly name."""
    key = ask.keys["ConferenceSid"]
    found = conferences.by_sid(key) or conferences.named(ask.account.sid, key)
    return found if found is not None and found.account_sid == ask.account.sid else None
