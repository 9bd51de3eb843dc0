"""Who may sign in to the console: users of the settings, or one administrator whose password is made once.

A hash is ``scrypt$salt$key`` in base64 (RFC 7914, N = 2^14, r = 8, p = 1).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from pathlib import Path

from voice.errors import SettingsInvalid
from voice.settings import Console, ConsoleUser

FIRST = "admin"
"""The user that there is when the settings name none."""
_NOBODY = "scrypt$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


def hash_password(password: str) -> str:
    """What the settings hold in the place of a password."""
    salt = secrets.token_bytes(16)
    return f"scrypt${base64.b64encode(salt).decode()}${base64.b64encode(_derive(password, salt)).decode()}"


def first_password(folder: Path) -> str:
    """The password of the first administrator, made when there is none yet; only our user can read the file.

    Raises SettingsInvalid when it is unreadable.
    """
    path = folder / "console.json"
    if path.is_file():
        try:
            return str(json.loads(path.read_text(encoding="utf-8"))["password"])
        except (ValueError, TypeError, KeyError) as error:
            raise SettingsInvalid(f"{path}: {error}") from None
    password = secrets.token_urlsafe(12)
    folder.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump({"user": FIRST, "password": password}, file)
    return password


def sign_in(console: Console, folder: Path, name: str, password: str) -> ConsoleUser | None:
    """The user with this name and password. Takes as long for an unknown name as for a wrong password; for worker threads."""
    users = {user.name: user for user in console.user}
    if not users:
        made = first_password(folder)
        right = hmac.compare_digest(made.encode(), password.encode(errors="replace"))
        return ConsoleUser(name=FIRST, role="admin", password_hash=_NOBODY) if right and name == FIRST else None
    user = users.get(name)
    _, salt, key = (user.password_hash if user is not None else _NOBODY).split("$")
    right = hmac.compare_digest(_derive(password, base64.b64decode(salt)), base64.b64decode(key))
    return user if right else None


def _derive(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(errors="replace"), salt=salt, n=1 << 14, r=8, p=1, dklen=32)
