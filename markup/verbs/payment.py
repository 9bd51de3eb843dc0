"""What a caller pays: Pay and Prompt (spec section 2.15)."""

from __future__ import annotations

from dataclasses import dataclass

from markup.verbs.roots import Noun, Parameter, Verb
from markup.verbs.speech import Pause, Play, Say

NO_AMOUNT = "invalid"
"""Stands for a ``chargeAmount`` that is no amount: a token must not be made where a charge was meant."""


@dataclass(frozen=True, slots=True)
class Prompt(Noun):
    """What is said instead of the built-in words at one step of Pay (section 2.15)."""

    children: tuple[Say | Play | Pause, ...] = ()
    """What is heard. Section 1.8."""
    for_: tuple[str, ...] = ()
    """The steps: ``payment-card-number expiration-date security-code postal-code bank-account-number bank-routing-number
    payment-processing``; empty is all. Section 2.15."""
    error_type: tuple[str, ...] = ()
    """The errors after which it is said; empty is none and all. Section 2.15."""
    card_type: tuple[str, ...] = ()
    """The cards for which it is said; empty is all. Section 2.15."""
    attempt: tuple[int, ...] = ()
    """The attempts, counted from 1, at which it is said; empty is all. Section 2.15."""
    require_matching_inputs: bool = False
    """Whether the caller enters it twice. Section 2.15."""


@dataclass(frozen=True, slots=True)
class Pay(Verb):
    """Collect what pays, and turn it into a token or a charge (section 2.15)."""

    prompts: tuple[Prompt, ...] = ()
    """What is said at which step; the one that says most about the case wins. Section 2.15."""
    parameters: tuple[Parameter, ...] = ()
    """For the connector. Section 2.15."""
    input: str = "dtmf"
    """``dtmf``. Section 2.15."""
    action: str = ""
    """Where the result goes, by POST; empty is the current document. Section 1.6, rule 4."""
    method: str = "POST"
    """Always POST. Section 2.15."""
    status_callback: str = ""
    """Where each step is told; empty is nowhere. Section 2.15."""
    status_callback_method: str = "POST"
    """GET or POST, for ``status_callback``."""
    payment_method: str = "credit-card"
    """``credit-card`` or ``ach-debit``. Section 2.15."""
    bank_account_type: str = "consumer-checking"
    """``consumer-checking``, ``consumer-savings``, ``commercial-checking`` or ``commercial-savings``. Section 2.15."""
    timeout: int = 5
    """Seconds between keys. Section 2.15."""
    max_attempts: int = 0
    """1 to 3, for each step; 0 is not said. Section 2.15."""
    security_code: bool = True
    """Whether it is asked for. Section 2.15."""
    postal_code: str = "true"
    """``true`` asks for it, ``false`` does not, anything else is it. Section 2.15."""
    min_postal_code_length: int = 0
    """Keys, at least 1; 0 is not said. Section 2.15."""
    payment_connector: str = "Default"
    """Which connector of the switch's. Section 2.15."""
    token_type: str = "reusable"
    """``one-time``, ``reusable`` or ``payment-method``. Section 2.15."""
    charge_amount: str = ""
    """Decimal, 0 to 1000000; empty or 0 makes a token only; ``NO_AMOUNT`` for what is none. Section 2.15."""
    currency: str = "usd"
    """ISO 4217, of ``charge_amount``. Section 2.15."""
    language: str = "en-US"
    """BCP 47, of the built-in words. Section 2.15."""
    description: str = ""
    """For the connector. Section 2.15."""
    valid_card_types: tuple[str, ...] = ("visa", "mastercard", "amex")
    """Cards that are taken. Section 2.15."""
