"""Which chat model writes answers: the server that was set, else Cohere's with its key, else none."""

from __future__ import annotations

from contextlib import AsyncExitStack

from bot.errors import OperatorError, SettingError
from bot.ports import ChatProvider
from bot.settings import Settings

OFF = "off"


def open_chat(settings: Settings, stack: AsyncExitStack) -> ChatProvider | None:
    """Nothing is asked of it yet. Raises SettingError, or OperatorError when its library is missing.

    A vendor's library is imported only when it is used.
    """
    if settings.chat_url is not None:
        return _server(settings, settings.chat_url, stack)
    if settings.co_api_key is None or settings.co_chat_model == OFF:
        return None
    from bot.providers.cohere.chat import MODEL, CohereChat  # noqa: PLC0415  # see above
    from bot.providers.cohere.client import CohereClient  # noqa: PLC0415  # see above

    client = CohereClient(settings.co_api_key.get_secret_value(), settings.co_api_url)
    stack.push_async_callback(client.close)
    return CohereChat(client, model=settings.co_chat_model or MODEL)


def _server(settings: Settings, url: str, stack: AsyncExitStack) -> ChatProvider:
    if settings.chat_model is None:
        raise SettingError("FM_CHAT_MODEL", "is not set", "Name a model that the server at FM_CHAT_URL has.")
    try:
        from bot.providers.openai.chat import OpenAIChat  # noqa: PLC0415  # see above
    except ModuleNotFoundError as error:
        raise OperatorError(
            "FM_CHAT_URL is set, but the library for it isn't installed",
            "Install it: pip install 'openai>=3.57'",
        ) from error
    key = settings.chat_api_key
    chat = OpenAIChat(url, settings.chat_model, key.get_secret_value() if key else None)
    stack.push_async_callback(chat.close)
    return chat
