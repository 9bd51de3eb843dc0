"""The SIP domains of the store as calls and REGISTER need them: with everything that their lists say (spec section 4.16)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from ipaddress import ip_address, ip_network
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, select

from sip.digest import Secret
from sip.uri import Network
from voice.routing.domains import Domain
from voice.store.tables.sip import CREDENTIALS, DOMAINS, IP_ADDRESSES, MAPPINGS

CALLS, REGISTRATIONS = "calls", "registrations"

Row = Mapping[str, Any]
Keep = Callable[[str, str], Secret]
"""What is kept of a username and its password."""


def read_domains(connection: Connection, keep: Keep, account_sid: str = "") -> dict[str, Domain | None]:
    """All domains by name, the oldest first; of one account only, the others are None."""
    query = select(DOMAINS).order_by(DOMAINS.c.date_created, DOMAINS.c.sid)
    rows = _rows(connection, query)
    lists = _Lists(connection, keep, account_sid)
    return {
        row["domain_name"]: lists.complete(row) if not account_sid or row["account_sid"] == account_sid else None for row in rows
    }


class _Lists:
    """What is in the lists that are mapped to domains, by SID."""

    def __init__(self, connection: Connection, keep: Keep, account_sid: str) -> None:
        self._users: dict[str, dict[str, Secret]] = defaultdict(dict)
        self._networks: dict[str, list[Network]] = defaultdict(list)
        self._mapped: dict[tuple[str, str], list[str]] = defaultdict(list)
        for row in _mapped_rows(connection, CREDENTIALS, CREDENTIALS.c.credential_list_sid, account_sid):
            self._users[row["credential_list_sid"]][row["username"]] = keep(row["username"], row["password"])
        for row in _mapped_rows(connection, IP_ADDRESSES, IP_ADDRESSES.c.ip_access_control_list_sid, account_sid):
            self._networks[row["ip_access_control_list_sid"]].append(_network(row))
        query = select(MAPPINGS).order_by(MAPPINGS.c.date_created, MAPPINGS.c.sid)
        for row in _rows(connection, query.where(*_of(MAPPINGS, account_sid))):
            self._mapped[row["domain_sid"], row["purpose"]].append(row["sid"])

    def complete(self, row: Row) -> Domain:
        """The domain of a row."""
        return Domain(
            name=row["domain_name"],
            account_sid=row["account_sid"],
            sid=row["sid"],
            voice_url=row["voice_url"] or "",
            voice_method=row["voice_method"],
            voice_fallback_url=row["voice_fallback_url"] or "",
            voice_fallback_method=row["voice_fallback_method"],
            status_callback=row["voice_status_callback_url"] or "",
            status_callback_method=row["voice_status_callback_method"],
            registration=row["sip_registration"],
            secure=row["secure"],
            registrants=self._secrets(row["sid"], REGISTRATIONS) or {},
            callers=self._secrets(row["sid"], CALLS),
            networks=self._allowed(row["sid"]),
        )

    def _secrets(self, domain_sid: str, purpose: str) -> dict[str, Secret] | None:
        """Of a username that is in several lists, the list that was mapped first counts."""
        lists = [sid for sid in self._mapped[domain_sid, purpose] if sid.startswith("CL")]
        found: dict[str, Secret] = {}
        for sid in reversed(lists):
            found |= self._users[sid]
        return found if lists else None

    def _allowed(self, domain_sid: str) -> tuple[Network, ...] | None:
        lists = [sid for sid in self._mapped[domain_sid, CALLS] if sid.startswith("AL")]
        return tuple(network for sid in lists for network in self._networks[sid]) if lists else None


def _mapped_rows(connection: Connection, table: Table, list_sid: ColumnElement[str], account_sid: str) -> list[Row]:
    """The rows of lists that a domain uses."""
    query = select(table).where(list_sid.in_(select(MAPPINGS.c.sid)), *_of(table, account_sid))
    return _rows(connection, query)


def _rows(connection: Connection, query: Select[Any]) -> list[Row]:
    return [dict(row) for row in connection.execute(query).mappings()]


def _network(row: Row) -> Network:
    address = ip_address(row["ip_address"])
    return ip_network((address, min(row["cidr_prefix_length"], address.max_prefixlen)), strict=False)


def _of(table: Table, account_sid: str) -> list[ColumnElement[bool]]:
    return [table.c.account_sid == account_sid] if account_sid else []
