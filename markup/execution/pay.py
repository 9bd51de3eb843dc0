"""Pay (spec section 2.15)."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace

from markup import commands, events
from markup.events import OperationId, Parameters
from markup.execution.nested import Children, goes_on, sequence
from markup.execution.prompting import Moment, built_in, choose_prompt, wants_matching
from markup.execution.steps import POSTAL_CODE, Case, Step, steps_of
from markup.payment import Result, Terms
from markup.script import Interruption, Run, Script
from markup.verbs.payment import NO_AMOUNT, Pay
from markup.wording import ENGLISH, wording_of

BAD_AMOUNT, NOT_SECURE = 64003, 64016
USUAL_ATTEMPTS = 2
"""Without ``maxAttempts`` a step is asked for once more."""
PROCESSING = "payment-processing"
END = "#"
_OPENED = (events.PaymentOpened, events.PaymentRefused)
_SETTLED = (events.PaymentSettled, events.PaymentRefused)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a payment ended."""

    result: Result
    error: str = ""
    code: int = 0
    connector_error: str = ""
    settled: events.PaymentSettled | None = None

    @property
    def parameters(self) -> Parameters:
        """What the action is told of it."""
        pairs: list[tuple[str, str]] = [("Result", self.result)]
        if self.settled is not None:
            pairs.append(("ProfileId", self.settled.profile))
            pairs.append(("PaymentToken", self.settled.token))
            pairs.append(("PaymentConfirmationCode", self.settled.confirmation))
        pairs += [("PaymentError", self.error)] if self.error else []
        pairs += [("PayErrorCode", str(self.code))] if self.code else []
        pairs += [("ConnectorError", self.connector_error)] if self.connector_error else []
        return tuple(pairs)


