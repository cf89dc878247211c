"""What was asked in vain is for admins."""

from __future__ import annotations

from pathlib import Path

from support.bot import bot_in
from support.company import Company

from bot.playground.server import Playground


async def test_admins_see_what_was_asked_in_vain_and_nobody_else_does(tmp_path: Path) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path) as bot:
        company = Company(slack, bot)
        alice, boss = company.person("alice"), company.person("boss", admin=True)
        ops = company.channel("ops", alice, boss)
        for _ in range(2):
            await company.fm(alice, ops, "search zebra crossings")
        told = await company.fm(boss, ops, "insights")
        refused = await company.fm(alice, ops, "insights")
    assert "2 found nothing" in told
    assert "2 x zebra crossings" in told
    assert "zebra" not in refused
    assert "Only admins" in refused
