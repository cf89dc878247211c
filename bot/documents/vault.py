"""Seals what must not lie in the database as it is: AES-256-GCM, with keys that can be changed.

A sealed text is `1.<key>.<nonce and ciphertext>`: `<key>` names the key without telling it. What it is
for, and of which workspace, is authenticated with it, so that one row's ciphertext opens in no other.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from collections.abc import Sequence
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain import WorkspaceId
from bot.errors import SettingError

VARIABLE = "FM_ENCRYPTION_KEY"
KEY_BYTES = 32
NONCE_BYTES = 12
"""Random; a key may seal 2**32 texts before two of the same become likely enough to matter (SP 800-38D)."""
FORM = "1"
HOW_TO = "Make one with `fm db new-key`, and keep it apart from the database's backups."
WRONG = "none of its keys is the one that the workspaces' tokens were encrypted with"


class Vault:
    """The first key seals, every one opens."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {_name_of(key): AESGCM(key) for key in keys}
        self._newest = _name_of(keys[0])

    @classmethod
    def of(cls, setting: str) -> Self:
        """From FM_ENCRYPTION_KEY: keys with commas between them. Raises SettingError, which shows none."""
        keys = [_key_of(part.strip()) for part in setting.split(",") if part.strip()]
        if not keys:
            raise SettingError(VARIABLE, "holds no key", HOW_TO)
        return cls(keys)

    def seal(self, text: str, purpose: str, workspace: WorkspaceId) -> str:
        """Encrypt with the first key. The same text gives another ciphertext each time."""
        nonce = os.urandom(NONCE_BYTES)
        bound = _bound_to(purpose, workspace)
        sealed = nonce + self._ciphers[self._newest].encrypt(nonce, text.encode(), bound)
        return f"{FORM}.{self._newest}.{base64.urlsafe_b64encode(sealed).decode()}"

    def open(self, sealed: str, purpose: str, workspace: WorkspaceId) -> str:
        """What was sealed for that purpose and workspace. Raises SettingError when no key fits."""
        form, _, rest = sealed.partition(".")
        name, _, coded = rest.partition(".")
        cipher = self._ciphers.get(name)
        if form != FORM or cipher is None:
            raise SettingError(VARIABLE, WRONG, "Add the former key behind it, with a comma between.")
        try:
            raw = base64.urlsafe_b64decode(coded)
            bound = _bound_to(purpose, workspace)
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound).decode()
        except (InvalidTag, ValueError) as error:
            raise SettingError(
                VARIABLE,
                "a token in the database was changed or is another workspace's",
                "Install anew there.",
            ) from error

    def is_newest(self, sealed: str) -> bool:
        """Whether it was sealed with the first key."""
        return sealed.startswith(f"{FORM}.{self._newest}.")


def new_key() -> str:
    """A fresh key in the form of the setting."""
    return base64.urlsafe_b64encode(os.urandom(KEY_BYTES)).decode()


def _key_of(text: str) -> bytes:
    try:
        key = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingError(VARIABLE, f"is no key of {KEY_BYTES} bytes in URL-safe base64", HOW_TO)
    return key


def _name_of(key: bytes) -> str:
    return hashlib.sha256(b"faultmaven key name\0" + key).hexdigest()[:12]


def _bound_to(purpose: str, workspace: WorkspaceId) -> bytes:
    return f"{purpose}\0{workspace}".encode()
