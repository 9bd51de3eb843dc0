"""The signature doctor: what was signed of a request in a call's journal, and why another signature came out elsewhere."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from voice.accounts.accounts import Accounts
from voice.console.gate import read_json
from voice.web.examination import examine
from voice.web.signature import signed_parameters
from voice.web.webhook import signed_of


class SignatureDesk:
    """Examines signatures with the tokens of the accounts, which it does not tell."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def examine(self, request: Request) -> Response:
        """``account``, ``method``, ``url`` and ``parameters`` of a request; ``signature`` may be what the other side expects."""
        try:
            asked = await read_json(request)
            method, url, account = (str(asked[name]) for name in ("method", "url", "account"))
            pairs = tuple((str(name), str(value)) for name, value in dict(asked.get("parameters") or {}).items())
            signed, form = signed_of(method.upper(), url, pairs)
        except (ValueError, KeyError, TypeError):
            return JSONResponse({"message": "A method, a URL, an account and parameters are expected."}, 400)
        found_account = self._accounts.get(account)
        if found_account is None:
            return JSONResponse({"message": "There is no such account."}, 404)
        given = str(asked.get("signature") or "").strip()
        found = examine(found_account.auth_token, signed, form, given)
        return JSONResponse(
            {
                "url": signed,
                "parameters": signed_parameters(form),
                "text": found.text,
                "signature": found.signature,
                "right": found.right if given else None,
                "said": found.said if given else "Paste the signature that your application computed, to have it compared.",
            }
        )
