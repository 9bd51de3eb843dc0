"""A telephone in a process of its own: JSON lines in say what to do, JSON lines out say what happened.

usage: python -m tests.sip.phone PORT
"""

from __future__ import annotations

import itertools
import json
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from sip.addresses import Addresses
from sip.message import parse_message
from sip.pjsua.binding import Error, lib, pj
from sip.pjsua.library import Options, account_configuration, open_library
from sip.pjsua.ports import RowPorts
from tests.ports import TELEPHONES
from tests.sip.sound import RATE, SAMPLES, Tone, dominant, mixed

ROWS = 32
PITCHES = (500, 900, 1300, 1700)
"""Those that can be told apart in a sum."""
_OUT = threading.Lock()


def tell(**report: Any) -> None:
    with _OUT:
        print(json.dumps(report), flush=True)


class PhoneCall(pj.Call):  # type: ignore[misc]
    def __init__(self, phone: Phone, name: str, call_id: int, account: Any = None) -> None:
        super().__init__(account or phone.account, call_id)
        self.phone = phone
        self.name = name
        self.inbound = call_id != pj.PJSUA_INVALID_ID
        self.row = phone.free.pop()
        self.tone: Tone | None = None
        self.referral_answer = 202

    def onCallState(self, prm: Any) -> None:  # noqa: N802
        info = self.getInfo()
        text = ""
        if prm.e.type == pj.PJSIP_EVENT_TSX_STATE and prm.e.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG:
            text = prm.e.body.tsxState.src.rdata.wholeMsg
        headers = [list(pair) for pair in parse_message(text).headers]
        if info.state == pj.PJSIP_INV_STATE_EARLY and not self.inbound:
            tell(event="ringing", call=self.name, code=info.lastStatusCode)
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED:
            tell(event="answered", call=self.name)
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self.phone.calls.pop(self.name, None)
            self.phone.free.insert(0, self.row)
            tell(event="ended", call=self.name, code=info.lastStatusCode, headers=headers)

    def onCallMediaState(self, prm: Any) -> None:  # noqa: N802
        stream = lib.pjsua_call_get_conf_port(self.getInfo().id)
        if stream >= 0:
            player, capture = self.phone.ports.numbers(self.row)
            lib.pjsua_conf_connect(player, stream)
            lib.pjsua_conf_connect(stream, capture)

    def onCallTsxState(self, prm: Any) -> None:  # noqa: N802
        change = prm.e.body.tsxState.tsx
        if change.method == "INVITE" and change.state == pj.PJSIP_TSX_STATE_TERMINATED and change.statusCode == 200:
            tell(event="settled", call=self.name)

    def onCallTransferRequest(self, prm: Any) -> None:  # noqa: N802
        prm.statusCode = self.referral_answer
        if self.referral_answer < 300:
            name = f"referred{next(self.phone.numbers)}"
            prm.newCall = self.phone.calls[name] = PhoneCall(self.phone, name, pj.PJSUA_INVALID_ID)

    def onCallTransferStatus(self, prm: Any) -> None:  # noqa: N802
        tell(event="told", call=self.name, code=prm.statusCode, last=prm.finalNotify)

    def onDtmfDigit(self, prm: Any) -> None:  # noqa: N802
        tell(event="digit", call=self.name, digit=prm.digit)


class PhoneAccount(pj.Account):  # type: ignore[misc]
    def __init__(self, phone: Phone, user: str = "") -> None:
        super().__init__()
        self.phone = phone
        self.user = user

    def onRegState(self, prm: Any) -> None:  # noqa: N802
        tell(event="registered", call=self.user, code=prm.code, seconds=prm.expiration)

    def onIncomingCall(self, prm: Any) -> None:  # noqa: N802
        message = parse_message(prm.rdata.wholeMsg)
        user = message.request_uri.partition(":")[2].partition("@")[0]
        name = f"in{next(self.phone.numbers)}"
        call = self.phone.calls[name] = PhoneCall(self.phone, name, prm.callId, self)
        tell(event="incoming", call=name, user=user, headers=[list(pair) for pair in message.headers])
        self.phone.obey(call, self.phone.policy_for(user))


