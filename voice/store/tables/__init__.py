"""Every table, so that whoever needs the whole schema has it."""

from voice.store.columns import METADATA
from voice.store.tables.accounts import ACCOUNTS, KEYS
from voice.store.tables.callbacks import CALLBACKS
from voice.store.tables.calls import CALLS
from voice.store.tables.notifications import NOTIFICATIONS
from voice.store.tables.numbers import APPLICATIONS, INCOMING_PHONE_NUMBERS, OUTGOING_CALLER_IDS
from voice.store.tables.recordings import RECORDINGS, SENTENCES, TRANSCRIPTIONS
from voice.store.tables.rooms import CONFERENCES, QUEUES
from voice.store.tables.sip import (
    CREDENTIAL_LISTS,
    CREDENTIALS,
    DOMAINS,
    IP_ACCESS_CONTROL_LISTS,
    IP_ADDRESSES,
    MAPPINGS,
    REGISTRATIONS,
)

__all__ = [
    "ACCOUNTS",
    "APPLICATIONS",
    "CALLBACKS",
    "CALLS",
    "CONFERENCES",
    "CREDENTIALS",
    "CREDENTIAL_LISTS",
    "DOMAINS",
    "INCOMING_PHONE_NUMBERS",
    "IP_ACCESS_CONTROL_LISTS",
    "IP_ADDRESSES",
    "KEYS",
    "MAPPINGS",
    "METADATA",
    "NOTIFICATIONS",
    "OUTGOING_CALLER_IDS",
    "QUEUES",
    "RECORDINGS",
    "REGISTRATIONS",
    "SENTENCES",
    "TRANSCRIPTIONS",
]
