"""The state of one Slack workspace: people, channels, messages, files. No HTTP.

Everything that happens is told twice: `on_event` hears what Slack tells apps, `on_change` what the
page shows. Channels change in `membership`, files in `sharing`, Slack's JSON is made in `shapes`.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.playground import events, shapes
from bot.playground.app_config import AppConfig
from bot.playground.ids import Clock, new_id
from bot.playground.model import Change, Channel, Event, File, Json, Message, User, WorkspaceError
from bot.playground.triggers import Triggers

_COLORS = ("9f69e7", "4bbe2e", "e7392d", "3c989f", "674b1b", "e96699", "e0a729", "2b6836")
TEAM_ID = "T0ACME001"
APP_ID = "A0FM00001"


class Workspace:
    """One workspace with one app installed in it, whose bot user is `bot`."""

    def __init__(self, name: str = "Acme", team_id: str = TEAM_ID, bot_name: str = "faultmaven") -> None:
        self.name = name
        self.domain = name.lower()
        self.team_id = team_id
        self.app_id = APP_ID
        self.origin = f"https://{self.domain}.slack.com"
        self.clock = Clock()
        self.users: dict[str, User] = {}
        self.channels: dict[str, Channel] = {}
        self.files: dict[str, File] = {}
        self.home_views: dict[str, Json] = {}
        self.modals: dict[str, Json] = {}
        self.triggers = Triggers()
        self.config = AppConfig()
        self.statuses: dict[tuple[str, str], str] = {}
        self.sessions: dict[tuple[str, str], str] = {}
        self.prompts: dict[str, list[Json]] = {}
        self.messages: dict[str, dict[str, Message]] = {}
        self.ephemerals: list[Message] = []
        self.uninstalled = False
        self.org_wide = False
        self.on_event: Callable[[Event], None] = lambda _event: None
        self.on_change: Callable[[Change], None] = lambda _change: None
        self.bot = self.add_user(bot_name, real_name="FaultMaven", is_bot=True)
        self.bot.bot_id = new_id("B", "FM")

    def add_user(
        self,
        name: str,
        *,
        real_name: str | None = None,
        is_bot: bool = False,
        is_guest: bool = False,
        is_admin: bool = False,
        team_id: str | None = None,
    ) -> User:
        """Add a person; a `team_id` other than the workspace's makes them someone of another company."""
        user = User(
            id=new_id("U", name),
            name=name,
            real_name=real_name or name.capitalize(),
            team_id=team_id or self.team_id,
            color=_COLORS[len(self.users) % len(_COLORS)],
            is_bot=is_bot,
            is_guest=is_guest,
            is_admin=is_admin,
        )
        self.users[user.id] = user
        return user

    def user(self, user_id: str) -> User:
        """The user of this id. Raises `user_not_found`."""
        if user_id not in self.users:
            raise WorkspaceError("user_not_found", "There is no such person.")
        return self.users[user_id]

    def channel(self, channel_id: str) -> Channel:
        """The channel of this id. Raises `channel_not_found`."""
        if channel_id not in self.channels:
            raise WorkspaceError("channel_not_found", "There is no such channel.")
        return self.channels[channel_id]

    def message(self, channel_id: str, ts: str) -> Message:
        """A message that is still there. Raises `message_not_found`."""
        message = self.messages[self.channel(channel_id).id].get(ts)
        if message is None or message.deleted:
            raise WorkspaceError("message_not_found", "There is no such message.")
        return message

    def file(self, file_id: str) -> File:
        """The file of this id. Raises `file_not_found`, or `file_deleted` once it is gone."""
        if file_id not in self.files:
            raise WorkspaceError("file_not_found", "There is no such file.")
        if self.files[file_id].deleted:
            raise WorkspaceError("file_deleted", "The file was deleted.")
        return self.files[file_id]

    def thread(self, channel_id: str, ts: str) -> list[Message]:
        """The root and the replies of the thread that holds `ts`, oldest first; [] when there is none.

        A deleted root stays in its place while it has replies.
        """
        stored = self.messages[self.channel(channel_id).id]
        if ts not in stored:
            return []
        root = stored[ts].thread
        found = [message for message in stored.values() if message.thread == root]
        replies = [message for message in found if message.ts != root and not message.deleted]
        return [stored[root], *replies] if replies or not stored[root].deleted else []

    def root_of(self, channel_id: str, thread_ts: str | None) -> str | None:
        """The ts of the root that a reply to `thread_ts` hangs on, or None for the channel itself.

        A reply to a reply joins that reply's thread. A reply to a message that is no longer there
        lands in the channel, as at Slack (slackapi/python-slack-events-api issue 87).
        """
        found = self.thread(channel_id, thread_ts) if thread_ts else []
        return found[0].ts if found else None

    def top_level(self, channel_id: str) -> list[Message]:
        """The channel's messages outside threads, oldest first."""
        stored = self.messages[self.channel(channel_id).id].values()
        return [m for m in stored if m.thread_ts is None and (not m.deleted or self.thread(channel_id, m.ts))]

    def bot_sees(self, channel_id: str) -> bool:
        """Whether the bot is a member of a channel that exists."""
        return channel_id in self.channels and self.bot.id in self.channels[channel_id].members

    def post(self, message: Message) -> Message:
        """Add a message and tell of it. The author's membership is the caller's to check."""
        channel = self.channel(message.channel)
        if channel.is_archived:
            raise WorkspaceError("is_archived", "The channel is archived.")
        message.thread_ts = self.root_of(channel.id, message.thread_ts)
        self.messages[channel.id][message.ts] = message
        if message.bot_id and self.statuses.get((channel.id, message.thread)):
            self.set_status(channel.id, message.thread, "")  # as at Slack: a reply ends it
        self.on_event(events.message(self, message))
        if f"<@{self.bot.id}>" in message.text and not message.bot_id and channel.kind != "im":
            self.on_event(events.app_mention(self, message))
        self._changed("message", message)
        return message

    def set_status(self, channel: str, thread_ts: str, words: str) -> None:
        """Say what the bot is doing in a thread; nothing ends it."""
        self.statuses[channel, thread_ts] = words
        self.on_change(Change("status", channel, thread_ts, thread_ts))

    def set_session(self, channel: str, thread_ts: str, status: str) -> None:
        """Say whether the bot is at work in a thread (`processing`); then people may stop it."""
        self.sessions[channel, thread_ts] = status
        self.on_change(Change("status", channel, thread_ts, thread_ts))

    def stop_session(self, user: User, channel: Channel, thread_ts: str) -> None:
        """Somebody presses Stop: what is being streamed in the thread ends, and the app is told."""
        if self.sessions.get((channel.id, thread_ts)) != "processing":
            raise WorkspaceError("not_processing", "There is nothing to stop.")
        streaming = [m for m in self.thread(channel.id, thread_ts) if m.streaming]
        for message in streaming:
            self.edit(message, streaming=False)
            message.edited_ts = None
        stopped = [message.ts for message in streaming]
        self.on_event(events.agent_session_stopped(self, user, channel, thread_ts, stopped))

    def suggest(self, channel: Channel, prompts: list[Json]) -> None:
        """Offer prompts in a direct conversation."""
        self.prompts[channel.id] = prompts
        self.on_change(Change("channels_changed", only_for=channel.im_user))

    def publish_home(self, user: User, view: Json) -> None:
        """Show a person the app's own page."""
        self.home_views[user.id] = view
        self.on_change(Change("home", only_for=user.id))

    def show_modal(self, user: User, view: Json | None) -> None:
        """Open a form over a person's page, or close the one that is there."""
        if view is None:
            self.modals.pop(user.id, None)
        else:
            self.modals[user.id] = view
        self.on_change(Change("view", only_for=user.id))

    def post_ephemeral(self, message: Message) -> Message:
        """Show a message to `message.only_for` alone. No event tells of it."""
        self.ephemerals.append(message)
        self._changed("ephemeral", message)
        return message

    def edit(self, message: Message, **fields: object) -> None:
        """Change fields of a message or of an ephemeral one; of the first, apps are told."""
        before = shapes.message(self, message)
        for name, value in fields.items():
            setattr(message, name, value)
        self.edited(message, before)

    def edited(self, message: Message, before: Json) -> None:
        """Note and tell that a message is no longer what it was `before`."""
        message.edited_ts = self.clock.ts()
        if message.only_for is None:
            self.on_event(events.message_changed(self, message, before))
        self._changed("message_changed", message)

    def delete(self, message: Message) -> None:
        """Delete a message, or an ephemeral one."""
        before = shapes.message(self, message)
        message.deleted = True
        if message.only_for is not None:
            self.ephemerals.remove(message)
        else:
            self.on_event(events.message_deleted(self, message, before))
        self._changed("message_deleted", message)

    def change_user(self, user: User, **fields: object) -> None:
        """Deactivate somebody, make them a guest or an admin, or undo it."""
        for name, value in fields.items():
            setattr(user, name, value)
        self.on_event(events.user_change(self, user))

    def uninstall(self) -> None:
        """Remove the app from the workspace: its tokens stop working, and it is told so."""
        for event in events.uninstalled(self):
            self.on_event(event)
        self.uninstalled = True

    def _changed(self, kind: str, message: Message) -> None:
        self.on_change(Change(kind, message.channel, message.ts, message.thread_ts, message.only_for))
