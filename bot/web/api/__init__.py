"""The HTTP API for knowledge: documents in named spaces, searched by programs that hold a key."""

from bot.web.api.app import knowledge_api
from bot.web.api.changes import Changes
from bot.web.api.services import Services

__all__ = ["Changes", "Services", "knowledge_api"]
