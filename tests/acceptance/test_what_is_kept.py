"""What stays in the database of what people read and said."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlmodel import SQLModel
from support.bot import at_rest, bot_in, caught_up
from support.dialogue import mention, reply_to
from support.slack import ask, shown, verdict

from bot.app.providers import DATABASE_NAME
from bot.playground.server import Playground

SECRET = "lantern-zebra"
TEXT = f"The vault opens with the words {SECRET}, said twice.\n".encode()


def tables_that_hold(data_dir: Path, words: str) -> set[str]:
    """The tables of the state, not of the index, in some row of which these words stand."""
    found = set()
    with sqlite3.connect(f"file:{data_dir / DATABASE_NAME}?mode=ro", uri=True) as db:
        for table in SQLModel.metadata.tables:
            if words in str(db.execute(f'SELECT * FROM "{table}"').fetchall()):  # noqa: S608  # our own names
                found.add(table)
    db.close()
    return found


async def test_what_answers_quote_is_kept_nowhere_but_in_the_index_and_goes_with_it(tmp_path: Path) -> None:
    async with Playground.serve() as slack, bot_in(slack, tmp_path) as bot:
        alice = slack.add_user("alice")
        ops = slack.add_channel("ops", members=[alice])
        shared = await slack.share(alice, ops, "vault.txt", TEXT)
        await verdict(slack, shared.ts)
        asked = await mention(slack, alice, ops, "how does the vault open?")
        answer = await reply_to(slack, ops, asked)
        assert SECRET in shown(answer)
        assert SECRET in shown(await ask(slack, alice, ops, "/fm search vault opens"))
        await slack.press(alice, ops, answer.ts, "fm_feedback", value=_down(answer.blocks))
        await at_rest(slack, bot)
        assert tables_that_hold(tmp_path, "vault open") == {"turn", "search_log"}
        assert tables_that_hold(tmp_path, SECRET) == set()

        await slack.delete_file(shared.file_id)
        await caught_up(slack, bot)
        assert "Nothing" in shown(await ask(slack, alice, ops, "/fm search lantern zebra"))


def _down(blocks: object) -> str:
    """The value of an answer's button for "not helpful"."""
    assert isinstance(blocks, list)
    [buttons] = [b["elements"][0] for b in blocks if b["type"] == "context_actions"]
    return str(buttons["negative_button"]["value"])