class Phone:
    def __init__(self, port: int) -> None:
        rx, tx = np.zeros((ROWS, SAMPLES), np.int16), np.zeros((ROWS, SAMPLES), np.int16)
        self.rx, self.tx = rx, tx
        self.ports = RowPorts(rx, tx, RATE)
        options = Options(RATE, Addresses(), port, TELEPHONES, ("PCMU", "PCMA"), "off", "test phone")
        self.library, _ = open_library(options, lambda: None)
        self.ports.open()
        self.account = PhoneAccount(self)
        self.options = options
        self.account.create(account_configuration(options, f"sip:phone@127.0.0.1:{port}", 4))
        self.accounts: dict[str, PhoneAccount] = {}
        """Those that are registered, by user."""
        self.calls: dict[str, PhoneCall] = {}
        self.policies: dict[str, dict[str, Any]] = {}
        self.told = threading.Condition()
        self.free = list(range(ROWS))
        self.numbers = itertools.count(1)
        self.listening: list[tuple[PhoneCall, int, list[np.ndarray[Any, Any]]]] = []
        self.stopping = threading.Event()

    def obey(self, call: PhoneCall, policy: dict[str, Any]) -> None:
        operation = pj.CallOpParam(True)
        for name, value in policy.get("headers", ()):
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            operation.txOption.headers.push_back(header)
        if policy.get("tone"):
            call.tone = Tone(policy["tone"])
        steps = {"answer": (180, 200), "ring": (180,), "early": (183,), "refuse": (policy.get("code", 0),), "ignore": ()}
        for code in steps[policy["kind"]]:
            operation.statusCode = code
            call.answer(operation)

    def tick(self) -> None:
        for call in list(self.calls.values()):
            self.tx[call.row] = call.tone.next() if call.tone else 0
        self.ports.exchange()
        for call, count, frames in list(self.listening):
            frames.append(self.rx[call.row].copy())
            if len(frames) == count:
                self.listening.remove((call, count, frames))
                tell(
                    event="heard",
                    call=call.name,
                    hz=dominant(np.concatenate(frames)),
                    tones=mixed(np.concatenate(frames), PITCHES),
                )

    def keep_time(self) -> None:
        self.library.libRegisterThread("media")
        due = time.monotonic()
        while not self.stopping.wait(max(0.0, due - time.monotonic())):
            self.tick()
            due += 0.02

    def register(self, order: dict[str, Any]) -> None:
        user, domain = order["user"], order["domain"]
        configuration = account_configuration(self.options, f"sip:{user}@{domain}", 4)
        configuration.regConfig.registrarUri = f"sip:{domain}"
        configuration.regConfig.timeoutSec = order["seconds"]
        configuration.sipConfig.proxies.push_back(f"<{order['proxy']};lr>")
        configuration.sipConfig.authCreds.push_back(pj.AuthCredInfo("digest", "*", user, 0, order["password"]))
        account = self.accounts[user] = PhoneAccount(self, user)
        account.create(configuration)

    def leave(self, order: dict[str, Any]) -> None:
        self.accounts[order["user"]].setRegistration(False)

    def dial(self, order: dict[str, Any]) -> None:
        account = self.accounts.get(order.get("user", ""))
        call = self.calls[order["call"]] = PhoneCall(self, order["call"], pj.PJSUA_INVALID_ID, account)
        operation = pj.CallOpParam(True)
        operation.opt.audioCount, operation.opt.videoCount = 1, 0
        if order.get("late"):
            operation.opt.flag |= pj.PJSUA_CALL_NO_SDP_OFFER
        for name, value in order.get("headers", ()):
            header = pj.SipHeader()
            header.hName, header.hValue = name, value
            operation.txOption.headers.push_back(header)
        call.makeCall(order["uri"], operation)

    def policy(self, order: dict[str, Any]) -> None:
        with self.told:
            self.policies[order["user"]] = order["policy"]
            self.told.notify_all()

    def policy_for(self, user: str) -> dict[str, Any]:
        """What to do with a call; the order that says so may still be in the pipe."""
        with self.told:
            self.told.wait_for(lambda: user in self.policies, timeout=0.5)
            return self.policies.get(user, {"kind": "refuse", "code": 404})

    def say(self, order: dict[str, Any]) -> None:
        self.calls[order["call"]].tone = Tone(order["hz"]) if order["hz"] else None

    def listen(self, order: dict[str, Any]) -> None:
        self.listening.append((self.calls[order["call"]], order["frames"], []))

    def press(self, order: dict[str, Any]) -> None:
        self.calls[order["call"]].dialDtmf(order["digits"])

    def hang_up(self, order: dict[str, Any]) -> None:
        self.calls[order["call"]].hangup(pj.CallOpParam())

    def hold(self, order: dict[str, Any]) -> None:
        call = self.calls[order["call"]]
        operation = pj.CallOpParam(True)
        if order["held"]:
            call.setHold(operation)
        else:
            operation.opt.flag |= pj.PJSUA_CALL_UNHOLD
            call.reinvite(operation)

    def refer(self, order: dict[str, Any]) -> None:
        call, operation = self.calls[order["call"]], pj.CallOpParam()
        if "other" in order:
            call.xferReplaces(self.calls[order["other"]], operation)
        else:
            call.xfer(order["target"], operation)

    def answer_referrals(self, order: dict[str, Any]) -> None:
        self.calls[order["call"]].referral_answer = order["code"]
        tell(event="ready", call=order["call"])

    def run(self) -> None:
        clock = threading.Thread(target=self.keep_time)
        clock.start()
        known = ("register", "leave", "dial", "policy", "say", "listen", "press", "hang_up", "hold", "refer", "answer_referrals")
        orders: dict[str, Callable[[dict[str, Any]], None]] = {name: getattr(self, name) for name in known}
        tell(event="ready")
        for line in sys.stdin:
            order = json.loads(line)
            try:
                orders[order["do"]](order)
            except (KeyError, Error) as error:
                print(f"{order}: {error!r}", file=sys.stderr, flush=True)
        self.stopping.set()
        clock.join()
        self.ports.close()
        self.library.hangupAllCalls()
        self.library.libDestroy(pj.PJSUA_DESTROY_NO_NETWORK)


if __name__ == "__main__":
    Phone(int(sys.argv[1])).run()
