"""Which chat model writes answers: the server that was set, else Cohere's with its key, else none."""

from __future__ import annotations

from contextlib import AsyncExitStack, aclosing
from functools import partial

from bot.domain import Prompt
from bot.errors import OperatorError, SettingError
from bot.ports import ChatProvider
from bot.providers.told import OnCall, OnOutcome, untold
from bot.settings import Settings
from bot.settings.secrets import plain

OFF = "off"
READY = Prompt("Reply with one word.", "Ready?", max_tokens=100)


def is_wanted(settings: Settings) -> bool:
    """Whether there is to be one."""
    return settings.chat_url is not None or (
        settings.co_api_key is not None and settings.co_chat_model != OFF
    )


def open_chat(settings: Settings, stack: AsyncExitStack, on_call: OnCall = untold) -> ChatProvider | None:
    """Nothing is asked of it yet. Raises SettingError, or OperatorError when its library is missing.

    A vendor's library is imported only when it is used.
    """
    if settings.chat_url is not None:
        return _server(settings, settings.chat_url, stack, partial(on_call, "chat_server", "chat"))
    if settings.co_api_key is None or not is_wanted(settings):
        return None
    from bot.providers.cohere.chat import MODEL, CohereChat  # noqa: PLC0415  # see above
    from bot.providers.cohere.client import CohereClient  # noqa: PLC0415  # see above

    client = CohereClient(settings.co_api_key.get_secret_value(), settings.co_api_url)
    stack.push_async_callback(client.close)
    told = partial(on_call, "cohere", "chat")
    return CohereChat(client, model=settings.co_chat_model or MODEL, on_outcome=told)


async def probe(settings: Settings) -> None:
    """Have it say a word. Raises OperatorError or RetryLater when it can't."""
    async with AsyncExitStack() as stack:
        chat = open_chat(settings, stack)
        if chat is not None:
            async with aclosing(chat.reply(READY)) as reply:
                await anext(reply)


def _server(settings: Settings, url: str, stack: AsyncExitStack, told: OnOutcome) -> ChatProvider:
    if settings.chat_model is None:
        raise SettingError("FM_CHAT_MODEL", "is not set", "Name a model that the server at FM_CHAT_URL has.")
    try:
        from bot.providers.openai.chat import OpenAIChat  # noqa: PLC0415  # see above
    except ModuleNotFoundError as error:
        raise OperatorError(
            "FM_CHAT_URL is set, but the library for it isn't installed",
            "Install it: pip install 'openai>=3.57'",
        ) from error
    chat = OpenAIChat(url, settings.chat_model, plain(settings.chat_api_key), on_outcome=told)
    stack.push_async_callback(chat.close)
    return chat
