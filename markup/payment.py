"""What Pay collects, what it asks a connector for, and how it went (spec section 2.15)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Result = Literal[
    "success",
    "too-many-failed-attempts",
    "payment-connector-error",
    "caller-interrupted-with-star",
    "caller-hung-up",
    "validation-error",
    "internal-error",
]
Method = Literal["credit-card", "ach-debit"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What is to be done, all of it known before a key is pressed."""

    connector: str = "Default"
    """Its name in the settings."""
    method: str = "credit-card"
    """``credit-card`` or ``ach-debit``."""
    amount: str = ""
    """As the document writes it; empty makes a token."""
    currency: str = "usd"
    token_type: str = "reusable"
    description: str = ""
    parameters: tuple[tuple[str, str], ...] = ()
    """For the connector, as ``<Parameter>`` children name them."""

    @property
    def charges(self) -> bool:
        """Whether money moves; else a token is made."""
        return bool(self.amount)


@dataclass(slots=True)
class Instrument:
    """A card or an account. No field of it that a caller typed is ever printed."""

    card_number: str = field(default="", repr=False)
    expiration: str = field(default="", repr=False)
    """MMYY."""
    postal_code: str = field(default="", repr=False)
    security_code: str = field(default="", repr=False)
    routing_number: str = field(default="", repr=False)
    account_number: str = field(default="", repr=False)
    account_type: str = ""

    def forget(self) -> None:
        """Let go of what was typed."""
        self.card_number = self.expiration = self.postal_code = self.security_code = ""
        self.routing_number = self.account_number = ""
