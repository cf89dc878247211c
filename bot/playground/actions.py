"""What people do in a workspace, as methods: for tests, for the page and for the demo's beginning."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from bot.playground import events, membership, sharing
from bot.playground.delivery import Delivery, Dispatcher
from bot.playground.hub import Hub
from bot.playground.interactions import CommandOutcome, Interactions
from bot.playground.modals import Modals, Written
from bot.playground.model import Json, Message, SharedFile, WorkspaceError
from bot.playground.pressing import action_in, action_of
from bot.playground.workspace import Workspace

WAIT_S = 10.0


class Actions:
    """Everything is by id. Whatever Slack would refuse a person raises WorkspaceError."""

    workspace: Workspace
    hub: Hub
    dispatcher: Dispatcher
    interactions: Interactions

    def add_user(
        self,
        name: str,
        *,
        guest: bool = False,
        admin: bool = False,
        real_name: str | None = None,
        team_id: str | None = None,
    ) -> str:
        """Add a person and return the id. Another `team_id` makes them someone of another company."""
        person = self.workspace.add_user(
            name, real_name=real_name, is_guest=guest, is_admin=admin, team_id=team_id
        )
        return person.id

    async def change_user(self, user: str, **fields: bool) -> None:
        """Change what somebody is: `deleted` (deactivated), `is_guest`, `is_admin`, `is_owner`."""
        self.workspace.change_user(self.workspace.user(user), **fields)

    def add_channel(
        self,
        name: str,
        members: Sequence[str] = (),
        *,
        is_private: bool = False,
        with_bot: bool = True,
        topic: str = "",
    ) -> str:
        """Add a channel, made by its first member (or the bot), and return the id."""
        bot = self.workspace.bot.id
        everyone = [*members, bot] if with_bot else list(members)
        creator = self.workspace.user((everyone or [bot])[0])
        channel = membership.add_channel(self.workspace, name, creator, is_private=is_private, topic=topic)
        for user in sorted(everyone[1:], key=lambda member: member != bot):
            membership.join(self.workspace, channel, self.workspace.user(user), inviter=creator.id)
        return channel.id

    def direct_channel(self, user: str) -> str:
        """The id of a person's direct conversation with the bot."""
        return membership.open_im(self.workspace, self.workspace.user(user)).id

    async def join(self, user: str, channel: str, *, inviter: str | None = None) -> None:
        """Bring someone, perhaps the bot, into a channel. A private one needs an inviter."""
        membership.join(
            self.workspace, self.workspace.channel(channel), self.workspace.user(user), inviter=inviter
        )

    async def leave(self, user: str, channel: str, *, removed_by: str | None = None) -> None:
        """Take someone, perhaps the bot, out of a channel."""
        membership.leave(
            self.workspace, self.workspace.channel(channel), self.workspace.user(user), removed_by=removed_by
        )

    async def share(
        self,
        user: str,
        channel: str,
        name: str,
        data: bytes,
        *,
        title: str | None = None,
        thread_ts: str | None = None,
        text: str = "",
        mode: str = "hosted",
    ) -> SharedFile:
        """Upload a file and share it. `mode` is Slack's: hosted, snippet, external, quip, post."""
        person = self.workspace.user(user)
        self._member(user, channel)
        file = sharing.new_file(self.workspace, person, name, data, title=title, mode=mode)
        return sharing.share(self.workspace, file, person, channel, text=text, thread_ts=thread_ts)

    async def share_recording(
        self, user: str, channel: str, name: str, *, transcript: bytes | None
    ) -> SharedFile:
        """Record something in a channel; `transcript` is Slack's of it in WebVTT, where there is one."""
        person = self.workspace.user(user)
        file = sharing.new_file(self.workspace, person, name, b"\0" * 99, transcript=transcript)
        return sharing.share(self.workspace, file, person, channel)

    async def share_email(self, user: str, channel: str, subject: str, html: str) -> SharedFile:
        """A mail that came to the channel's address."""
        person = self.workspace.user(user)
        details = {"subject": subject, "simplified_html": html, "plain_text": html}
        file = sharing.new_file(self.workspace, person, subject, b"", mode="email", details=details)
        return sharing.share(self.workspace, file, person, channel)

    async def share_again(
        self, file_id: str, user: str, channel: str, *, thread_ts: str | None = None, text: str = ""
    ) -> SharedFile:
        """Share a file that exists once more."""
        file, person = self.workspace.file(file_id), self.workspace.user(user)
        return sharing.share(self.workspace, file, person, channel, text=text, thread_ts=thread_ts)

    async def unshare(self, file_id: str, user: str, channel: str) -> None:
        """Take a file out of a channel."""
        sharing.unshare(self.workspace, self.workspace.file(file_id), channel, self.workspace.user(user))

    async def change_file(self, file_id: str, *, data: bytes | None = None, title: str | None = None) -> None:
        """Give a file new bytes or a new title."""
        sharing.change_file(self.workspace, self.workspace.file(file_id), data=data, title=title)

    async def delete_file(self, file_id: str) -> None:
        """Delete a file everywhere."""
        sharing.delete_file(self.workspace, self.workspace.file(file_id))

    async def expire_file(self, file_id: str) -> None:
        """Let a retention policy take a file: no event tells of it."""
        sharing.expire_file(self.workspace.file(file_id))

    async def say(self, user: str, channel: str, text: str, *, thread_ts: str | None = None) -> str:
        """Post as a person and return the ts. `text` is as Slack stores it: `<@U…>`, `&lt;`."""
        self._member(user, channel)
        message = Message(self.workspace.clock.ts(), channel, user, text, thread_ts=thread_ts)
        return self.workspace.post(message).ts

    async def edit(self, channel: str, ts: str, text: str) -> None:
        """Edit a person's message."""
        self.workspace.edit(self.workspace.message(channel, ts), text=text)

    async def delete_message(self, channel: str, ts: str) -> None:
        """Delete a message; files in it lose that share."""
        sharing.delete_message(self.workspace, self.workspace.message(channel, ts))

    async def command(self, user: str, channel: str, typed: str) -> CommandOutcome:
        """Type a slash command (`/fm search foo`) and wait for the app's ack, at most 3 s."""
        return await self.interactions.command(
            self.workspace.user(user), self.workspace.channel(channel), typed
        )

    async def press(
        self,
        user: str,
        channel: str,
        message_ts: str,
        action_id: str,
        *,
        block_id: str | None = None,
        value: str | None = None,
    ) -> str | None:
        """Press a button (or choose `value` of a menu); None, or the error the person sees."""
        message = self._seen(user, channel, message_ts)
        action = action_of(message, action_id, block_id=block_id, value=value)
        return await self.interactions.press(self.workspace.user(user), message, action)

    async def shortcut(self, user: str, channel: str, message_ts: str, callback_id: str) -> str | None:
        """Choose the app's shortcut from a message's menu; None, or the error the person sees."""
        message = self._seen(user, channel, message_ts)
        return await self.interactions.message_shortcut(self.workspace.user(user), message, callback_id)

    async def press_home(self, user: str, action_id: str, value: str | None = None) -> str | None:
        """Press something on the app's own page; None, or the error the person sees."""
        person, view = self.workspace.user(user), self.workspace.home_views.get(user)
        action = action_in((view or {}).get("blocks", []), action_id, block_id=None, value=value)
        return await Modals(self.workspace, self.dispatcher).press(person, view or {}, action)

    async def stop_answer(self, user: str, channel: str, thread_ts: str) -> None:
        """Press Stop while the bot is at work in a thread."""
        self._member(user, channel)
        self.workspace.stop_session(self.workspace.user(user), self.workspace.channel(channel), thread_ts)

    async def submit(self, user: str, values: Mapping[str, Written]) -> str | None:
        """Send the form that is open for a person, with what they put in by block id; None, or an error.

        That is a text, an option's value, or a list of them where several may be chosen.
        """
        return await Modals(self.workspace, self.dispatcher).submit(self.workspace.user(user), values)

    async def open_home(self, user: str, tab: str = "home") -> None:
        """Look at the app's own page: its `home` or its `messages` tab."""
        channel = membership.open_im(self.workspace, self.workspace.user(user))
        self.workspace.on_event(events.app_home_opened(self.workspace.user(user), channel, tab))

    def messages(self, channel: str, thread_ts: str | None = None) -> list[Message]:
        """The messages of a channel outside threads, or of one thread with its root; oldest first."""
        if thread_ts is None:
            return self.workspace.top_level(channel)
        return self.workspace.thread(channel, thread_ts)

    def ephemerals(self, user: str, channel: str | None = None) -> list[Message]:
        """What only this person sees, oldest first."""
        return [m for m in self.workspace.ephemerals if m.only_for == user and channel in {None, m.channel}]

    async def wait_for(self, predicate: Callable[[Message], bool], timeout_s: float = WAIT_S) -> Message:
        """The first message, ephemeral ones included, that fulfils the predicate, now or later.

        Edits count: the message is looked at again. Raises TimeoutError that tells what there was.
        """

        def found() -> Message | None:
            return next((message for message in self._everything() if predicate(message)), None)

        try:
            return await self.hub.until(found, timeout_s)
        except TimeoutError:
            last = [message.text[:200] for message in self._everything()[-10:]]
            raise TimeoutError(f"no such message within {timeout_s:g} s; the last ones: {last}") from None

    async def until(self, condition: Callable[[], object], timeout_s: float = WAIT_S) -> None:
        """Wait until a condition over anything here (calls, deliveries, channels) holds."""
        await self.hub.until(lambda: condition() or None, timeout_s)

    def deliver(self, body: Json, *, attempt: int = 0, reason: str = "") -> Delivery:
        """Send the app an `event_callback` body as it stands, subscribed to or not.

        `attempt` > 0 makes it look like Slack's redelivery number `attempt`.
        """
        return self.dispatcher.send_event(body, attempt=attempt, reason=reason)

    async def settled(self, timeout_s: float = WAIT_S) -> None:
        """Wait until every event and request so far is acked or given up. Raises TimeoutError."""
        await self.hub.until(lambda: self.dispatcher.pending == 0, timeout_s)

    def _everything(self) -> list[Message]:
        posted = [m for stored in self.workspace.messages.values() for m in stored.values() if not m.deleted]
        return sorted([*posted, *self.workspace.ephemerals], key=lambda message: message.ts)

    def _member(self, user: str, channel: str) -> None:
        person = self.workspace.user(user)
        if person.deleted or user not in self.workspace.channel(channel).members:
            raise WorkspaceError("not_in_channel", "Join the channel first.")

    def _seen(self, user: str, channel: str, ts: str) -> Message:
        shown = next((m for m in self.ephemerals(user, channel) if m.ts == ts), None)
        if shown:
            return shown
        self._member(user, channel)
        return self.workspace.message(channel, ts)
