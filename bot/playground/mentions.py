"""What Slack's clients do to what people type: escape it, and turn names into ids."""

from __future__ import annotations

import re

from bot.playground.model import User
from bot.playground.workspace import Workspace

_NAME = re.compile(r"(?<![\w<&])([@#])([a-z0-9][a-z0-9._-]*)", re.IGNORECASE)


def escape(text: str) -> str:
    """`&`, `<` and `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link_names(workspace: Workspace, author: User, text: str, *, with_names: bool = False) -> str:
    """Escape, and replace `@name` by `<@U…>` and `#name` by `<#C…>` where the author knows them.

    `with_names` adds the name (`<@U…|alice>`), as in a slash command; a private channel's stays empty.
    """

    def linked(found: re.Match[str]) -> str:
        sign, name = found.groups()
        name = name.rstrip(".-").lower()
        rest = found.group()[1 + len(name) :]
        if sign == "@":
            ids = {user.name.lower(): (user.id, user.name) for user in workspace.users.values()}
        else:
            ids = {
                channel.name: (channel.id, "" if channel.is_private else channel.name)
                for channel in workspace.channels.values()
                if author.id in channel.members or not channel.is_private
            }
        if name not in ids:
            return found.group()
        target, label = ids[name]
        return f"<{sign}{target}|{label}>{rest}" if with_names else f"<{sign}{target}>{rest}"

    return _NAME.sub(linked, escape(text))
