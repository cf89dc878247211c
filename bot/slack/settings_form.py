"""What an admin sends in with the form: read without trust in who sent it, then done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.domain import MAX_DAYS, ChannelId, WorkspaceSettings
from bot.errors import QueryRejected
from bot.slack import choices
from bot.slack.render_settings import IGNORED, LOG, PUBLIC, RETENTION

Json = dict[str, Any]
OUT_OF_RANGE = f"Enter a whole number from 1 to {MAX_DAYS:,}."


class FieldsRejected(Exception):  # it goes back into the form, nobody logs it
    """What is wrong, in words, by field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = dict(fields)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the form asks for: fields of WorkspaceSettings, and channels by what is to become of them."""

    changes: dict[str, Any]
    ignore: frozenset[ChannelId]
    unignore: frozenset[ChannelId]


def wanted(view: Json) -> Wanted:
    """Read a form that was sent. Only what it showed can be taken back. Raises FieldsRejected."""
    state = view.get("state", {}).get("values", {})
    retention, log_days = _days(state, RETENTION), _days(state, LOG)
    wrong = {name: OUT_OF_RANGE for name, days in ((RETENTION, retention), (LOG, log_days)) if days == 0}
    if wrong or log_days is None:
        raise FieldsRejected(wrong or {LOG: OUT_OF_RANGE})
    public = (_field(state, PUBLIC).get("selected_option") or {}).get("value") == "on"
    now = frozenset(_values(_field(state, IGNORED).get("selected_options")))
    element: Json = next((b["element"] for b in view.get("blocks", []) if b.get("block_id") == IGNORED), {})
    before = frozenset(_values(element.get("initial_options")))
    changes = {"public": public, "retention_days": retention, "log_days": log_days}
    return Wanted(changes, now - before, before - now)


async def open_settings(asked: choices.Asked) -> tuple[WorkspaceSettings, Any]:
    """What to fill the form with. Raises QueryRejected for all but admins."""
    if not (await asked.person()).is_admin:
        raise QueryRejected(choices.NOT_AN_ADMIN)
    places = await asked.services.members.channels_of(asked.workspace, asked.user)
    return await asked.services.settings_of(asked.workspace), places


async def save(asked: choices.Asked, given: Wanted) -> None:
    """Change the settings, if whoever sent the form is an admin now, whatever is remembered of them.

    Raises QueryRejected for others, RetryLater when Slack doesn't say.
    """
    asked.services.members.forget(asked.workspace, asked.user)
    await choices.choose(asked, given.changes)


async def save_channels(asked: choices.Asked, given: Wanted) -> list[str]:
    """Ignore channels and end that; what could not be done. Each has to be the admin's, as with `/fm`."""
    refused = []
    for channels, do in ((given.ignore, choices.ignore), (given.unignore, choices.unignore)):
        for channel in sorted(channels):
            try:
                await do(asked, f"<#{channel}>")
            except QueryRejected as rejected:
                refused.append(rejected.public_message)
    return refused


def _field(state: Json, name: str) -> Json:
    return (state.get(name) or {}).get(name) or {}


def _days(state: Json, name: str) -> int | None:
    """The number; None when there is none, 0 when it makes no sense."""
    text = str(_field(state, name).get("value") or "")
    if not text:
        return None
    return choices.days_of(text) or 0


def _values(options: Any) -> list[ChannelId]:  # noqa: ANN401  # from outside
    return [ChannelId(str(option["value"])) for option in options or []]
