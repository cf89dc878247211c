from __future__ import annotations

from bot.playground.demo import SAMPLES, SUGGESTIONS
from bot.playground.server import Playground


async def test_the_demo_begins_with_people_channels_documents_and_a_welcome() -> None:
    async with Playground.serve(demo=True) as slack:
        channels = {channel.name: channel for channel in slack.workspace.channels.values()}
        assert channels.keys() == {"general", "ops", "incident-room"}
        assert all(slack.bot_user in channel.members for channel in channels.values())
        assert channels["incident-room"].is_private
        assert len(channels["incident-room"].members) < len(channels["general"].members)
        people = {user.name: user for user in slack.workspace.users.values()}
        assert people.keys() == {"faultmaven", "alice", "bob", "chandra", "gwen"}
        assert people["gwen"].is_guest
        assert "/fm search" in slack.messages(channels["general"].id)[0].text
        assert slack.suggestions == SUGGESTIONS
        shared = {file.name for file in slack.workspace.files.values()}
        assert shared == {path.name for path in SAMPLES.iterdir()}
        told = [delivery.payload["event"]["type"] for delivery in slack.deliveries]
        assert told.count("file_shared") == len(shared)


def test_every_suggested_search_has_its_words_in_a_sample() -> None:
    texts = [path.read_text(encoding="utf-8").lower() for path in SAMPLES.iterdir()]
    for suggestion in SUGGESTIONS:
        words = [word for word in suggestion.lower().split() if word not in {"who", "owns"}]
        assert any(all(word in text for word in words) for text in texts), suggestion
