"""What Pay says where its document holds no Prompt for the case (spec section 2.15, ``language``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """The built-in words in one language."""

    steps: Mapping[str, str]
    """What is asked for, by step; ``{digits}`` is the length of the security code."""
    again: str
    """Asks for the same a second time, to compare."""
    errors: Mapping[str, str]
    """What was wrong, said before asking again."""


ENGLISH = Wording(
    {
        "payment-card-number": "Please enter your card number, then press the pound key.",
        "expiration-date": "Please enter the expiration date of your card: two digits for the month and two for the year.",
        "postal-code": "Please enter your postal code, then press the pound key.",
        "security-code": "Please enter the security code of your card. It has {digits} digits.",
        "bank-routing-number": "Please enter the routing number of your bank. It has nine digits.",
        "bank-account-number": "Please enter your bank account number, then press the pound key.",
        "payment-processing": "One moment, please. Your payment is being processed.",
    },
    "Please enter it once more.",
    {
        "input-timeout": "I did not get any digits.",
        "invalid-card-number": "That is not a valid card number.",
        "invalid-card-type": "That kind of card is not accepted here.",
        "invalid-date": "That is not a valid expiration date.",
        "invalid-postal-code": "That is not a valid postal code.",
        "invalid-security-code": "That is not a valid security code.",
        "invalid-bank-routing-number": "That is not a valid routing number.",
        "invalid-bank-account-number": "That is not a valid account number.",
        "input-matching-failed": "The two entries are not the same.",
    },
)
_BRITISH = Wording(
    {
        **ENGLISH.steps,
        "payment-card-number": "Please enter your card number, then press the hash key.",
        "expiration-date": "Please enter the expiry date of your card: two digits for the month and two for the year.",
        "postal-code": "Please enter the digits of your postcode, then press the hash key.",
        "bank-account-number": "Please enter your bank account number, then press the hash key.",
    },
    ENGLISH.again,
    {**ENGLISH.errors, "invalid-date": "That is not a valid expiry date."},
)
_GERMAN = Wording(
    {
        "payment-card-number": "Bitte geben Sie Ihre Kartennummer ein und drücken Sie danach die Rautetaste.",
        "expiration-date": "Bitte geben Sie das Ablaufdatum Ihrer Karte ein: zwei Ziffern für den Monat und zwei für das Jahr.",
        "postal-code": "Bitte geben Sie Ihre Postleitzahl ein und drücken Sie danach die Rautetaste.",
        "security-code": "Bitte geben Sie die Prüfnummer Ihrer Karte ein. Sie hat {digits} Ziffern.",
        "bank-routing-number": "Bitte geben Sie die Routingnummer Ihrer Bank ein. Sie hat neun Ziffern.",
        "bank-account-number": "Bitte geben Sie Ihre Kontonummer ein und drücken Sie danach die Rautetaste.",
        "payment-processing": "Einen Moment bitte. Ihre Zahlung wird bearbeitet.",
    },
    "Bitte wiederholen Sie die Eingabe.",
    {
        "input-timeout": "Ich habe keine Ziffern erhalten.",
        "invalid-card-number": "Das ist keine gültige Kartennummer.",
        "invalid-card-type": "Diese Art von Karte wird hier nicht angenommen.",
        "invalid-date": "Das ist kein gültiges Ablaufdatum.",
        "invalid-postal-code": "Das ist keine gültige Postleitzahl.",
        "invalid-security-code": "Das ist keine gültige Prüfnummer.",
        "invalid-bank-routing-number": "Das ist keine gültige Routingnummer.",
        "invalid-bank-account-number": "Das ist keine gültige Kontonummer.",
        "input-matching-failed": "Die beiden Eingaben stimmen nicht überein.",
    },
)
_SPANISH = Wording(
    {
        "payment-card-number": "Por favor, introduzca el número de su tarjeta y pulse la tecla almohadilla.",
        "expiration-date": "Por favor, introduzca la fecha de caducidad de su tarjeta: dos dígitos del mes y dos del año.",
        "postal-code": "Por favor, introduzca su código postal y pulse la tecla almohadilla.",
        "security-code": "Por favor, introduzca el código de seguridad de su tarjeta. Tiene {digits} dígitos.",
        "bank-routing-number": "Por favor, introduzca el número de ruta de su banco. Tiene nueve dígitos.",
        "bank-account-number": "Por favor, introduzca el número de su cuenta bancaria y pulse la tecla almohadilla.",
        "payment-processing": "Un momento, por favor. Estamos procesando su pago.",
    },
    "Por favor, introdúzcalo otra vez.",
    {
        "input-timeout": "No he recibido ningún dígito.",
        "invalid-card-number": "Ese número de tarjeta no es válido.",
        "invalid-card-type": "Ese tipo de tarjeta no se acepta.",
        "invalid-date": "Esa fecha de caducidad no es válida.",
        "invalid-postal-code": "Ese código postal no es válido.",
        "invalid-security-code": "Ese código de seguridad no es válido.",
        "invalid-bank-routing-number": "Ese número de ruta no es válido.",
        "invalid-bank-account-number": "Ese número de cuenta no es válido.",
        "input-matching-failed": "Los dos datos no coinciden.",
    },
)
_FRENCH = Wording(
    {
        "payment-card-number": "Veuillez saisir le numéro de votre carte, puis appuyez sur la touche dièse.",
        "expiration-date": "Veuillez saisir la date d'expiration de votre carte : deux chiffres du mois et deux de l'année.",
        "postal-code": "Veuillez saisir votre code postal, puis appuyez sur la touche dièse.",
        "security-code": "Veuillez saisir le code de sécurité de votre carte. Il comporte {digits} chiffres.",
        "bank-routing-number": "Veuillez saisir le numéro d'acheminement de votre banque. Il comporte neuf chiffres.",
        "bank-account-number": "Veuillez saisir le numéro de votre compte bancaire, puis appuyez sur la touche dièse.",
        "payment-processing": "Un instant, s'il vous plaît. Votre paiement est en cours de traitement.",
    },
    "Veuillez le saisir une nouvelle fois.",
    {
        "input-timeout": "Je n'ai reçu aucun chiffre.",
        "invalid-card-number": "Ce numéro de carte n'est pas valide.",
        "invalid-card-type": "Ce type de carte n'est pas accepté.",
        "invalid-date": "Cette date d'expiration n'est pas valide.",
        "invalid-postal-code": "Ce code postal n'est pas valide.",
        "invalid-security-code": "Ce code de sécurité n'est pas valide.",
        "invalid-bank-routing-number": "Ce numéro d'acheminement n'est pas valide.",
        "invalid-bank-account-number": "Ce numéro de compte n'est pas valide.",
        "input-matching-failed": "Les deux saisies ne correspondent pas.",
    },
)
_ITALIAN = Wording(
    {
        "payment-card-number": "Inserisca il numero della sua carta, poi prema il tasto cancelletto.",
        "expiration-date": "Inserisca la data di scadenza della carta: due cifre per il mese e due per l'anno.",
        "postal-code": "Inserisca il suo codice postale, poi prema il tasto cancelletto.",
        "security-code": "Inserisca il codice di sicurezza della carta. Ha {digits} cifre.",
        "bank-routing-number": "Inserisca il codice di instradamento della sua banca. Ha nove cifre.",
        "bank-account-number": "Inserisca il numero del suo conto bancario, poi prema il tasto cancelletto.",
        "payment-processing": "Un momento, per favore. Il pagamento è in corso.",
    },
    "Lo inserisca di nuovo.",
    {
        "input-timeout": "Non ho ricevuto nessuna cifra.",
        "invalid-card-number": "Questo numero di carta non è valido.",
        "invalid-card-type": "Questo tipo di carta non è accettato.",
        "invalid-date": "Questa data di scadenza non è valida.",
        "invalid-postal-code": "Questo codice postale non è valido.",
        "invalid-security-code": "Questo codice di sicurezza non è valido.",
        "invalid-bank-routing-number": "Questo codice di instradamento non è valido.",
        "invalid-bank-account-number": "Questo numero di conto non è valido.",
        "input-matching-failed": "I due inserimenti non coincidono.",
    },
)

_BY_LANGUAGE = {
    "en-us": ENGLISH,
    "en-ca": ENGLISH,
    "en-ph": ENGLISH,
    "en": _BRITISH,
    "de": _GERMAN,
    "es": _SPANISH,
    "fr": _FRENCH,
    "it": _ITALIAN,
}


def wording_of(language: str) -> Wording | None:
    """The words of a BCP 47 language, else of its language alone; None when there are none."""
    tag = language.lower()
    return _BY_LANGUAGE.get(tag) or _BY_LANGUAGE.get(tag.partition("-")[0])
