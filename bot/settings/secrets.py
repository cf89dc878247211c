"""Secrets leave their wrapping here, where a provider needs them."""

from __future__ import annotations

from pydantic import SecretStr


def plain(value: SecretStr | None) -> str | None:
    """What a secret setting holds, None where it isn't set."""
    return value.get_secret_value() if value else None
