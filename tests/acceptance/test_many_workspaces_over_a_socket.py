"""Two workspaces that installed the bot by OAuth, over the one Socket Mode connection of its app."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from support.bot import HURRY, at_rest
from support.installing import install, settings_of
from support.slack import ask, shown, verdict

from bot.app import running
from bot.playground.host import SlackHost
from bot.playground.server import Playground


def answered(slack: Playground, place: str, ts: str) -> bool:
    return len(slack.messages(place, ts)) > 1


class Team:
    """A workspace in which one person is in one channel with the bot; its file has a word of its own."""

    def __init__(self, slack: Playground, word: str) -> None:
        self.slack, self.word = slack, word
        self.person = slack.add_user(f"{word}er")
        self.channel = slack.add_channel("ops", [self.person, slack.bot_user])
        self.direct = slack.direct_channel(self.person)

    async def live(self) -> str:
        """Share, search, ask in a direct message and in the channel; all that could be read of it."""
        slack, seen = self.slack, []
        text = f"The gearbox pressure of {self.word} is 3 bar."
        file = await slack.share(self.person, self.channel, f"{self.word}.txt", text.encode())
        seen.append((await verdict(slack, file.ts)).text)
        seen.append(shown(await ask(slack, self.person, self.channel, "/fm search gearbox pressure")))
        for place, said in ((self.direct, ""), (self.channel, f"<@{slack.bot_user}> ")):
            ts = await slack.say(self.person, place, f"{said}what is the gearbox pressure?")
            await slack.until(partial(answered, slack, place, ts))
            seen.append(shown(slack.messages(place, ts)[1]))
        return "\n".join(seen)


async def test_two_workspaces_over_one_connection_are_each_answered_with_their_own_token(
    tmp_path: Path,
) -> None:
    teams = ("T0ACME001", "T0BETA002")
    async with SlackHost.serve(*(Playground(team_id=team) for team in teams)) as host:
        app_token = host.workspaces[teams[0]].app_token
        settings = settings_of(host, tmp_path, slack_signing_secret=None, slack_app_token=app_token)
        async with running(settings, pace=HURRY) as bot:
            host.redirect_uris.add(f"{bot.url}/slack/oauth_redirect")
            acme, beta = (
                Team(host.workspaces[team], word) for team, word in zip(teams, ("ac", "be"), strict=True)
            )
            await acme.slack.until(lambda: acme.slack.connected)
            assert acme.slack.socket is beta.slack.socket
            assert acme.slack.socket.connections == 1
            for team in (acme, beta):
                await install(bot.url, team.slack.workspace.team_id)

            read = await asyncio.gather(acme.live(), beta.live())  # at the same time
            for team, other, seen in ((acme, beta, read[0]), (beta, acme, read[1])):
                assert seen.count(f"pressure of {team.word} is 3 bar") >= 3, seen
                assert f"{other.word}.txt" not in seen
                assert f"of {other.word} is" not in seen
                await at_rest(team.slack, bot)
                assert {one.outcome for one in team.slack.deliveries} == {"acked"}
                assert {call.outcome for call in team.slack.calls} == {"ok"}, (
                    "none with another's token or id"
                )

            beta.slack.workspace.uninstall()
            await at_rest(beta.slack, bot)
            before = len(beta.slack.calls)
            again = await ask(acme.slack, acme.person, acme.channel, "/fm search gearbox pressure")
            assert "pressure of ac is 3 bar" in shown(again)
            await beta.slack.command(beta.person, beta.channel, "/fm search gearbox pressure")
            await at_rest(beta.slack, bot)
            assert len(beta.slack.calls) == before, "there is no token left to call with"
