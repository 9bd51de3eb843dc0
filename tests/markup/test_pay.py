"""Section 2.15."""

from __future__ import annotations

from datetime import date

import pytest

from markup import events
from markup.commands import (
    Answer,
    AudioFile,
    ClosePayment,
    Command,
    EndCall,
    FetchDocument,
    ForgetPayment,
    LeaveVerb,
    Notify,
    OpenPayment,
    SendPayment,
    SetTimer,
    Speech,
    StartPlayback,
    StopPlayback,
)
from markup.payment import Instrument
from tests.markup.dialogue import URL, Dialogue

TODAY = date(2030, 6, 15)
VISA, AMEX, MASTERCARD = "4111111111111111", "378282246310005", "5555555555554444"
CALLBACK = "http://app.example/told"


class Till(Dialogue):
    """A dialogue about money; the payment is open when ``twiml`` lets it be."""

    def __init__(self, attributes: str = "", prompts: str = "") -> None:
        super().__init__(f"<Pay {attributes} action='/paid'>{prompts}</Pay><Say>Never heard.</Say>")
        if self.every(OpenPayment):
            self.tell(events.PaymentOpened(self.last(OpenPayment).id, TODAY))

    def heard(self) -> str:
        """What is being said."""
        media = self.last(StartPlayback).media
        return str(media.text) if isinstance(media, Speech) else str(media)

    def enter(self, *entries: str) -> list[Command]:
        """Keys, each entry ended by the pound key unless it is complete before that."""
        for entry in entries:
            for digit in entry:
                self.press(digit)
        return self.asked

    def pay_by_card(self, number: str = VISA, code: str = "123") -> None:
        """All that is asked for a card."""
        self.enter(number + ("#" if number == VISA else ""), "0731", "94105#", code)

    def settle(self, **made: str) -> list[Command]:
        """The connector does it, and the words about it are over."""
        self.tell(events.PaymentSettled(self.last(SendPayment).id, **made))
        return self.played()

    def result(self) -> dict[str, str]:
        """What the action is told."""
        fetch = self.last(FetchDocument)
        assert (fetch.url, fetch.method) == ("http://app.example/paid", "POST")
        return dict(fetch.parameters)

    def told(self) -> list[dict[str, str]]:
        """What the status callback is told."""
        return [dict(notify.parameters) for notify in self.every(Notify) if notify.url == CALLBACK]


def test_a_card_is_collected_piece_by_piece_and_charged() -> None:
    """Card number, expiration date, postal code, security code; then the connector; then the action."""
    call = Till("chargeAmount='20.45' description='A telephone'")
    assert [type(command) for command in call.every(Command)][2:4] == [Answer, Answer] or call.every(Answer)
    heard = []
    for entry in (VISA + "#", "0731", "94105#", "123"):
        heard.append(call.heard())
        call.enter(entry)
    assert ["card number" in heard[0], "expiration" in heard[1], "postal" in heard[2], "3 digits" in heard[3]] == [True] * 4
    sent = call.last(SendPayment)
    assert (sent.terms.amount, sent.terms.currency, sent.terms.description, sent.terms.charges) == (
        "20.45",
        "usd",
        "A telephone",
        True,
    )
    assert sent.instrument == Instrument(VISA, "0731", "94105", "123")
    call.settle(confirmation="ch_1")
    assert call.result() == {
        "Result": "success",
        "ProfileId": "",
        "PaymentToken": "",
        "PaymentConfirmationCode": "ch_1",
        "PaymentMethod": "credit-card",
        "PaymentCardNumber": "xxxxxxxxxxxx1111",
        "PaymentCardType": "visa",
        "ExpirationDate": "0731",
        "PaymentCardPostalCode": "94105",
        "SecurityCode": "***",
    }
    assert call.last(LeaveVerb).outcome == "success"


@pytest.mark.parametrize("attributes", ["", "chargeAmount='0'", "chargeAmount='0.00' tokenType='one-time'"])
def test_without_an_amount_a_token_is_made(attributes: str) -> None:
    """0 or absent = tokenise."""
    call = Till(attributes)
    call.pay_by_card()
    assert not call.last(SendPayment).terms.charges
    call.settle(token="tok_1", profile="cus_1")
    assert (call.result()["PaymentToken"], call.result()["ProfileId"]) == ("tok_1", "cus_1")


def test_the_action_is_the_current_document_unless_said() -> None:
    """action: current document URL."""
    call = Dialogue("<Pay/>")
    call.tell(events.PaymentOpened(call.last(OpenPayment).id, TODAY))
    call.press("*")
    assert call.last(FetchDocument).url == URL


