"""The console: what an operator sees and does in the browser. Off unless a token is set for it."""

from bot.web.console.gate import Gate, WithSlack
from bot.web.console.pages import Console
from bot.web.console.sampling import Sampler

__all__ = ["Console", "Gate", "Sampler", "WithSlack"]
