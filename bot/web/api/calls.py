"""Calls: a request whose caller is known and whose query fits, and how it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from bot.domain import ApiKey
from bot.errors import FaultMavenError
from bot.search.access import Access
from bot.web.api.keys import caller_of
from bot.web.api.operations import Operation
from bot.web.api.problems import PRIVATE, ApiProblem, Handler, invalid, problem_of
from bot.web.api.services import Services

MAX_BODY_BYTES = 64 * 1024
BODY_S = 10.0
Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Call:
    """What an operation is given."""

    request: web.Request
    services: Services
    key: ApiKey
    access: Access
    query: BaseModel

    def query_as(self, model: type[Model]) -> Model:
        """What was asked for in the address, as the operation describes it."""
        if not isinstance(self.query, model):
            raise TypeError(model)
        return self.query

    async def body_as(self, model: type[Model]) -> Model:
        """The JSON that was sent. Raises ApiProblem."""
        if self.request.content_type != "application/json":
            raise ApiProblem(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", "Send application/json."
            )
        try:
            return model.model_validate_json(await _body(self.request), strict=True)
        except ValidationError as error:
            raise invalid(error) from error


Perform = Callable[[Call], Awaitable[web.Response]]


def handler_of(operation: Operation, perform: Perform, services: Services) -> Handler:
    """The route's handler: who asks, may they, is it well-formed; then it is performed."""

    async def handle(request: web.Request) -> web.StreamResponse:
        caller = await caller_of(request, services, operation.right)
        try:
            call = Call(request, services, caller.key, caller.access, _query(request, operation))
            response = await perform(call)
        except (ApiProblem, FaultMavenError) as error:
            problem = error if isinstance(error, ApiProblem) else problem_of(error)
            problem.headers.update(caller.headers)
            raise problem from error
        response.headers.update(caller.headers)
        response.headers.update(PRIVATE)
        return response

    return handle


def answer(
    view: BaseModel, status: HTTPStatus = HTTPStatus.OK, headers: Mapping[str, str] | None = None
) -> web.Response:
    """A value as JSON."""
    return web.Response(
        status=status, text=view.model_dump_json(), content_type="application/json", headers=headers
    )


def _query(request: web.Request, operation: Operation) -> BaseModel:
    asked = dict(request.query)
    if len(asked) != len(request.query):
        raise ApiProblem(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid", "Each parameter may be given once.")
    try:
        return operation.query.model_validate(asked)
    except ValidationError as error:
        raise invalid(error) from error


async def _body(request: web.Request) -> bytes:
    body = b""
    try:
        async with asyncio.timeout(BODY_S):
            while piece := await request.content.read(MAX_BODY_BYTES + 1):
                body += piece
                if len(body) > MAX_BODY_BYTES:
                    raise ApiProblem(
                        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"At most {MAX_BODY_BYTES} bytes."
                    )
    except TimeoutError:
        raise ApiProblem(
            HTTPStatus.REQUEST_TIMEOUT,
            "too_slow",
            f"The body did not come within {BODY_S:.0f} seconds.",
            headers={"Connection": "close"},
        ) from None
    return body
