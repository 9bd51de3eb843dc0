"""``/AvailablePhoneNumbers``: the numbers that an account may still take (spec section 4.13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from babel import Locale

from voice.accounts.pool import Offer, Pool, contains, has_area_code
from voice.api.operation import Ask, get
from voice.api.paging import Page
from voice.api.parameters import BOOLEAN, Parameter, matching, text
from voice.api.resources.numbers import BAD_AREA_CODE, CAPABILITIES, KINDS, PATTERN
from voice.api.shapes import Shape, anything, flag, maybe
from voice.api.shapes import text as string
from voice.routing.address import national_form

COUNTRY = Shape(
    "Country",
    {"country_code": string(), "country": string(), "beta": flag()},
    "/AvailablePhoneNumbers/{country_code}",
    {"local": "/Local", "toll_free": "/TollFree", "mobile": "/Mobile"},
)
AVAILABLE = Shape(
    "AvailablePhoneNumber",
    {
        "friendly_name": string(),
        "phone_number": string(),
        "lata": maybe(),
        "locality": maybe(),
        "rate_center": maybe(),
        "latitude": maybe(),
        "longitude": maybe(),
        "region": maybe(),
        "postal_code": maybe(),
        "iso_country": string(),
        "address_requirements": string("none"),
        "beta": flag(),
        "capabilities": anything(default={"voice": True, "SMS": False, "MMS": False, "fax": False}),
    },
)
_ABILITIES = {f"{name}_enabled": able for name, able in CAPABILITIES.items()}
_PLACES = {"in_region": "region", "in_locality": "locality", "in_postal_code": "postal_code"}
_FILTERS = (
    Parameter("AreaCode", matching("([0-9]{3})?", "three digits"), BAD_AREA_CODE),
    Parameter("Contains", PATTERN),
    *(Parameter(name, BOOLEAN) for name in ("VoiceEnabled", "SmsEnabled", "MmsEnabled", "FaxEnabled")),
    *(Parameter(name, text(100)) for name in ("InRegion", "InLocality", "InPostalCode")),
)
_ALL = "/AvailablePhoneNumbers"
_KEY = "available_phone_numbers"


class AvailablePhoneNumbers:
    """The resource."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @get(_ALL, COUNTRY, lists="countries")
    async def list(self, ask: Ask) -> Page:
        """The countries that have numbers."""
        return Page([_country(ask, code) for code in self._pool.countries], ask.page)

    @get(f"{_ALL}/{{CountryCode}}", COUNTRY)
    async def fetch(self, ask: Ask) -> Mapping[str, Any]:
        """One country."""
        return _country(ask, self._code(ask))

    @get(f"{_ALL}/{{CountryCode}}/Local", AVAILABLE, lists=_KEY, filters=_FILTERS)
    async def local(self, ask: Ask) -> Page:
        """Local numbers of a country, as many as fit on a page."""
        return self._page(ask, KINDS["Local"])

    @get(f"{_ALL}/{{CountryCode}}/Mobile", AVAILABLE, lists=_KEY, filters=_FILTERS)
    async def mobile(self, ask: Ask) -> Page:
        """Mobile numbers of a country, as many as fit on a page."""
        return self._page(ask, KINDS["Mobile"])

    @get(f"{_ALL}/{{CountryCode}}/TollFree", AVAILABLE, lists=_KEY, filters=_FILTERS)
    async def toll_free(self, ask: Ask) -> Page:
        """Toll-free numbers of a country, as many as fit on a page."""
        return self._page(ask, KINDS["TollFree"])

    def _code(self, ask: Ask) -> str:
        code = ask.keys["CountryCode"].upper()
        if code not in self._pool.countries:
            raise ask.not_found()
        return code

    def _page(self, ask: Ask, kind: str) -> Page:
        rows = []
        for offer in _chosen(ask.filters, self._pool.offers(self._code(ask), kind)):
            rows.append(_row(offer))
            if len(rows) == ask.page.size:
                break
        return Page(rows, ask.page)


def _chosen(filters: Mapping[str, Any], offers: Iterator[Offer]) -> Iterator[Offer]:
    if any(filters.get(name, able) != able for name, able in _ABILITIES.items()):
        return
    for offer in offers:
        if filters.get("area_code") and not has_area_code(offer, filters["area_code"]):
            continue
        if filters.get("contains") and not contains(offer, filters["contains"]):
            continue
        if all(filters.get(name, "") in ("", getattr(offer.about, place)) for name, place in _PLACES.items()):
            yield offer


def _row(offer: Offer) -> dict[str, Any]:
    about = offer.about
    return {
        "phone_number": offer.phone_number,
        "friendly_name": national_form(offer.phone_number),
        "locality": about.locality or None,
        "region": about.region or None,
        "postal_code": about.postal_code or None,
        "iso_country": about.country,
    }


def _country(ask: Ask, code: str) -> dict[str, Any]:
    name = Locale("en").territories.get(code, code)
    return {"account_sid": ask.account.sid, "country_code": code, "country": name}
