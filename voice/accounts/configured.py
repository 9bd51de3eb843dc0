"""The SIP domains of the settings as rows of the store, where they are what REST would have made (spec section 4.16).

The users of a domain are a credential list, its networks an IP list; both are called like the domain and mapped to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, insert, select, tuple_

from sip.uri import Network
from voice.settings import SipDomain
from voice.store.domains import CALLS, REGISTRATIONS
from voice.store.tables.sip import CREDENTIAL_LISTS, CREDENTIALS, DOMAINS, IP_ACCESS_CONTROL_LISTS, IP_ADDRESSES, MAPPINGS

Row = Mapping[str, Any]

LISTS = (
    (CREDENTIAL_LISTS, CREDENTIALS, CREDENTIALS.c.credential_list_sid),
    (IP_ACCESS_CONTROL_LISTS, IP_ADDRESSES, IP_ADDRESSES.c.ip_access_control_list_sid),
)


def keep_domains(connection: Connection, domains: Iterable[SipDomain], account_sid: str, now: datetime) -> None:
    """Put the configured domains and lists in the place of those that were configured before, whatever REST has made of them.

    What REST has mapped to a configured domain stays so.
    """
    rows = _rows_of(domains)
    ages: dict[tuple[str, ...], datetime] = {}
    for table, condition in _old(rows):
        key = [*table.primary_key.columns]
        kept = connection.execute(select(*key, table.c.date_created).where(condition))
        ages |= {tuple(row[:-1]): row[-1] for row in kept}
        connection.execute(delete(table).where(condition))
    about = {"account_sid": account_sid, "date_updated": now}
    for table, made in rows.items():
        names = [column.name for column in table.primary_key.columns]
        dated = [{**row, **about, "date_created": ages.get(tuple(row[name] for name in names), now)} for row in made]
        if dated:
            connection.execute(insert(table), dated)
    _forget_mappings(connection)


def _old(rows: Mapping[Table, list[Row]]) -> Iterator[tuple[Table, ColumnElement[bool]]]:
    """What was configured before, and what is in the way; the lists after what is in them."""
    yield DOMAINS, DOMAINS.c.configured | DOMAINS.c.domain_name.in_([row["domain_name"] for row in rows[DOMAINS]])
    for lists, table, list_sid in LISTS:
        yield table, list_sid.in_(select(lists.c.sid).where(lists.c.configured))
        yield lists, lists.c.configured
    key = [*MAPPINGS.primary_key.columns]
    yield MAPPINGS, tuple_(*key).in_([tuple(row[column.name] for column in key) for row in rows[MAPPINGS]])


def _forget_mappings(connection: Connection) -> None:
    """Those whose domain or list is not there any more."""
    connection.execute(delete(MAPPINGS).where(MAPPINGS.c.domain_sid.not_in(select(DOMAINS.c.sid))))
    connection.execute(delete(MAPPINGS).where(and_(*(MAPPINGS.c.sid.not_in(select(lists.c.sid)) for lists, _, _ in LISTS))))


def _rows_of(domains: Iterable[SipDomain]) -> dict[Table, list[Row]]:
    rows: dict[Table, list[Row]] = {table: [] for table in (DOMAINS, *(table for each in LISTS for table in each[:2]), MAPPINGS)}
    for name, domain in {domain.domain.lower(): domain for domain in domains}.items():
        own = _row_of(domain, name)
        rows[DOMAINS].append(own)
        if domain.users:
            users = _list("CL", name)
            rows[CREDENTIAL_LISTS].append(users)
            rows[CREDENTIALS] += (_credential(users["sid"], *user) for user in domain.users.items())
            rows[MAPPINGS] += (_mapping(own["sid"], users["sid"], purpose) for purpose in (CALLS, REGISTRATIONS))
        if domain.networks:
            networks = _list("AL", name)
            rows[IP_ACCESS_CONTROL_LISTS].append(networks)
            rows[IP_ADDRESSES] += (_address(networks["sid"], network) for network in dict.fromkeys(domain.networks))
            rows[MAPPINGS].append(_mapping(own["sid"], networks["sid"], CALLS))
    return rows


def _list(prefix: str, name: str) -> dict[str, Any]:
    return {"sid": _sid(prefix, name), "friendly_name": name, "configured": True}


def _row_of(domain: SipDomain, name: str) -> dict[str, Any]:
    return {
        "sid": _sid("SD", name),
        "domain_name": name,
        "friendly_name": name,
        "voice_url": domain.voice_url or None,
        "voice_method": domain.voice_method,
        "voice_fallback_url": domain.voice_fallback_url or None,
        "voice_fallback_method": domain.voice_fallback_method,
        "voice_status_callback_url": domain.status_callback or None,
        "voice_status_callback_method": domain.status_callback_method,
        "sip_registration": domain.registration,
        "secure": domain.secure,
        "configured": True,
    }


def _credential(list_sid: str, username: str, password: str) -> Row:
    sid = _sid("CR", f"{list_sid}/{username}")
    return {"sid": sid, "credential_list_sid": list_sid, "username": username, "password": password}


def _address(list_sid: str, network: Network) -> Row:
    return {
        "sid": _sid("IP", f"{list_sid}/{network}"),
        "ip_access_control_list_sid": list_sid,
        "friendly_name": str(network),
        "ip_address": str(network.network_address),
        "cidr_prefix_length": network.prefixlen,
    }


def _mapping(domain_sid: str, list_sid: str, purpose: str) -> Row:
    return {"domain_sid": domain_sid, "sid": list_sid, "purpose": purpose}


def _sid(prefix: str, name: str) -> str:
    """The same at each start."""
    return prefix + hashlib.sha256(name.encode()).hexdigest()[:32]
