"""Every setting, with its value or its fault; what is secret is only said to be set."""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.doctor.finding import Finding, Verdict
from bot.errors import SettingError
from bot.settings import Settings, variable_of


def read_settings() -> tuple[Settings, list[Finding]]:
    """The settings with each wrong one at its default, and a finding for every setting."""
    wrong: dict[str, SettingError] = {}
    defaults: dict[str, object] = {}
    while True:
        try:
            settings = Settings.from_environment(**defaults)
        except SettingError as error:
            if error.name in wrong:
                raise
            wrong[error.name] = error
            for field, info in Settings.model_fields.items():
                if variable_of(field) == error.name:
                    defaults[field] = info.default
        else:
            break
    findings = []
    for field in Settings.model_fields:
        name = variable_of(field)
        if fault := wrong.get(name):
            problem = fault.public_message.removeprefix(f"{name}: ")
            findings.append(Finding(name, Verdict.PROBLEM, problem, fault.advice))
        else:
            findings.append(Finding(name, Verdict.NOTE, _shown(settings, field)))
    return settings, findings


def _shown(settings: Settings, field: str) -> str:
    value: object = getattr(settings, field)
    if value is None:
        return "not set"
    if isinstance(value, SecretStr):
        return "set"
    words = str(value)
    if isinstance(value, str) and "@" in urlsplit(value).netloc:  # a password may stand before the host
        words = "set"
    return words if field in settings.model_fields_set else f"{words} (default)"
