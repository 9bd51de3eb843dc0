"""The main account: from the settings, or made once and kept in ``data_dir``."""

from __future__ import annotations

import json
import os
import secrets

from voice.accounts.accounts import Account
from voice.errors import SettingsInvalid
from voice.identifiers import new_sid
from voice.settings import Settings


def open_account(settings: Settings) -> tuple[Account, bool]:
    """The account, and whether it was made just now. Raises SettingsInvalid when the kept one is unreadable."""
    path = settings.data_dir / "account.json"
    kept: dict[str, str] = {}
    if path.is_file():
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
            kept = {name: str(kept[name]) for name in ("sid", "auth_token")}
        except (ValueError, TypeError, KeyError) as error:
            raise SettingsInvalid(f"{path}: {error}") from None
    sid = settings.account.sid or kept.get("sid") or new_sid("AC")
    token = settings.account.auth_token or kept.get("auth_token") or secrets.token_hex(16)
    account, made = Account(sid, token), {"sid": sid, "auth_token": token}
    complete = bool(settings.account.sid and settings.account.auth_token)
    if complete or kept == made:
        return account, False
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(made, file)
    return account, True
