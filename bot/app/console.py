"""The operators' page, where a token is set for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot import playground
from bot.app.core import Core
from bot.app.workspaces import Workspaces, slack_site
from bot.settings import Settings
from bot.web.console import Console, Gate, Sampler, WithSlack
from bot.web.server import Check, reasons_of

PAGE_OF_THE_DEMO = Path(playground.__file__).parent / "static"
SHARED = ("css/base.css", "js/dialogs.js", "js/dom.js", "js/theme.js", "icon.svg")
"""What the two pages have in common lies with the demo's."""


def console(
    settings: Settings, core: Core, checks: Mapping[str, Check], workspaces: Workspaces
) -> Console | None:
    """None without a token: then there is no such address."""
    if settings.console_token is None:
        return None

    async def health() -> Mapping[str, str]:
        reasons = await reasons_of(checks)
        found = {name: reason or "ok" for name, reason in reasons.items()}
        circuits = {
            name: "ok" if state == "closed" else state for name, state in core.circuit_states().items()
        }
        return found | circuits

    return Console(
        token=settings.console_token.get_secret_value(),
        transaction=core.database.transaction,
        ingest=core.ingest,
        sampler=Sampler(core.database.transaction),
        health=health,
        shared={Path(name).name: PAGE_OF_THE_DEMO / name for name in SHARED},
        slack=_with_slack(settings, core, workspaces),
    )


def _with_slack(settings: Settings, core: Core, workspaces: Workspaces) -> WithSlack | None:
    if workspaces.sign_in is None:
        return None
    return WithSlack(
        sign_in=workspaces.sign_in,
        gate=Gate(workspaces.members, core.database.transaction),
        public_url=settings.public_url,
        slack_url=slack_site(settings),
    )