@pytest.mark.parametrize(
    ("attributes", "entries"),
    [
        ("securityCode='false'", (VISA + "#", "0731", "94105#")),
        ("postalCode='false'", (VISA + "#", "0731", "123")),
        ("postalCode='94105'", (VISA + "#", "0731", "123")),
        ("postalCode='false' securityCode='false'", (VISA + "#", "0731")),
    ],
)
def test_what_is_not_wanted_is_not_asked_for(attributes: str, entries: tuple[str, ...]) -> None:
    """securityCode true false; postalCode true false or a value."""
    call = Till(attributes)
    call.enter(*entries)
    sent = call.last(SendPayment).instrument
    assert sent.postal_code == ("" if "postalCode='false'" in attributes else "94105")
    assert sent.security_code == ("" if "securityCode" in attributes else "123")


def test_a_bank_account_is_collected() -> None:
    """ach-debit: routing number and account number, of which the last two digits are told."""
    call = Till(
        "paymentMethod='ach-debit' bankAccountType='consumer-savings' chargeAmount='5'", "<Parameter name='AVSName' value='A B'/>"
    )
    call.enter("121181976", "508862392#")
    sent = call.last(SendPayment)
    assert sent.instrument == Instrument(routing_number="121181976", account_number="508862392", account_type="consumer-savings")
    assert sent.terms.parameters == (("AVSName", "A B"),)
    call.settle(confirmation="ch_2")
    told = call.result()
    assert (told["BankAccountNumber"], told["BankRoutingNumber"], told["BankAccountType"]) == (
        "*******92", "121181976", "consumer-savings",
    )  # fmt: skip
    assert told["PaymentMethod"] == "ach-debit"


def test_the_security_code_of_american_express_has_four_digits() -> None:
    """Security-code lengths by card type."""
    call = Till("postalCode='false'")
    call.enter(AMEX, "0731")
    assert "4 digits" in call.heard()
    call.enter("123")
    assert not call.every(SendPayment)
    call.enter("4")
    assert call.last(SendPayment).instrument.security_code == "1234"


@pytest.mark.parametrize(
    ("entries", "error"),
    [
        (("4111111111111112#",), "invalid-card-number"),
        (("4111#",), "invalid-card-number"),
        (("6011111111111117#",), "invalid-card-type"),
        ((VISA + "#", "0530"), "invalid-date"),
        ((VISA + "#", "07#"), "invalid-date"),
        ((VISA + "#", "0731", "941#"), "invalid-postal-code"),
        ((VISA + "#", "0731", "94105#", "12#"), "invalid-security-code"),
        (("#",), "input-timeout"),
    ],
)
def test_a_bad_entry_is_asked_for_again_and_named(entries: tuple[str, ...], error: str) -> None:
    """ErrorType; without maxAttempts once more, then too-many-failed-attempts."""
    call = Till(f"minPostalCodeLength='5' statusCallback='{CALLBACK}'")
    call.enter(*entries)
    assert (call.told()[-1]["ErrorType"], call.told()[-1]["Attempt"]) == (error, "2")
    call.enter(entries[-1])
    result = call.result()
    assert result["Result"] == "too-many-failed-attempts"
    assert result["PaymentError"] == ("invalid-card-number" if error == "input-timeout" else error)


def test_attempts_are_counted_for_each_step() -> None:
    """maxAttempts 1, 2, 3."""
    call = Till("maxAttempts='3' postalCode='false'")
    call.enter("1#", "2#", VISA + "#", "0000", "0001", "0731", "1#", "2#", "123")
    assert call.every(SendPayment)
    once = Till("maxAttempts='1'")
    once.enter("1#")
    assert once.result()["Result"] == "too-many-failed-attempts"


def test_a_caller_who_presses_nothing_is_asked_again_and_then_given_up() -> None:
    """timeout: seconds between digits."""
    call = Till("timeout='7'")
    call.played()
    assert call.last(SetTimer).seconds == 7
    call.timer()
    assert "did not get any digits" in call.heard()
    call.played()
    call.timer()
    assert call.result()["Result"] == "too-many-failed-attempts"


def test_the_timeout_ends_an_entry_that_no_key_ends() -> None:
    """timeout passes with some digits: they are the entry."""
    call = Till()
    call.enter(VISA)
    call.timer()
    assert "expiration" in call.heard()


def test_the_first_key_silences_the_prompt() -> None:
    """As Gather does."""
    call = Till()
    prompt = call.last(StartPlayback).id
    assert call.press("4")[0] == StopPlayback(prompt)


