"""Render: what a workspace chose, and the form in which its admins choose. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.domain import MAX_DAYS, ChannelId, Places, WorkspaceSettings
from bot.slack.render_text import Block, count, display_name, note, plain_section

CHANGE = "fm_settings_change"
FORM = "fm_settings"
PUBLIC, RETENTION, LOG, IGNORED = "public", "retention_days", "log_days", "ignored"
"""The fields of the form, by block and by action."""
MAX_CHANNELS = 100
"""Options that Slack takes in one menu."""
MAX_OPTION_CHARS = 75


def settings_lines(chosen: WorkspaceSettings) -> list[str]:
    """What was chosen, in sentences; without the ignored channels, which not everybody may know."""
    public = (
        "Files in public channels that I am in are found by every full member of the workspace."
        if chosen.public
        else "Files in a channel are found by those who are in it, in public channels, too."
    )
    retention = (
        f"A file is forgotten {count(chosen.retention_days, 'day')} after it was last shared."
        if chosen.retention_days
        else "Files are kept for as long as they are shared in Slack."
    )
    log = f"Searches, questions and votes are forgotten after {count(chosen.log_days, 'day')}."
    return [public, retention, log]


def settings_section(chosen: WorkspaceSettings) -> list[Block]:
    """For the home tab of an admin: the sentences, and the button that opens the form."""
    button = {"type": "button", "action_id": CHANGE, "text": _plain("Change settings")}
    return [
        *(plain_section(line) for line in settings_lines(chosen)),
        {"type": "actions", "elements": [button]},
    ]


def settings_form(chosen: WorkspaceSettings, places: Places) -> Block:
    """The form. `places` are the channels that the admin and the bot are both in; others it doesn't show."""
    blocks = [
        _input(PUBLIC, "Files in public channels are found by", _choice(chosen.public)),
        _input(
            RETENTION,
            "Forget files so many days after they were last shared",
            _days(RETENTION, chosen.retention_days),
            hint="Empty: they are kept for as long as they are shared in Slack.",
            optional=True,
        ),
        _input(LOG, "Forget searches, questions and votes after so many days", _days(LOG, chosen.log_days)),
    ]
    if places:
        shown = sorted(places, key=lambda channel: (places[channel].name, channel))[:MAX_CHANNELS]
        label = "Channels whose files are not indexed"
        hint = "Of your channels that I am in. Everybody there is told. Marking one forgets what is indexed."
        field = _channels(shown, places, chosen.ignored)
        blocks.append(_input(IGNORED, label, field, hint=hint, optional=True))
        if len(places) > MAX_CHANNELS:
            blocks.append(note("There are more: `/fm settings ignore #channel` is for all of them."))
    return {
        "type": "modal",
        "callback_id": FORM,
        "title": _plain("Settings"),
        "submit": _plain("Save"),
        "close": _plain("Cancel"),
        "blocks": blocks,
    }


def _choice(public: bool) -> Block:  # the field's one value
    options = [_option("off", "those who are in the channel"), _option("on", "every full member")]
    return {
        "type": "static_select",
        "action_id": PUBLIC,
        "options": options,
        "initial_option": options[int(public)],
    }


def _days(action_id: str, days: int | None) -> Block:
    given = {} if days is None else {"initial_value": str(days)}
    bounds = {"min_value": "1", "max_value": str(MAX_DAYS)}
    return {"type": "number_input", "action_id": action_id, "is_decimal_allowed": False, **bounds, **given}


def _channels(shown: Sequence[ChannelId], places: Places, ignored: Iterable[ChannelId]) -> Block:
    options = {one: _option(one, "#" + display_name(places[one].name or one)) for one in shown}
    chosen = [options[one] for one in shown if one in ignored]
    return {
        "type": "multi_static_select",
        "action_id": IGNORED,
        "options": list(options.values()),
        **({"initial_options": chosen} if chosen else {}),
    }


def _input(name: str, label: str, element: Block, *, hint: str = "", optional: bool = False) -> Block:
    more: Block = {"hint": _plain(hint)} if hint else {}
    return {
        "type": "input",
        "block_id": name,
        "label": _plain(label),
        "element": element,
        "optional": optional,
        **more,
    }


def _option(value: str, text: str) -> Block:
    return {"text": _plain(text[:MAX_OPTION_CHARS]), "value": value}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
