"""The API's description (OpenAPI 3.1), made of its operations and models."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from bot.web.api.models import Problem
from bot.web.api.operations import ALWAYS, OPERATIONS, Operation
from bot.web.api.reference import SAMPLES

JSON, PROBLEM, MULTIPART = "application/json", "application/problem+json", "multipart/form-data"
REFERENCE = "#/components/schemas/{model}"
PREFIX = "/v1"
DOCUMENT_ID = {
    "name": "document_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
}
RATE_HEADERS = {
    "RateLimit-Policy": {"description": "How many requests a minute", "schema": {"type": "string"}},
    "RateLimit": {"description": "How many are left, for how many seconds", "schema": {"type": "string"}},
}
TEXT = {"schema": {"type": "string"}}
ANSWER_HEADERS = {
    ("uploadDocument", 202): {"Location": TEXT, "Retry-After": TEXT},
    ("uploadDocument", 201): {"Location": TEXT},
    ("getDocument", 200): {"ETag": TEXT},
    ("getDocument", 304): {"ETag": TEXT},
}


def description(version: str) -> dict[str, Any]:
    """The whole document, as JSON."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "FaultMaven knowledge",
            "version": version,
            "description": "Documents in named spaces, found by what they say. A key reads some spaces.",
        },
        "servers": [{"url": PREFIX}],
        "security": [{"key": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Made by `fm api-key create`"}
            },
        },
    }


def _paths() -> dict[str, dict[str, Any]]:
    paths: dict[str, dict[str, Any]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return paths


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": f"Needs the right to {operation.right}.",
        SAMPLES: [{"lang": "Shell", "label": "curl", "source": operation.example}],
        "parameters": [*_parameters(operation)],
        "responses": {str(status): _answer(operation, status) for status in sorted(operation.answers)}
        | {str(status): _problem(status) for status in sorted({*ALWAYS, *operation.problems})},
    }
    if sent := operation.body or operation.form:
        kind = JSON if operation.body else MULTIPART
        described["requestBody"] = {"required": True, "content": {kind: {"schema": _reference(sent)}}}
    return described


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    schema = operation.query.model_json_schema()
    asked = [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _without_null(one, schema.get("$defs", {})),
        }
        for name, one in schema.get("properties", {}).items()
    ]
    headers = [
        {"name": name, "in": "header", "description": words, "schema": {"type": "string", "pattern": pattern}}
        for name, (words, pattern) in operation.headers.items()
    ]
    return [*([DOCUMENT_ID] if "{document_id}" in operation.path else []), *asked, *headers]


def _without_null(schema: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """What may be left out of an address can't be null there."""
    kinds = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    [kind] = kinds
    reference = kind.pop("$ref", None)
    if reference:
        kind |= definitions[reference.rpartition("/")[2]]
    described = {name: value for name, value in schema.items() if name in {"description", "title"}}
    default = {} if schema.get("default") is None else {"default": schema["default"]}
    return {**kind, **described, **default}


def _answer(operation: Operation, status: int) -> dict[str, Any]:
    model = operation.answers[status]
    headers = RATE_HEADERS | ANSWER_HEADERS.get((operation.name, status), {})
    described: dict[str, Any] = {"description": HTTPStatus(status).phrase, "headers": headers}
    return described if model is None else described | {"content": {JSON: {"schema": _reference(model)}}}


def _problem(status: int) -> dict[str, Any]:
    headers = {"Retry-After": TEXT} if status in {429, 503} else {}
    content = {PROBLEM: {"schema": _reference(Problem)}}
    return {"description": HTTPStatus(status).phrase, "headers": headers, "content": content}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}


def _schemas() -> dict[str, Any]:
    sent = [model for operation in OPERATIONS for model in (operation.body, operation.form) if model]
    answers = (operation.answers.values() for operation in OPERATIONS)
    answered: list[type[BaseModel]] = [model for models in answers for model in models if model]
    answered.append(Problem)
    modes: list[tuple[type[BaseModel], JsonSchemaMode]] = []
    modes += [(model, "validation") for model in dict.fromkeys(sent)]
    modes += [(model, "serialization") for model in dict.fromkeys(answered)]
    schemas: dict[str, Any] = models_json_schema(modes, ref_template=REFERENCE)[1]["$defs"]
    return schemas