@pytest.mark.parametrize("entries", [(), ("4111",), (VISA + "#",), (VISA + "#", "0731", "94105#", "12")])
def test_a_star_cancels_everywhere(entries: tuple[str, ...]) -> None:
    """`*` cancels."""
    call = Till()
    call.enter(*entries, "*")
    assert call.result()["Result"] == "caller-interrupted-with-star"
    assert not call.every(SendPayment)
    assert call.every(ClosePayment)


def test_a_star_does_not_take_back_what_was_sent() -> None:
    """The connector may have charged the card already."""
    call = Till()
    call.pay_by_card()
    call.press("*")
    call.settle(token="tok")
    assert call.result()["Result"] == "success"


@pytest.mark.parametrize("entries", [(), (VISA + "#", "07"), (VISA + "#", "0731", "94105#", "123")])
def test_hanging_up_is_told_to_the_action(entries: tuple[str, ...]) -> None:
    """Result=caller-hung-up, whose answer is not run."""
    call = Till()
    call.enter(*entries)
    asked = call.tell(events.HungUp())
    farewell = call.last(Notify)
    assert (farewell.url, dict(farewell.parameters)["Result"]) == ("http://app.example/paid", "caller-hung-up")
    assert [type(command) for command in asked[-2:]] == [Notify, EndCall]
    assert ClosePayment(call.last(OpenPayment).id) in asked
    if call.every(SendPayment):
        assert ForgetPayment(call.last(SendPayment).id) in asked


def test_a_redirected_caller_is_not_told_of() -> None:
    """Section 4.6: a live change discards the document."""
    call = Till()
    call.enter("4111")
    call.tell(events.Redirected("http://app.example/new"))
    assert not call.every(Notify)
    assert call.every(ClosePayment)


def test_the_connector_refuses() -> None:
    """payment-connector-error with PaymentError, PayErrorCode and ConnectorError; 64008 is also reported."""
    call = Till("chargeAmount='1'")
    call.pay_by_card()
    call.tell(
        events.PaymentRefused(call.last(SendPayment).id, 64008, "The card was declined", "card_declined The card was declined")
    )
    call.played()
    result = call.result()
    assert (result["Result"], result["PayErrorCode"], result["PaymentError"], result["ConnectorError"]) == (
        "payment-connector-error", "64008", "The card was declined", "card_declined The card was declined",
    )  # fmt: skip
    assert 64008 in call.reports()


def test_nothing_is_asked_of_the_caller_when_no_connector_can_do_it() -> None:
    """64004: the name of the connector."""
    call = Dialogue("<Pay paymentConnector='Nobody'/>")
    call.tell(events.PaymentRefused(call.last(OpenPayment).id, 64004, "there is none"))
    assert not call.every(StartPlayback)
    assert dict(call.last(FetchDocument).parameters)["PayErrorCode"] == "64004"


@pytest.mark.parametrize("amount", ["-0.59", "1000000.01", "ten"])
def test_an_amount_that_is_none_collects_nothing(amount: str) -> None:
    """validation-error: an invalid attribute of Pay. A token must not be made where a charge was meant."""
    call = Till(f"chargeAmount='{amount}'")
    assert not call.every(OpenPayment)
    result = call.result()
    assert (result["Result"], result["PayErrorCode"]) == ("validation-error", "64003")
    assert 64003 in call.reports()


def test_a_kind_of_account_is_of_no_use_to_a_card() -> None:
    """64017: bankAccountType with card."""
    call = Till("bankAccountType='consumer-savings'")
    assert 64017 in call.reports()
    call.pay_by_card()
    assert call.last(SendPayment).instrument.account_type == ""


def test_an_action_that_is_not_https_is_warned_of() -> None:
    """action: https URL."""
    assert 64016 in Till().reports()


def test_each_step_is_told_to_the_status_callback() -> None:
    """For, Attempt, PartialResult, Required, and what was collected, masked."""
    call = Till(f"statusCallback='{CALLBACK}' statusCallbackMethod='GET' postalCode='false'")
    call.enter(VISA + "#", "0000", "0731", "123")
    call.settle(token="tok")
    told = call.told()
    assert [(each["For"], each["Attempt"], each.get("ErrorType", "")) for each in told] == [
        ("payment-card-number", "1", ""), ("expiration-date", "1", ""), ("expiration-date", "2", "invalid-date"),
        ("security-code", "1", ""), ("payment-processing", "1", ""), ("payment-processing", "1", ""),
    ]  # fmt: skip
    assert (told[0]["PartialResult"], told[0]["Required"]) == ("true", "payment-card-number,expiration-date,security-code")
    assert (told[3]["Required"], told[3]["PaymentCardNumber"]) == ("security-code", "xxxxxxxxxxxx1111")
    assert (told[-1]["PartialResult"], told[-1]["Result"], told[-1]["PaymentToken"]) == ("false", "success", "tok")
    assert call.last(Notify).method == "GET"


