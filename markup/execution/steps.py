"""The steps of Pay: what each asks for, when it is complete, and what can be wrong with it (spec section 2.15). Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from markup import cards
from markup.payment import Instrument
from markup.verbs import Pay

EXPIRATION_DIGITS = 4
LONGEST_POSTAL_CODE = 12
HIDDEN_CODE = "***"
USUAL_CODE_LENGTH = 3


@dataclass(slots=True)
class Case:
    """One run of Pay: what is known of it so far."""

    pay: Pay
    today: date = date.min
    instrument: Instrument = field(default_factory=Instrument)
    shown: dict[str, str] = field(default_factory=dict, repr=False)
    """What webhooks are told of the accepted entries, by parameter; nothing that must stay secret."""

    @property
    def card_type(self) -> str:
        """The card's name in ``validCardTypes``; empty while it is not known."""
        return self.shown.get("PaymentCardType", "")

    @property
    def code_length(self) -> int:
        """Digits of the security code."""
        return next((scheme.code_length for scheme in cards.SCHEMES if scheme.name == self.card_type), USUAL_CODE_LENGTH)


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of information."""

    name: str
    """As ``for`` of Prompt says it."""
    error: str
    """The ``ErrorType`` of an entry that is not valid."""
    field: str
    """Of ``Instrument``."""
    is_complete: Callable[[Case, str], bool]
    """Whether no further key can belong to it."""
    fault: Callable[[Case, str], str]
    """The ``ErrorType`` of an entry; empty when it is good."""
    shown: Callable[[Case, str], dict[str, str]]
    """What webhooks are told of a good entry, by parameter."""

    def accept(self, case: Case, entry: str) -> None:
        """Keep a good entry."""
        setattr(case.instrument, self.field, entry)
        case.shown |= self.shown(case, entry)


def _card_fault(case: Case, number: str) -> str:
    scheme = cards.scheme_of(number, case.pay.valid_card_types)
    if scheme is None or not cards.is_card_number(number, scheme):
        return "invalid-card-number"
    return "" if scheme.name in case.pay.valid_card_types else "invalid-card-type"


def _shown_card(case: Case, number: str) -> dict[str, str]:
    scheme = cards.scheme_of(number, case.pay.valid_card_types)
    assert scheme is not None, "the number was accepted"
    return {"PaymentCardNumber": cards.mask_card(number), "PaymentCardType": scheme.name}


def _postal_fault(case: Case, code: str) -> str:
    return "" if len(code) >= case.pay.min_postal_code_length else "invalid-postal-code"


def _unless(error: str, is_good: Callable[[Case, str], bool]) -> Callable[[Case, str], str]:
    return lambda case, entry: "" if is_good(case, entry) else error


CARD_NUMBER = Step(
    "payment-card-number",
    "invalid-card-number",
    "card_number",
    lambda case, number: cards.is_complete(number, case.pay.valid_card_types),
    _card_fault,
    _shown_card,
)
EXPIRATION_DATE = Step(
    "expiration-date",
    "invalid-date",
    "expiration",
    lambda case, entry: len(entry) >= EXPIRATION_DIGITS,
    _unless("invalid-date", lambda case, entry: cards.is_unexpired(entry, case.today)),
    lambda case, entry: {"ExpirationDate": entry},
)
POSTAL_CODE = Step(
    "postal-code",
    "invalid-postal-code",
    "postal_code",
    lambda case, entry: len(entry) >= LONGEST_POSTAL_CODE,
    _postal_fault,
    lambda case, entry: {"PaymentCardPostalCode": entry},
)
SECURITY_CODE = Step(
    "security-code",
    "invalid-security-code",
    "security_code",
    lambda case, entry: len(entry) >= case.code_length,
    _unless("invalid-security-code", lambda case, entry: len(entry) == case.code_length),
    lambda case, entry: {"SecurityCode": HIDDEN_CODE},
)
ROUTING_NUMBER = Step(
    "bank-routing-number",
    "invalid-bank-routing-number",
    "routing_number",
    lambda case, entry: len(entry) >= cards.ROUTING_DIGITS,
    _unless("invalid-bank-routing-number", lambda case, entry: cards.is_routing_number(entry)),
    lambda case, entry: {"BankRoutingNumber": entry},
)
ACCOUNT_NUMBER = Step(
    "bank-account-number",
    "invalid-bank-account-number",
    "account_number",
    lambda case, entry: len(entry) >= cards.LONGEST_ACCOUNT,
    _unless("invalid-bank-account-number", lambda case, entry: cards.is_account_number(entry)),
    lambda case, entry: {"BankAccountNumber": cards.mask_account(entry)},
)


def steps_of(pay: Pay) -> tuple[Step, ...]:
    """What a document asks the caller for, in order."""
    if pay.payment_method == "ach-debit":
        return ROUTING_NUMBER, ACCOUNT_NUMBER
    asked = [CARD_NUMBER, EXPIRATION_DATE]
    if pay.postal_code == "true":
        asked.append(POSTAL_CODE)
    if pay.security_code:
        asked.append(SECURITY_CODE)
    return tuple(asked)
