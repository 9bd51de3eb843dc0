"""SIP domains, who may call and register there, and who has registered (spec section 4.16)."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, Table, Text

from voice.store.columns import METADATA, SID, Moment, flag, maybe, resource, sid, text

DOMAINS = resource(
    "sip_domains",
    text("domain_name"),
    text("friendly_name"),
    text("api_version", "2010-04-01"),
    maybe("voice_url"),
    text("voice_method", "POST"),
    maybe("voice_fallback_url"),
    text("voice_fallback_method", "POST"),
    maybe("voice_status_callback_url"),
    text("voice_status_callback_method", "POST"),
    flag("sip_registration"),
    flag("secure"),
    flag("emergency_calling_enabled"),
    sid("emergency_caller_sid"),
    sid("byoc_trunk_sid"),
    flag("configured"),
    Index("uq_sip_domains_domain_name", "domain_name", unique=True),
)
"""A domain belongs to one account of all. ``configured`` ones come from the settings, which win at each start."""

CREDENTIAL_LISTS = resource("sip_credential_lists", text("friendly_name"), flag("configured"))

CREDENTIALS = resource(
    "sip_credentials",
    Column("credential_list_sid", SID, nullable=False),
    text("username"),
    text("password"),
    Index("uq_sip_credentials_username", "credential_list_sid", "username", unique=True),
)
"""``password`` is kept readable: digest authentication with SHA-256 and MD5 needs it for realms that are yet to come."""

IP_ACCESS_CONTROL_LISTS = resource("sip_ip_access_control_lists", text("friendly_name"), flag("configured"))

IP_ADDRESSES = resource(
    "sip_ip_addresses",
    Column("ip_access_control_list_sid", SID, nullable=False),
    text("friendly_name"),
    text("ip_address"),
    Column("cidr_prefix_length", Integer, nullable=False, default=32),
    Index("ix_sip_ip_addresses_list", "ip_access_control_list_sid"),
)

MAPPINGS = Table(
    "sip_mappings",
    METADATA,
    Column("domain_sid", SID, primary_key=True),
    Column("sid", SID, primary_key=True),
    Column("purpose", SID, primary_key=True),
    Column("account_sid", SID, nullable=False),
    Column("date_created", Moment, nullable=False),
    Column("date_updated", Moment, nullable=False),
)
"""Which lists a domain uses, and what for: ``purpose`` is ``calls`` or ``registrations``. A mapping has the SID of its list."""

REGISTRATIONS = Table(
    "sip_registrations",
    METADATA,
    Column("id", Text, primary_key=True),
    text("domain"),
    text("username"),
    Column("expires", Moment, nullable=False),
    Column("binding", JSON, nullable=False),
)
"""The contacts of registered phones, so that they can be reached after a restart."""