def test_no_command_but_one_ever_holds_what_was_typed() -> None:
    """All digits must be redacted: the journal, webhooks and logs are made of commands."""
    call = Till(f"statusCallback='{CALLBACK}' chargeAmount='1'")
    call.pay_by_card(VISA, "987")
    call.settle(confirmation="ch")
    written = " ".join(repr(command) for command in call.all)
    assert VISA not in written
    assert "987" not in written


PROMPTS = """
<Prompt for='payment-card-number'><Say>plain</Say></Prompt>
<Prompt for='payment-card-number' attempt='2 3'><Say>second</Say></Prompt>
<Prompt for='payment-card-number' errorType='timeout'><Say>slow</Say></Prompt>
<Prompt for='payment-card-number expiration-date' errorType='invalid-card-number' attempt='2'><Say>wrong</Say></Prompt>
<Prompt for='security-code' cardType='amex discover'><Say>four</Say></Prompt>
<Prompt for='security-code'><Say>three</Say></Prompt>
<Prompt for='payment-processing'><Play>/music</Play></Prompt>
"""


def test_the_most_specific_prompt_is_heard() -> None:
    """The most specific matching Prompt replaces the built-in one."""
    call = Till("maxAttempts='3' postalCode='false'", PROMPTS)
    heard = [call.heard()]
    for entry in (
        "1#",
        "6011111111111117#",
        "#",
    ):
        call.enter(entry)
        heard.append(call.heard())
    assert heard == ["plain", "wrong", "second", "second"] or heard[:3] == ["plain", "wrong", "second"]


@pytest.mark.parametrize(("number", "words"), [(AMEX, "four"), (MASTERCARD, "three")])
def test_a_prompt_may_be_for_some_cards(number: str, words: str) -> None:
    """cardType."""
    call = Till("postalCode='false'", PROMPTS)
    call.enter(number, "0731")
    assert call.heard() == words


def test_two_names_of_the_error_of_who_presses_nothing() -> None:
    """`timeout` / `input-timeout`."""
    call = Till("", PROMPTS)
    call.enter("#")
    assert call.heard() == "slow"


def test_a_prompt_of_the_document_for_the_processing_is_cut_by_the_answer() -> None:
    """Music while the connector thinks need not end first."""
    call = Till("postalCode='false'", PROMPTS)
    call.enter(MASTERCARD, "0731", "123")
    assert call.last(StartPlayback).media == AudioFile("http://app.example/music")
    call.tell(events.PaymentSettled(call.last(SendPayment).id, token="tok"))
    assert StopPlayback(call.last(StartPlayback).id) in call.asked
    assert call.result()["Result"] == "success"


MATCHING = """
<Prompt for='bank-account-number'><Say>account</Say></Prompt>
<Prompt for='bank-account-number' requireMatchingInputs='true'><Say>again</Say></Prompt>
<Prompt for='bank-account-number' errorType='input-matching-failed'><Say>differs</Say></Prompt>
"""


def test_an_entry_may_be_asked_for_twice() -> None:
    """requireMatchingInputs; input-matching-failed."""
    call = Till(f"paymentMethod='ach-debit' statusCallback='{CALLBACK}'", MATCHING)
    call.enter("121181976")
    assert call.heard() == "account"
    call.enter("508862392#")
    assert call.heard() == "again"
    call.enter("508862393#")
    assert call.heard() == "differs"
    assert call.told()[-1]["ErrorType"] == "input-matching-failed"
    call.enter("508862392#", "508862392#")
    assert call.last(SendPayment).instrument.account_number == "508862392"


@pytest.mark.parametrize(
    ("language", "words"),
    [("en-GB", "hash key"), ("de-DE", "Rautetaste"), ("es-US", "almohadilla"), ("fr-CA", "dièse"), ("it-IT", "cancelletto")],
)
def test_the_built_in_words_are_in_the_language_of_the_document(language: str, words: str) -> None:
    """language."""
    call = Till(f"language='{language}'")
    assert words in call.heard()
    media = call.last(StartPlayback).media
    assert isinstance(media, Speech)
    assert media.language == language
