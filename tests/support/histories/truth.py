"""What Slack has, and who may read what of it. Knows nothing of the bot's code, which is held against it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

BOT = "U0BOT"
DIGITS = "abcdefghij"
TOKEN = re.compile(rf"(?:title|words)(\d+)[a-z]|lexicon([{DIGITS}]+)z")
"""Each file's title and text hold its number in these forms, and nothing else does."""


@dataclass
class Person:
    id: str
    kind: str = "member"  # guest, stranger, robot
    gone: bool = False
    admin: bool = False


@dataclass
class Channel:
    id: str
    name: str
    members: set[str]
    private: bool = False
    external: bool = False
    archived: bool = False


@dataclass
class File:
    """`shares` are the channels it is in. `foreign`: it belongs to another workspace."""

    id: str
    number: int
    owner: str
    shares: set[str] = field(default_factory=set)
    version: str = "a"
    deleted: bool = False
    forgotten: bool = False
    foreign: bool = False

    @property
    def title(self) -> str:
        return f"title{self.number}{self.version}"

    @property
    def text(self) -> str:
        return f"common words{self.number}{self.version} of a report {self.word}"

    @property
    def word(self) -> str:
        """One of letters alone, that a misspelt one can be taken for."""
        return f"lexicon{''.join(DIGITS[int(digit)] for digit in str(self.number))}z"


@dataclass
class Truth:
    """One workspace. `ignored` and `public` are its settings."""

    people: dict[str, Person] = field(default_factory=dict)
    channels: dict[str, Channel] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    ignored: set[str] = field(default_factory=set)
    public: bool = False

    def open_to(self, user: str) -> set[str]:
        """The channels whose files this person may be shown by a bot."""
        person = self.people[user]
        if person.gone or person.kind == "robot":
            return set()
        found = set()
        for channel in self.channels.values():
            if BOT not in channel.members or channel.id in self.ignored:
                continue
            inside = user in channel.members and (person.kind != "stranger" or channel.external)
            everybodys = not channel.private and not channel.external
            if inside or (self.public and person.kind == "member" and everybodys):
                found.add(channel.id)
        return found

    def open_to_all_in(self, here: str) -> set[str]:
        """The channels whose files everybody may read who sees this one."""
        if here not in self.channels:
            return set()
        members = [self.people[user] for user in self.channels[here].members - {BOT}]
        readers = [person for person in members if not person.gone and person.kind != "robot"]
        common = {here}
        if all(person.kind == "member" for person in readers) and not self.channels[here].external:
            common |= {
                channel.id
                for channel in self.channels.values()
                if self.public and not channel.private and not channel.external and BOT in channel.members
            }
        return common - self.ignored

    def files_in(self, channels: Iterable[str]) -> set[int]:
        """The numbers of the files that are in one of these channels."""
        wanted = set(channels)
        return {
            file.number
            for file in self.files.values()
            if file.shares & wanted and not (file.deleted or file.forgotten or file.foreign)
        }


def numbers_in(text: str) -> set[int]:
    """Of which files something is to be read in a text."""
    return {
        int(number or "".join(str(DIGITS.index(one)) for one in word)) for number, word in TOKEN.findall(text)
    }
