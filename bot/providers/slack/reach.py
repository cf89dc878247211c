"""Whether Slack's payloads would arrive: by a connection that is greeted, or a signed request answered."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
from slack_sdk.signature import SignatureVerifier
from slack_sdk.web.async_client import AsyncWebClient

from bot.errors import ProviderUnavailable
from bot.providers.slack.errors import call

HELLO_TIMEOUT_S = 10.0
REQUEST_TIMEOUT = aiohttp.ClientTimeout(total=5)
MAX_ANSWER_BYTES = 4096
CHALLENGE = "faultmaven-doctor"
OK, UNAUTHORIZED = 200, 401


async def greeted(client: AsyncWebClient, session: aiohttp.ClientSession, app_token: str) -> int:
    """Connect as the bot does, wait for Slack's hello, and go: how many connections the app has then.

    What Slack sends meanwhile it sends again to another connection. Raises ProviderUnavailable.
    """
    answer = await call(lambda: client.apps_connections_open(app_token=app_token))
    try:
        async with asyncio.timeout(HELLO_TIMEOUT_S), session.ws_connect(str(answer["url"])) as socket:
            hello = await socket.receive_json()
    except (aiohttp.ClientError, TimeoutError, OSError, TypeError, ValueError) as error:
        raise ProviderUnavailable("Slack gave an address for Socket Mode and said no hello there") from error
    if hello.get("type") != "hello":
        raise ProviderUnavailable(f"Slack said {str(hello.get('type'))[:40]!r} instead of hello")
    return int(hello.get("num_connections") or 1)


async def takes_signed(session: aiohttp.ClientSession, url: str, signing_secret: str) -> str | None:
    """Send what Slack sends to verify a request URL: None when it is answered as Slack wants, else why not.

    Also a request signed with another secret: that one has to be refused. Raises ProviderUnavailable where
    nobody answers.
    """
    try:
        status, body = await _send(session, url, signing_secret)
        forged, _ = await _send(session, url, signing_secret[::-1] + "x")
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ProviderUnavailable(f"nobody answers at {url}") from error
    if status == UNAUTHORIZED:
        return "it is refused: the bot that runs there has another signing secret"
    if status != OK or CHALLENGE not in body:
        return f"it is answered with {status} and not with the challenge"
    if forged == OK:
        return "a request with a wrong signature is taken, too"
    return None


async def _send(session: aiohttp.ClientSession, url: str, secret: str) -> tuple[int, str]:
    body = json.dumps({"type": "url_verification", "challenge": CHALLENGE})
    timestamp = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
        or "",
    }
    async with session.post(
        url, data=body, headers=headers, allow_redirects=False, timeout=REQUEST_TIMEOUT
    ) as answer:
        return answer.status, (await answer.content.read(MAX_ANSWER_BYTES)).decode("utf-8", "replace")
