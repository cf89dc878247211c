"""Events, commands and interactions as signed HTTP requests to the app's request URL."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from urllib.parse import urlencode

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

from bot.playground.delivery import ACK_TIMEOUT_S, NotAcked, NotReachable
from bot.playground.model import Json

_OK = range(200, 300)
_CHALLENGE = "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7tYXAYM8P"


def sign(secret: str, timestamp: str, body: str) -> str:
    """Slack's v0 signature: https://docs.slack.dev/authentication/verifying-requests-from-slack."""
    base = f"v0:{timestamp}:{body}".encode()
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


class HttpTransport:
    """Sends to `request_url`, which may be set at any time; events wait until it is."""

    def __init__(self, signing_secret: str, ack_timeout_s: float = ACK_TIMEOUT_S) -> None:
        self.secret = signing_secret
        self._ack_timeout_s = ack_timeout_s
        self._session = ClientSession(timeout=ClientTimeout(total=ack_timeout_s))
        self._url: str | None = None
        self._set = asyncio.Event()

    @property
    def request_url(self) -> str | None:
        """Where requests go."""
        return self._url

    @request_url.setter
    def request_url(self, url: str | None) -> None:
        self._url = url
        if url:
            self._set.set()
        else:
            self._set.clear()

    async def send(
        self, kind: str, payload: Json, *, attempt: int, reason: str, wait_s: float
    ) -> Json | None:
        """See Transport."""
        if self._url is None:
            await self._wait(wait_s)
        retry = {"x-slack-retry-num": str(attempt), "x-slack-retry-reason": reason} if attempt else {}
        if kind == "events_api":
            return await self._post(json.dumps(payload), "application/json", retry)
        form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
        return await self._post(urlencode(form), "application/x-www-form-urlencoded", retry)

    async def verify(self) -> bool:
        """Do what Slack does when a request URL is saved: send a challenge, expect it back."""
        body = {"token": "x", "challenge": _CHALLENGE, "type": "url_verification"}
        try:
            answer = await self._post(json.dumps(body), "application/json", {})
        except NotAcked:
            return False
        return answer is not None and _CHALLENGE in {answer.get("challenge"), answer.get("text")}

    async def close(self) -> None:
        """Close the connections."""
        await self._session.close()

    async def _wait(self, wait_s: float) -> None:
        if not wait_s:
            raise NotReachable("connection_failed")
        try:
            async with asyncio.timeout(wait_s):
                await self._set.wait()
        except TimeoutError:
            raise NotReachable("connection_failed") from None

    async def _post(self, body: str, content_type: str, headers: dict[str, str]) -> Json | None:
        timestamp = str(int(time.time()))
        signed = headers | {
            "Content-Type": content_type,
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": sign(self.secret, timestamp, body),
            "User-Agent": "Slackbot 1.0 (+https://api.slack.com/robots)",
        }
        try:
            request = self._session.post(
                self._url or "", data=body.encode(), headers=signed, allow_redirects=False
            )
            async with request as response:
                return _answer(response, await response.text())
        except TimeoutError:
            raise NotAcked("http_timeout") from None
        except ClientError:
            raise NotAcked("connection_failed") from None


def _answer(response: ClientResponse, text: str) -> Json | None:
    if response.status not in _OK:
        raise NotAcked("http_error", retry=response.headers.get("x-slack-no-retry") != "1")
    if not text:
        return None
    try:
        answer = json.loads(text)
    except ValueError:
        return {"text": text}
    return answer if isinstance(answer, dict) else {"text": text}
