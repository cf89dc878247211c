"""What each Web API method and each event demands: token, scopes, arguments.

The server refuses by this table, and the test of `manifest.yml` derives the scopes that the app
needs from it. Source: the method and event reference at https://docs.slack.dev/reference.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

ArgumentType = Literal["text", "number", "flag", "json"]

READ = {"channel": "channels:read", "group": "groups:read", "im": "im:read"}
HISTORY = {"channel": "channels:history", "group": "groups:history", "im": "im:history"}
"""The scope by kind of channel; the keys are `Channel.kind`."""


@dataclass(frozen=True, slots=True)
class Method:
    """One Web API method.

    `scopes` are needed always; `by_channel` names one more by the kind of channel concerned.
    `tokens` are the kinds that it takes; none means that it takes no token at all.
    `json` says whether a JSON body is read: Slack reads only forms in most reading methods.
    """

    scopes: tuple[str, ...] = ()
    by_channel: dict[str, str] | None = None
    required: dict[str, ArgumentType] = field(default_factory=dict)
    optional: dict[str, ArgumentType] = field(default_factory=dict)
    json: bool = False
    tokens: tuple[str, ...] = ("bot",)


_PAGED: dict[str, ArgumentType] = {"cursor": "text", "limit": "number"}
_BODY: dict[str, ArgumentType] = {
    "text": "text",
    "blocks": "json",
    "attachments": "json",
    "thread_ts": "text",
    "link_names": "flag",
    "parse": "text",
    "markdown_text": "text",
}
_POST: dict[str, ArgumentType] = {
    **_BODY,
    "reply_broadcast": "flag",
    "unfurl_links": "flag",
    "unfurl_media": "flag",
    "metadata": "json",
    "mrkdwn": "flag",
}

METHODS: dict[str, Method] = {
    "agents.sessions.setStatus": Method(
        scopes=("chat:write",),
        required={"channel_id": "text", "status": "text"},
        optional={"thread_ts": "text", "title": "text", "initiator_user_id": "text"},
        json=True,
    ),
    "apps.connections.open": Method(tokens=("app",)),
    "apps.manifest.create": Method(required={"manifest": "json"}, json=True, tokens=("config",)),
    "apps.manifest.export": Method(required={"app_id": "text"}, tokens=("config",)),
    "apps.manifest.update": Method(
        required={"app_id": "text", "manifest": "json"}, json=True, tokens=("config",)
    ),
    "apps.manifest.validate": Method(
        required={"manifest": "json"}, optional={"app_id": "text"}, json=True, tokens=("config",)
    ),
    "assistant.threads.setStatus": Method(
        scopes=("chat:write",),
        required={"channel_id": "text", "thread_ts": "text", "status": "text"},
        optional={"loading_messages": "json"},
        json=True,
    ),
    "assistant.threads.setSuggestedPrompts": Method(
        scopes=("assistant:write",),
        required={"channel_id": "text", "prompts": "json"},
        optional={"thread_ts": "text", "title": "text"},
        json=True,
    ),
    "auth.revoke": Method(optional={"test": "flag"}),
    "auth.test": Method(json=True, tokens=("bot", "app")),
    "bots.info": Method(scopes=("users:read",), optional={"bot": "text"}),
    "chat.appendStream": Method(
        scopes=("chat:write",),
        required={"channel": "text", "ts": "text"},
        optional={"markdown_text": "text", "chunks": "json"},
        json=True,
    ),
    "chat.delete": Method(scopes=("chat:write",), required={"channel": "text", "ts": "text"}, json=True),
    "chat.getPermalink": Method(required={"channel": "text", "message_ts": "text"}),
    "chat.postEphemeral": Method(
        scopes=("chat:write",), required={"channel": "text", "user": "text"}, optional=_BODY, json=True
    ),
    "chat.postMessage": Method(
        scopes=("chat:write",), required={"channel": "text"}, optional=_POST, json=True
    ),
    "chat.startStream": Method(
        scopes=("chat:write",),
        required={"channel": "text", "thread_ts": "text"},
        optional={
            "markdown_text": "text",
            "chunks": "json",
            "recipient_team_id": "text",
            "recipient_user_id": "text",
            "task_display_mode": "text",
        },
        json=True,
    ),
    "chat.stopStream": Method(
        scopes=("chat:write",),
        required={"channel": "text", "ts": "text"},
        optional={
            "markdown_text": "text",
            "chunks": "json",
            "blocks": "json",
            "metadata": "json",
            "session_status": "text",
        },
        json=True,
    ),
    "chat.update": Method(
        scopes=("chat:write",),
        required={"channel": "text", "ts": "text"},
        optional={
            key: kind
            for key, kind in _POST.items()
            if key not in {"thread_ts", "unfurl_links", "unfurl_media", "mrkdwn"}
        },
        json=True,
    ),
    "conversations.info": Method(
        by_channel=READ,
        required={"channel": "text"},
        optional={"include_locale": "flag", "include_num_members": "flag"},
    ),
    "conversations.members": Method(by_channel=READ, required={"channel": "text"}, optional=_PAGED),
    "conversations.replies": Method(
        by_channel=HISTORY,
        required={"channel": "text", "ts": "text"},
        optional={
            **_PAGED,
            "oldest": "text",
            "latest": "text",
            "inclusive": "flag",
            "include_all_metadata": "flag",
        },
    ),
    "files.info": Method(
        scopes=("files:read",),
        required={"file": "text"},
        optional={**_PAGED, "count": "number", "page": "number"},
    ),
    "files.list": Method(
        scopes=("files:read",),
        optional={"channel": "text", "user": "text", "count": "number", "page": "number", "types": "text"},
    ),
    "team.info": Method(scopes=("team:read",), optional={"team": "text"}),
    "tooling.tokens.rotate": Method(required={"refresh_token": "text"}, tokens=()),
    "users.conversations": Method(
        by_channel=READ,
        optional={**_PAGED, "user": "text", "types": "text", "exclude_archived": "flag"},
    ),
    "users.info": Method(
        scopes=("users:read",), required={"user": "text"}, optional={"include_locale": "flag"}
    ),
    "views.open": Method(
        required={"trigger_id": "text", "view": "json"},
        optional={"interactivity_pointer": "text"},
        json=True,
    ),
    "views.publish": Method(
        required={"user_id": "text", "view": "json"}, optional={"hash": "text"}, json=True
    ),
}

DOWNLOAD_SCOPE = "files:read"
"""What downloading `url_private` demands."""
COMMAND_SCOPE = "commands"
"""What a slash command in the manifest demands."""

_BOTH_READ = ("channels:read", "groups:read")
EVENT_SCOPES: dict[str, tuple[str, ...]] = {
    "agent_session_stopped": (),
    "app_home_opened": (),
    "app_mention": ("app_mentions:read",),
    "app_uninstalled": (),
    "channel_archive": ("channels:read",),
    "channel_deleted": ("channels:read",),
    "channel_id_changed": _BOTH_READ,
    "channel_left": ("channels:read",),
    "channel_rename": ("channels:read",),
    "channel_shared": _BOTH_READ,
    "channel_unarchive": ("channels:read",),
    "channel_unshared": _BOTH_READ,
    "file_change": ("files:read",),
    "file_deleted": ("files:read",),
    "file_shared": ("files:read",),
    "file_unshared": ("files:read",),
    "group_archive": ("groups:read",),
    "group_deleted": ("groups:read",),
    "group_left": ("groups:read",),
    "group_rename": ("groups:read",),
    "group_unarchive": ("groups:read",),
    "member_joined_channel": _BOTH_READ,
    "member_left_channel": _BOTH_READ,
    "message.channels": ("channels:history",),
    "message.groups": ("groups:history",),
    "message.im": ("im:history",),
    "tokens_revoked": (),
    "user_change": ("users:read",),
}
"""Scopes by subscription. Two scopes mean: the one for the kind of channel it happened in."""


def event_scope(subscription: str, kind: str | None) -> str | None:
    """The scope without which an event isn't delivered; `kind` is the channel's, if it has one."""
    scopes = EVENT_SCOPES[subscription]
    if scopes == _BOTH_READ:
        return READ[kind or "channel"]
    return scopes[0] if scopes else None
