"""Plays a history: each step changes the truth, is told to the bot, or asks it; the oracle judges answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.domain import ChannelId, Query, Status, UserId
from bot.errors import MessageRefused
from support.histories.stage import Stage
from support.histories.truth import BOT, Channel, File, Person, Truth, numbers_in

T = TypeVar("T")
Step = tuple[str, int]
"""What happens, and a number by which people, channels and files are chosen."""
QUESTION = "common report"
ALL_SHOWN = 5
"""Of so many files a search shows each."""


@dataclass
class Tally:
    """What was compared: `shown` counts files that were rightly shown, so that silence proves nothing."""

    histories: int = 0
    steps: int = 0
    answers: int = 0
    shown: int = 0


class Beyond(AssertionError):
    """Somebody was shown, or counted, something that the oracle doesn't allow."""


class Player:
    """One workspace and its history."""

    def __init__(self, stage: Stage, tally: Tally) -> None:
        self.truth = Truth()
        self.tally = tally
        self.stage = stage
        self.known: set[tuple[str, str]] = set()
        """The files and channels of shares that the bot was told of."""

    async def _begin(self) -> None:
        """Five people, four channels, a file in each."""
        self.mark = mark = await self.stage.begin(self.truth, self._posted)
        self.here = f"C0OPEN{mark}"
        """Where commands are typed; it makes no difference."""
        for person in (
            Person("U0ANN", admin=True),
            Person("U0BEN"),
            Person("U0GUS", "guest"),
            Person("U0EVE", "stranger"),
            Person("U0ROB", "robot"),
        ):
            self.truth.people[person.id] = person
        for channel in (
            Channel(f"C0OPEN{mark}", "open", {BOT, "U0ANN", "U0BEN", "U0ROB"}),
            Channel(f"C0DEN{mark}", "den", {BOT, "U0ANN"}, private=True),
            Channel(f"C0JOINT{mark}", "joint", {BOT, "U0ANN", "U0EVE"}, external=True),
            Channel(f"C0HALL{mark}", "hall", {BOT, "U0BEN", "U0GUS"}),
        ):
            self.truth.channels[channel.id] = channel
            await self._share(self._new_file(min(channel.members - {BOT})), channel)
        first, *_, last = self.truth.files.values()
        await self._share(first, self.truth.channels[f"C0DEN{mark}"])
        await self._share(last, self.truth.channels[self.here])
        await self.stage.work()

    async def play(self, steps: Sequence[Step]) -> None:
        """All of a history. Raises Beyond."""
        await self._begin()
        for name, number in steps:
            self.tally.steps += 1
            await STEPS[name](self, number)
        await self._look_at_everything()
        self.tally.histories += 1

    # Who and what a number means.

    def _person(self, number: int) -> Person:
        return _chosen(list(self.truth.people.values()), number)

    def _channel(self, number: int) -> Channel | None:
        return _chosen(list(self.truth.channels.values()), number // 7) if self.truth.channels else None

    def _file(self, number: int) -> File:
        return _chosen(list(self.truth.files.values()), number // 49)

    def _shared_file(self, number: int) -> File:
        """Every other time one that is shared in several channels, if there is any."""
        several = [file for file in self.truth.files.values() if len(file.shares) > 1]
        return _chosen(several, number // 49) if several and number // 2 % 2 else self._file(number)

    def _new_file(self, owner: str) -> File:
        number = len(self.truth.files)
        file = File(f"F0{number}{self.mark}", number, owner)
        self.truth.files[file.id] = file
        return file

    # What happens in Slack.

    async def join(self, number: int) -> None:
        person, channel = self._person(number), self._channel(number)
        if channel and not person.gone and (person.kind != "stranger" or channel.external):
            channel.members.add(person.id)
            await self._told(channel, "member_joined_channel", user=person.id)

    async def leave(self, number: int) -> None:
        person, channel = self._person(number), self._channel(number)
        if channel and person.id in channel.members:
            channel.members.discard(person.id)
            await self._told(channel, "member_left_channel", user=person.id)

    async def bot_leaves(self, number: int) -> None:
        channel = self._channel(number)
        if channel and BOT in channel.members:
            channel.members.discard(BOT)
            await self.stage.happens({"type": _kind(channel, "left"), "channel": channel.id})

    async def bot_joins(self, number: int) -> None:
        channel = self._channel(number)
        if channel and BOT not in channel.members:
            channel.members.add(BOT)
            await self._told(channel, "member_joined_channel", user=BOT)
            await self.stage.look_after()

    async def share(self, number: int) -> None:
        """A new file, or one that is there already, in a channel of whoever shares it."""
        person, channel = self._person(number), self._channel(number)
        if not channel or person.gone or person.id not in channel.members or channel.archived:
            return
        file = self._file(number) if number % 2 else self._new_file(person.id)
        await self._share(file, channel, person.id)

    async def _share(self, file: File, channel: Channel, user: str = "") -> None:
        if file.deleted or file.foreign:
            return
        file.shares.add(channel.id)
        if BOT in channel.members:
            if channel.id not in self.truth.ignored:
                self.known.add((file.id, channel.id))
            user = user or file.owner
            await self._told(channel, "file_shared", file_id=file.id, user_id=user, channel_id=channel.id)
            message = {"type": "message", "subtype": "file_share", "ts": "1000.1", "user": user}
            await self._told(channel, files=[{"id": file.id}], **message)

    async def share_elsewhere(self, number: int) -> None:
        """A file of another workspace appears in a channel of the same id."""
        channel = self._channel(number)
        if channel:
            file = self._new_file("U0ELSE")
            file.foreign = True
            file.shares.add(channel.id)
            event = {"type": "file_shared", "file_id": file.id, "channel_id": channel.id, "user_id": "U0ELSE"}
            await self.stage.happens(event, team=self.stage.other)
            await self.stage.work()

    async def unshare(self, number: int) -> None:
        file = self._shared_file(number)
        if file.shares and not file.foreign:
            await self._unshare(file, _chosen(sorted(file.shares), number))

    async def _unshare(self, file: File, channel_id: str) -> None:
        file.shares.discard(channel_id)
        self.known.discard((file.id, channel_id))
        channel = self.truth.channels[channel_id]
        if BOT in channel.members:
            await self._told(channel, "file_unshared", file_id=file.id, channel_id=channel_id)

    async def delete(self, number: int) -> None:
        file = self._file(number)
        if not file.deleted and not file.foreign:
            heard = any(BOT in self.truth.channels[one].members for one in file.shares)
            file.deleted = True
            if heard:
                await self.stage.happens({"type": "file_deleted", "file_id": file.id})

    async def rename(self, number: int) -> None:
        file = self._file(number)
        if not file.deleted and file.shares and not file.foreign:
            file.version = chr(ord(file.version) + 1) if file.version < "z" else "a"
            await self.stage.happens({"type": "file_change", "file_id": file.id})
            await self.stage.work()

    async def convert(self, number: int) -> None:
        channel = self._channel(number)
        if channel and not channel.external:
            channel.private = not channel.private
            what = "private" if channel.private else "public"
            message = {
                "type": "message",
                "subtype": f"channel_convert_to_{what}",
                "user": "U0ANN",
                "ts": "1.1",
            }
            await self._told(channel, **message)

    async def connect(self, number: int) -> None:
        """A channel is shared with another company, or no longer; Slack may list its people for a while."""
        channel = self._channel(number)
        if channel:
            channel.external = not channel.external
            await self._told(channel, "channel_shared" if channel.external else "channel_unshared")

    async def archive(self, number: int) -> None:
        channel = self._channel(number)
        if channel:
            channel.archived = not channel.archived
            what = "archive" if channel.archived else "unarchive"
            await self.stage.happens({"type": _kind(channel, what), "channel": channel.id, "user": "U0ANN"})

    async def delete_channel(self, number: int) -> None:
        channel = self._channel(number)
        if channel and len(self.truth.channels) > 2 and BOT in channel.members:
            del self.truth.channels[channel.id]
            self._unknown_in(channel.id)
            for file in self.truth.files.values():
                file.shares.discard(channel.id)
            await self.stage.happens({"type": _kind(channel, "deleted"), "channel": channel.id})

    async def change_id(self, number: int) -> None:
        channel = self._channel(number)
        if channel and BOT in channel.members:
            old, channel.id = channel.id, f"{channel.id}X"
            self.truth.channels = {one.id: one for one in self.truth.channels.values()}
            for file in self.truth.files.values():
                file.shares = {channel.id if one == old else one for one in file.shares}
            self.known = {(file, channel.id if one == old else one) for file, one in self.known}
            if old in self.truth.ignored:
                self.truth.ignored.add(channel.id)
            changed = {"type": "channel_id_changed", "old_channel_id": old, "new_channel_id": channel.id}
            await self.stage.happens(changed)

    async def change_person(self, number: int) -> None:
        """Somebody is deactivated, becomes a guest or a full member again, or stops being an admin."""
        person = self._person(number)
        match number // 7 % 3:
            case 0:
                person.gone = not person.gone
            case 1 if person.kind in {"member", "guest"}:
                person.kind = "guest" if person.kind == "member" else "member"
                person.admin = person.admin and person.kind == "member"
            case _:
                person.admin = person.kind == "member" and not person.admin
        await self.stage.happens({"type": "user_change", "user": {"id": person.id}})

    # What people decide.

    async def set_public(self, number: int) -> None:
        person, state = self._person(number), "on" if number % 2 else "off"
        reply = await self.stage.fm(person.id, self.here, f"settings public {state}")
        may = person.admin and not person.gone and person.kind == "member"
        if may:
            self.truth.public = state == "on"
        self._expect(("Admins change this" in reply) == may, f"{person} set public {state}: {reply}")

    async def ignore(self, number: int) -> None:
        person, channel = self._person(number), self._channel(number)
        if channel is None:
            return
        word = "unignore" if channel.id in self.truth.ignored else "ignore"
        reply = await self.stage.fm(person.id, channel.id, word)
        inside = {BOT, person.id} <= channel.members
        if inside and not person.gone and person.kind in {"member", "guest"}:
            self.truth.ignored ^= {channel.id}
            self._unknown_in(channel.id)
        else:
            self._expect("I know no such channel" in reply, f"{person} ignored {channel}: {reply}")

    async def forget(self, number: int) -> None:
        """Ask for a file to be forgotten, and confirm it where that is offered."""
        person, file = self._person(number), self._file(number)
        reply = await self.stage.fm(person.id, self.here, f"forget {file.id}")
        self._judge(reply, self._readable_by(person), f"{person.id} forgets {file.id}")
        offered = "fm_forget_confirm" in reply
        seen = file.number in self._readable_by(person)
        may = person.admin or (seen and file.owner == person.id)
        self._expect(may or not offered, f"{person} may forget {file}: {reply}")
        document_id = await self.stage.document_of(file.id)
        if offered and document_id and not file.foreign:
            await self.stage.confirm(person.id, document_id)
            file.forgotten = True

    # What the bot is asked.

    async def look(self, number: int) -> None:
        """Everything that one person can be shown is asked for."""
        await self._look(self._person(number))

    async def look_while_away(self, number: int) -> None:
        """Slack doesn't say who is where, and nothing is remembered."""
        person = self._person(number)
        self.stage.client.away = True
        self.stage.services.members.forget(self.stage.team)
        try:
            for text in (f"search {QUESTION}", "status"):
                reply = await self.stage.fm(person.id, self.here, text)
                self._judge(reply, set(), f"{person.id} while Slack is away: {text}")
        finally:
            self.stage.client.away = False

    async def look_while_unshared(self, number: int) -> None:
        """A file is taken out of a channel between looking for passages and showing them."""
        person, file = self._person(number), self._shared_file(number)
        if not file.shares or file.foreign or file.deleted:
            return
        channel_id = _chosen(sorted(file.shares), number)
        place = self.stage.index if number % 2 else self.stage.reranker
        place.meanwhile.append(lambda: self._unshare(file, channel_id))
        reply = await self.stage.fm(person.id, self.here, f"search {QUESTION}")
        while place.meanwhile:  # nothing was looked for
            await place.meanwhile.pop()()
        self._judge(reply, self._readable_by(person), f"{person.id} while {file.id} goes from {channel_id}")

    async def look_while_the_index_lags(self, number: int) -> None:
        """What happens meanwhile doesn't reach the index; the database knows it."""
        self.stage.index.lags = True
        happening = _chosen([Player.unshare, Player.delete, Player.forget, Player.delete_channel], number)
        await happening(self, number)
        for person in self.truth.people.values():
            reply = await self.stage.fm(person.id, self.here, f"search {QUESTION}")
            self._judge(reply, self._readable_by(person), f"{person.id} while the index lags")
        self.stage.index.lags = False
        await self.stage.look_after()

    async def look_all_together(self, number: int) -> None:
        """What everybody in a channel may be shown is asked for; where the bot isn't, nobody can ask it."""
        channel = self._channel(number)
        if channel is None or BOT not in channel.members:
            return
        allowed = self.truth.files_in(self.truth.open_to_all_in(channel.id))
        services = self.stage.services
        access = await services.audience_of(self.stage.team, ChannelId(channel.id))
        asked = {"asker": "U0ANN", "surface": "test"}
        result = await services.search.search(access, Query(QUESTION), **asked, limit=20)
        self._judge(str(result), allowed, f"all in {channel.id}")
        answer = await services.answers.answer(access, QUESTION, **asked)
        self._judge(str(answer), allowed, f"an answer for all in {channel.id}")

    async def time_passes(self, number: int) -> None:
        """A while, after which what is remembered of Slack may be too old."""
        self.stage.now += number % 100

    async def rest(self, _: int) -> None:
        """The bot gets round to its work."""
        await self.stage.work()

    async def _look_at_everything(self) -> None:
        """Everybody searches; one person and one channel are looked at in every way."""
        await self.stage.work()
        number = self.tally.steps
        for person in self.truth.people.values():
            found = await self.stage.fm(person.id, self.here, f"search {QUESTION}")
            allowed = self._readable_by(person)
            self._judge(found, allowed, f"{person.id} searches")
            if len(allowed) <= ALL_SHOWN:
                known = allowed & self._told_of(self.truth.open_to(person.id))
                self._expect(numbers_in(found) >= known, f"{person.id} doesn't find {known}: {found}")
        await self._look(self._person(number))
        await self.look_all_together(number)

    async def _look(self, person: Person) -> None:
        who, stage, number = person.id, self.stage, self.tally.steps
        allowed = self._readable_by(person)
        misspelt = _chosen(list(self.truth.files.values()), number)
        somewhere = self._channel(number)
        narrowed = f"in:<#{somewhere.id}|{somewhere.name}> " if somewhere else ""
        for text in (
            f"search {QUESTION}",
            f"search {narrowed}{QUESTION}",
            f"search {narrowed}type:txt",
            "status",
            f"search titel{misspelt.number}a",
            f"search {misspelt.word.replace('xi', 'ix')} repotr",
        ):
            self._judge(await stage.fm(who, self.here, text), allowed, f"{who}: {text}")
        self._judge(await stage.page(who), allowed, f"{who}'s page")
        await self._look_for_names(person, allowed)
        await self._count(person, allowed)
        self._judge(
            await stage.fm(who, self.here, f"search {QUESTION}", team=stage.other), set(), f"{who} elsewhere"
        )

    async def _look_for_names(self, person: Person, allowed: set[int]) -> None:
        """A file out of reach is spoken of as one that doesn't exist."""
        for file in self.truth.files.values():
            if file.number not in allowed:
                reply = await self.stage.fm(person.id, self.here, f"retry {file.id}")
                as_unknown = any(words in reply for words in ("None of the files you can see", "I answer"))
                self._expect(as_unknown, f"{person.id} learns of {file.id}: {reply}")
                break

    async def _count(self, person: Person, allowed: set[int]) -> None:
        """Counts, the index by itself, and chunks around a passage."""
        services, stage = self.stage.services, self.stage
        access = await services.access_of(stage.team, UserId(person.id))
        report = await services.search.status(access.scope, 50)
        self._expect(
            sum(report.counts.values()) <= len(allowed), f"{person.id} counts {report.counts}, not {allowed}"
        )
        self._expect(report.counts[Status.INDEXED] <= len(allowed), f"{person.id} counts {report.counts}")
        vector = await stage.ingest.embeddings.embed_query("x")
        keyword = await stage.index.keyword(access.scope, Query(QUESTION), 50)
        for candidates in (keyword, await stage.index.dense(access.scope, vector, 50)):
            self._judge(str([one.text for one in candidates]), allowed, f"the index for {person.id}")
        for file in list(self.truth.files.values())[:3]:
            document_id = await stage.document_of(file.id)
            if document_id and file.number not in allowed:
                for generation in (1, 2):
                    chunks = await stage.index.read(access.scope, document_id, generation, range(9))
                    self._expect(not chunks, f"{person.id} reads around {file.id}")

    # Judging.

    def _readable_by(self, person: Person) -> set[int]:
        return self.truth.files_in(self.truth.open_to(person.id))

    def _told_of(self, channels: set[str]) -> set[int]:
        """The files that the bot was told of in one of these channels."""
        return {self.truth.files[file].number for file, channel in self.known if channel in channels}

    def _unknown_in(self, channel: str) -> None:
        self.known = {(file, one) for file, one in self.known if one != channel}

    def _judge(self, text: str, allowed: set[int], what: str) -> None:
        found = numbers_in(text)
        self.tally.answers += 1
        self.tally.shown += len(found)
        self._expect(found <= allowed, f"{what}: sees {found - allowed} beyond {allowed}")

    def _expect(self, holds: bool, what: str) -> None:
        if not holds:
            raise Beyond(what)

    def _posted(self, channel: str, text: str) -> None:
        """A reply in a channel's thread may speak of what is, or was to its end, shared there."""
        if self.mark not in channel:
            return  # of a history that is over
        if channel not in self.truth.channels or BOT not in self.truth.channels[channel].members:
            raise MessageRefused("not_in_channel")  # as Slack does
        allowed = {file.number for file in self.truth.files.values() if channel in file.shares}
        self._judge(text, allowed, f"in {channel} everybody is told {text}")

    async def _told(self, channel: Channel, kind: str = "message", **fields: object) -> None:
        await self.stage.happens({"type": kind, "channel": channel.id, **fields})


def _kind(channel: Channel, what: str) -> str:
    return f"{'group' if channel.private else 'channel'}_{what}"


def _chosen(among: Sequence[T], number: int) -> T:
    return among[number % len(among)]


STEPS: dict[str, Callable[[Player, int], Awaitable[None]]] = {
    name: getattr(Player, name)
    for name in (
        "join", "leave", "bot_leaves", "bot_joins", "share", "share_elsewhere", "unshare", "delete",
        "rename", "convert", "connect", "archive", "delete_channel", "change_id", "change_person",
        "set_public", "ignore", "forget", "look", "look_while_away", "look_while_unshared",
        "look_while_the_index_lags", "look_all_together", "time_passes", "rest",
    )
}  # fmt: skip