class _Stopped(Exception):
    """Nothing more is collected; carries why."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.result)
        self.outcome = outcome


_STARRED = Outcome("caller-interrupted-with-star")


def pay(script: Script, verb: Pay) -> Run:
    """Ask for each piece of a card or an account, hand it to the connector, and tell the action how it went.

    From the first prompt to the end the caller's keys are secret: see ``OpenPayment``. The action of a caller who hangs up hears
    of it by a farewell, that of one who is redirected does not.
    """
    script.answer()
    action = script.resolve(verb.action)
    callback = script.resolve(verb.status_callback) if verb.status_callback else ""
    if not action.startswith("https:"):
        script.report(NOT_SECURE, "the action of <Pay> is not https: what it is told crosses the network in the clear")
    run = _Payment(script, verb, callback)
    script.farewell = lambda cause: _say_farewell(run, action, cause)
    try:
        outcome = yield from run.collect_and_send()
    except _Stopped as stopped:
        outcome = stopped.outcome
    finally:
        run.case.instrument.forget()
    script.farewell = None
    script.stop_all()
    script.outcome = outcome.result
    if outcome.code:
        script.report(outcome.code, outcome.error, "error")
    run.tell(PROCESSING, 1, "", outcome.parameters)
    return script.jump(action, "POST", (*outcome.parameters, *run.parameters()))


def _say_farewell(run: _Payment, action: str, cause: Interruption) -> commands.Notify | None:
    if cause == "redirected":
        return None
    return commands.Notify(action, "POST", (*Outcome("caller-hung-up").parameters, *run.parameters()))


class _Payment:
    """One Pay at work."""

    def __init__(self, script: Script, verb: Pay, callback: str) -> None:
        self.case = Case(verb)
        self._script = script
        self._verb = verb
        self._callback = callback
        self._opened: OperationId = 0
        self._missing = [step.name for step in steps_of(verb)]

    def collect_and_send(self) -> Generator[None, events.Event, Outcome]:
        """All of it; raises _Stopped."""
        fault = _find_fault(self._verb)
        if fault is not None:
            return fault
        terms = terms_of(self._verb)
        yield from self._open(terms)
        for step in steps_of(self._verb):
            yield from self._ask(step)
            self._missing.remove(step.name)
        return (yield from self._send(terms))

    def parameters(self) -> Parameters:
        """What webhooks are told of what was collected."""
        return (("PaymentMethod", self._verb.payment_method), *self.case.shown.items())

    def tell(self, step: str, attempt: int, error: str, more: Parameters = ()) -> None:
        """Let the status callback know where the caller is."""
        if not self._callback:
            return
        pairs = [("For", step), ("Attempt", str(attempt))]
        pairs += [("ErrorType", error)] if error else []
        pairs.append(("PartialResult", "true" if self._missing else "false"))
        pairs.append(("Required", ",".join(self._missing)))
        told = (*pairs, *self.parameters(), *more)
        self._script.emit(commands.Notify(self._callback, self._verb.status_callback_method, told))

    def _open(self, terms: Terms) -> Generator[None, events.Event, None]:
        self._opened = opening = self._script.start(
            lambda number: commands.OpenPayment(number, terms), commands.ClosePayment, _OPENED
        )
        while True:
            match (yield):
                case events.PaymentOpened(id, today) if id == opening:
                    self.case.today = today
                    break
                case events.PaymentRefused(id, code, message) if id == opening:
                    raise _Stopped(Outcome("payment-connector-error", message, code))
                case events.DigitReceived("*"):
                    raise _Stopped(_STARRED)
        if self._verb.payment_method == "ach-debit":
            self.case.instrument.account_type = self.case.shown["BankAccountType"] = self._verb.bank_account_type
        elif self._verb.postal_code not in ("true", "false"):
            POSTAL_CODE.accept(self.case, self._verb.postal_code)

    def _ask(self, step: Step) -> Generator[None, events.Event, None]:
        """Until there is a good entry, or no attempt is left."""
        error = ""
        for attempt in range(1, (self._verb.max_attempts or USUAL_ATTEMPTS) + 1):
            self.tell(step.name, attempt, error)
            moment = Moment(step.name, attempt, error, self.case.card_type)
            entry = yield from self._listen(step, moment)
            error = step.fault(self.case, entry) if entry else "input-timeout"
            if not error and wants_matching(self._verb.prompts, step.name):
                second = yield from self._listen(step, replace(moment, error="", again=True))
                error = "" if second == entry else "input-matching-failed" if second else "input-timeout"
            if not error:
                step.accept(self.case, entry)
                return
        raise _Stopped(Outcome("too-many-failed-attempts", step.error if error == "input-timeout" else error))

    def _listen(self, step: Step, moment: Moment) -> Generator[None, events.Event, str]:
        """Collect keys while the prompt is heard; the first key silences it. Empty when none came in time."""
        script, entry = self._script, ""
        prompts = sequence(script, self._words(moment)[0])
        timer = None if goes_on(prompts) else script.set_timer(self._verb.timeout)
        while True:
            event = yield
            match event:
                case events.TimerFired(id) if id == timer:
                    return entry
                case events.DigitReceived("*"):
                    raise _Stopped(_STARRED)
                case events.DigitReceived(digit) if digit in "0123456789#":
                    prompts.close()
                    script.stop_all(but=self._opened)
                    entry += digit
                    if digit == END or step.is_complete(self.case, entry):
                        return entry.rstrip(END)
                    timer = script.set_timer(self._verb.timeout)
                case _ if timer is None and not goes_on(prompts, event):
                    timer = script.set_timer(self._verb.timeout)

    def _send(self, terms: Terms) -> Generator[None, events.Event, Outcome]:
        """Wait for the connector. The built-in words are finished, a prompt of the document's is cut when the answer is there.

        A star no longer cancels: what was sent cannot be taken back.
        """
        self.tell(PROCESSING, 1, "")
        instrument = replace(self.case.instrument)
        sending = self._script.start(
            lambda number: commands.SendPayment(number, terms, instrument), commands.ForgetPayment, _SETTLED
        )
        words, own = self._words(Moment(PROCESSING, card_type=self.case.card_type))
        prompts = sequence(self._script, words)
        talking = goes_on(prompts)
        outcome: Outcome | None = None
        while outcome is None or (talking and not own):
            event = yield
            match event:
                case events.PaymentSettled(id) if id == sending:
                    outcome = Outcome("success", settled=event)
                case events.PaymentRefused(id, code, message, connector_error) if id == sending:
                    outcome = Outcome("payment-connector-error", message, code, connector_error)
                case _ if talking:
                    talking = goes_on(prompts, event)
        prompts.close()
        return outcome

    def _words(self, moment: Moment) -> tuple[Children, bool]:
        """What is heard, and whether the document says so."""
        prompt = choose_prompt(self._verb.prompts, moment)
        if prompt is not None:
            return prompt.children, True
        return built_in(wording_of(self._verb.language) or ENGLISH, self._verb.language, moment, self.case.code_length), False


def _find_fault(pay: Pay) -> Outcome | None:
    """What the document says wrongly: nothing is collected then."""
    if pay.charge_amount == NO_AMOUNT:
        return Outcome("validation-error", "chargeAmount is not an amount from 0 to 1000000", BAD_AMOUNT)
    return None


def terms_of(pay: Pay) -> Terms:
    """What the connector is to be asked for."""
    charges = bool(pay.charge_amount) and float(pay.charge_amount) > 0
    return Terms(
        pay.payment_connector,
        pay.payment_method,
        pay.charge_amount if charges else "",
        pay.currency,
        pay.token_type,
        pay.description,
        tuple((parameter.name, parameter.value) for parameter in pay.parameters),
    )
