"""What values of settings have to look like. These raise ValueError, which becomes a SettingError."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import SecretStr

POSTGRES_SCHEMES = frozenset({"postgres", "postgresql", "postgresql+psycopg"})
"""As platforms write the address, too."""


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's loopback."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_near(host: str) -> bool:
    """Whether a host is of this machine's own network: a private address, or a name without a dot."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".internal", ".local"))


def address(value: str, *, near: bool = False) -> str:
    """An https address, or an http one of this machine (`near`: of its network): keys and texts go there."""
    parts = urlsplit(value)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise ValueError("is not an https address")
    if parts.scheme == "http" and near and not is_near(parts.hostname):
        raise ValueError("http is only allowed in this machine's own network; use https")
    if parts.scheme == "http" and not near and not is_loopback(parts.hostname):
        raise ValueError("http is only allowed on this machine (loopback); use https")
    return value


def prefixed(value: SecretStr | None, prefix: str, problem: str) -> SecretStr | None:
    """A token, if it begins as its kind does; ValueError with the problem otherwise."""
    if value is not None and not value.get_secret_value().startswith(prefix):
        raise ValueError(problem)
    return value


def long_enough(value: SecretStr | None, characters: int) -> SecretStr | None:
    """A secret that can't be guessed by its length."""
    if value is not None and len(value.get_secret_value()) < characters:
        raise ValueError(f"is shorter than {characters} characters")
    return value


def postgres_address(value: SecretStr | None) -> SecretStr | None:
    """The address of a Postgres, with whoever enters it."""
    if value is not None and urlsplit(value.get_secret_value()).scheme not in POSTGRES_SCHEMES:
        raise ValueError("is not an address like postgresql+psycopg://user:password@host/database")
    return value
