"""The composition root: reads settings, picks providers, wires everything, starts and stops it.

`running` is the bot with Slack, `local` the same pipelines on this machine's files, `demo` the bot
inside a local Slack workspace.
"""

from bot.app.demo import Demo, demo
from bot.app.local import Local, local
from bot.app.logs import configure_logging
from bot.app.pace import Pace
from bot.app.serve import Running, running

__all__ = ["Demo", "Local", "Pace", "Running", "configure_logging", "demo", "local", "running"]
