"""Reads the arguments of a Web API call, from a form or JSON, and checks them against the method."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web

from bot.playground.model import Json
from bot.playground.refusal import Refusal, with_messages
from bot.playground.requirements import ArgumentType, Method

_EVERYWHERE: dict[str, ArgumentType] = {"team_id": "text"}
"""Slack's client sends it with every call once it knows the workspace."""
_TRUE = {"1", "true"}
_FALSE = {"0", "false"}


async def read_arguments(request: web.Request, method: Method) -> Json:
    """The raw arguments of a request. A JSON body of a method that reads only forms counts as empty.

    Raises Refusal (`invalid_json`, `json_not_object`).
    """
    given: Json = dict(request.query)
    given.pop("token", None)
    if request.content_type == "application/json":
        if method.json:
            given |= _json_object(await request.text())
    elif request.method == "POST":
        given |= dict(await request.post())
    return given


def _json_object(text: str) -> Json:
    try:
        body = json.loads(text or "{}")
    except ValueError:
        raise Refusal("invalid_json") from None
    if not isinstance(body, dict):
        raise Refusal("json_not_object")
    return body


def check_arguments(given: Json, method: Method) -> Json:
    """The arguments in their types, without the absent ones. Raises Refusal `invalid_arguments`.

    Slack ignores most arguments that it doesn't know; here they are refused, since they are slips.
    """
    kinds = method.required | method.optional | _EVERYWHERE
    problems = [f"missing required field: {name}" for name in method.required if given.get(name) is None]
    problems += [f"unknown argument: {name}" for name in given if name not in kinds]
    checked: Json = {}
    for name, value in given.items():
        if name not in kinds or value is None:
            continue
        try:
            checked[name] = _READERS[kinds[name]](value)
        except ValueError as error:
            problems.append(f"{error} [json-pointer:/{name}]")
    if problems:
        raise with_messages("invalid_arguments", problems)
    return checked


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("must be a string")  # noqa: TRY004  # one kind of error for every wrong argument
    return value


def _number(value: object) -> int:
    if isinstance(value, bool) or not str(value).lstrip("-").isdecimal():
        raise ValueError("must be a valid integer")
    return int(str(value))


def _flag(value: object) -> bool:
    word = str(value).lower()
    if word not in _TRUE | _FALSE:
        raise ValueError("must be a boolean")
    return word in _TRUE


def _parsed(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ValueError("must be valid JSON") from None


_READERS: dict[ArgumentType, Callable[[object], object]] = {
    "text": _text,
    "number": _number,
    "flag": _flag,
    "json": _parsed,
}
