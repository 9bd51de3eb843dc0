"""Pages: whatever is added meanwhile, who follows the links sees every row that was there once, and none twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, insert, select

from voice.api.paging import Page, PageRequest, read_page, select_page, slice_page
from voice.store.tables.numbers import APPLICATIONS

EPOCH = datetime(2030, 1, 1, tzinfo=UTC)

ages = st.integers(0, 3)
"""Few, so that many rows are of one age."""
batches = st.lists(st.lists(ages, max_size=4), min_size=1, max_size=5)


def row(number: int, age: int) -> dict[str, Any]:
    moment = EPOCH + timedelta(milliseconds=age)
    # The names of rows are as random as those of SIDs: later ones are not greater.
    return {"sid": f"AP{number * 7919 % 10_007:032x}", "account_sid": "AC1", "date_created": moment, "date_updated": moment}


def follow(page: Page, *, backward: bool = False) -> PageRequest | None:
    """The request of the page that a link leads to."""
    token = page.previous if backward else page.next
    number = page.asked.number + (-1 if backward else 1)
    return read_page({"PageToken": [token], "Page": [str(max(0, number))], "PageSize": [str(page.asked.size)]}) if token else None


@settings(max_examples=60, deadline=None)
@given(begun=st.lists(ages, max_size=12), added=batches, size=st.integers(1, 5), newest_first=st.booleans())
def test_no_row_is_lost_or_doubled_while_rows_are_added(
    begun: list[int], added: Sequence[list[int]], size: int, newest_first: bool
) -> None:
    engine = create_engine("sqlite://")
    APPLICATIONS.create(engine)
    with engine.begin() as connection:
        rows = [row(number, age) for number, age in enumerate(begun)]
        if rows:
            connection.execute(insert(APPLICATIONS), rows)
        asked: PageRequest | None = PageRequest(size)
        seen: list[str] = []
        number = len(rows)
        while asked is not None:
            page = select_page(connection, select(APPLICATIONS), APPLICATIONS, asked, newest_first=newest_first)
            seen += [each["sid"] for each in page.rows]
            for age in added[len(seen) % len(added)]:
                connection.execute(insert(APPLICATIONS).values(row(number, age)))
                number += 1
                if number > 60:
                    break
            added = added if number <= 60 else [[]]
            asked = follow(page)
    engine.dispose()
    assert len(seen) == len(set(seen))
    assert {each["sid"] for each in rows} <= set(seen)


@settings(max_examples=60, deadline=None)
@given(begun=st.lists(ages, min_size=1, max_size=15), size=st.integers(1, 4))
def test_the_way_back_shows_the_same_pages(begun: list[int], size: int) -> None:
    engine = create_engine("sqlite://")
    APPLICATIONS.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(APPLICATIONS), [row(number, age) for number, age in enumerate(begun)])

        def fetch(asked: PageRequest) -> Page:
            return select_page(connection, select(APPLICATIONS), APPLICATIONS, asked)

        pages = [fetch(PageRequest(size))]
        while (following := follow(pages[-1])) is not None:
            pages.append(fetch(following))
        back = [pages[-1]]
        while (following := follow(back[-1], backward=True)) is not None:
            back.append(fetch(following))
    engine.dispose()
    assert [page.rows for page in reversed(back)] == [page.rows for page in pages]
    assert [page.asked.number for page in reversed(back)] == [page.asked.number for page in pages]


def test_a_row_that_is_deleted_takes_no_page_with_it() -> None:
    engine = create_engine("sqlite://")
    APPLICATIONS.create(engine)
    with engine.begin() as connection:
        connection.execute(insert(APPLICATIONS), [row(number, number) for number in range(4)])
        first = select_page(connection, select(APPLICATIONS), APPLICATIONS, PageRequest(2))
        connection.execute(delete(APPLICATIONS).where(APPLICATIONS.c.sid == first.rows[-1]["sid"]))
        following = follow(first)
        assert following is not None
        second = select_page(connection, select(APPLICATIONS), APPLICATIONS, following)
    engine.dispose()
    assert [each["date_created"] for each in second.rows] == [EPOCH + timedelta(milliseconds=1), EPOCH]


@given(rows=st.lists(ages, max_size=12), size=st.integers(1, 5))
def test_rows_at_hand_are_paged_like_those_of_the_store(rows: list[int], size: int) -> None:
    standing = sorted((each["date_created"], each["sid"]) for each in (row(number, age) for number, age in enumerate(rows)))
    shown = [{"sid": sid} for _, sid in standing]
    asked: PageRequest | None = PageRequest(size)
    seen: list[str] = []
    while asked is not None:
        page = slice_page(shown, asked, standing)
        assert len(page.rows) <= size
        seen += [each["sid"] for each in page.rows]
        asked = follow(page)
    assert seen == [sid for _, sid in standing]
