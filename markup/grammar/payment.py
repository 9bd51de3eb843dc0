"""How Pay and Prompt are read (spec section 2.15)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from markup import verbs
from markup.grammar.attributes import PARAMETER, flags, status_callback, text
from markup.grammar.elements import Attribute, Child, Element, Fault, children
from markup.grammar.speech import PAUSE, PLAY, SAY
from markup.readers import amount, anything, boolean, choice, matching, numbers, seconds, some_of, url, whole

BAD_AMOUNT, BAD_CONNECTOR, BAD_TOKEN, BAD_CURRENCY, BAD_METHOD = 64003, 64004, 64006, 64011, 64013
ACCOUNT_WITH_CARD, BAD_VALUE = 64017, 64020
MOST_ATTEMPTS = 3
_CARDS = some_of("visa", "mastercard", "amex", "maestro", "discover", "optima", "jcb", "diners-club", "enroute")
_STEPS = (
    "payment-card-number",
    "expiration-date",
    "security-code",
    "postal-code",
    "bank-account-number",
    "bank-routing-number",
    "payment-processing",
)
_ERRORS = (
    "timeout",
    "input-timeout",
    "invalid-card-number",
    "invalid-card-type",
    "invalid-date",
    "invalid-security-code",
    "internal-error",
    "input-matching-failed",
)
_ACCOUNTS = choice("consumer-checking", "consumer-savings", "commercial-checking", "commercial-savings")
_LANGUAGES = "de-DE en-AU en-CA en-GB en-IN en-IE en-NZ en-PH en-ZA en-US es-ES es-US fr-CA fr-FR it-IT"


def _amend(pay: verbs.Pay, said: Collection[str]) -> tuple[verbs.Pay, tuple[Fault, ...]]:
    """Leave out a kind of account where cards pay (64017)."""
    if pay.payment_method == "ach-debit" or "bank_account_type" not in said:
        return pay, ()
    fault = (ACCOUNT_WITH_CARD, "bankAccountType of <Pay> means nothing where paymentMethod is credit-card")
    return replace(pay, bank_account_type=verbs.Pay().bank_account_type), (fault,)


PROMPT = Element(
    verbs.Prompt,
    {
        "for": Attribute("for_", some_of(*_STEPS), BAD_VALUE),
        "errorType": Attribute("error_type", some_of(*_ERRORS), BAD_VALUE),
        "cardType": Attribute("card_type", _CARDS, BAD_VALUE),
        "attempt": Attribute("attempt", numbers(1, MOST_ATTEMPTS), BAD_VALUE),
        **flags("requireMatchingInputs"),
    },
    children=children("children", Say=SAY, Play=PLAY, Pause=PAUSE),
)
PAY = Element(
    verbs.Pay,
    {
        "action": Attribute("action", url),
        "method": Attribute("method", choice("POST")),
        "input": Attribute("input", choice("dtmf"), BAD_VALUE),
        **status_callback(),
        "paymentMethod": Attribute("payment_method", choice("credit-card", "ach-debit"), BAD_METHOD),
        "bankAccountType": Attribute("bank_account_type", _ACCOUNTS, BAD_VALUE),
        "timeout": Attribute("timeout", seconds, BAD_VALUE),
        "maxAttempts": Attribute("max_attempts", whole(1, MOST_ATTEMPTS), BAD_VALUE),
        "securityCode": Attribute("security_code", boolean, BAD_VALUE),
        "postalCode": Attribute("postal_code", anything),
        "minPostalCodeLength": Attribute("min_postal_code_length", seconds, BAD_VALUE),
        "paymentConnector": Attribute("payment_connector", anything, BAD_CONNECTOR),
        "tokenType": Attribute("token_type", choice("one-time", "reusable", "payment-method"), BAD_TOKEN),
        "chargeAmount": Attribute("charge_amount", amount(1_000_000), BAD_AMOUNT, instead=verbs.payment.NO_AMOUNT),
        "currency": Attribute("currency", matching("[A-Za-z]{3}", "a currency of three letters"), BAD_CURRENCY),
        "language": Attribute("language", choice(*_LANGUAGES.split()), BAD_VALUE),
        **text("description"),
        "validCardTypes": Attribute("valid_card_types", _CARDS, BAD_VALUE),
    },
    children={"Prompt": Child(PROMPT, "prompts"), "Parameter": Child(PARAMETER, "parameters")},
    amend=_amend,
)
