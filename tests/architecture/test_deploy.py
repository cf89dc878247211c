"""What deploy/ holds fits its own schemas, the program and the image."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from architecture.rules import REPOSITORY
from jsonschema import Draft7Validator, Draft202012Validator

from bot.app.core import DRAIN_S
from bot.settings import Settings, variable_of
from bot.web.metrics import Metrics
from bot.web.server import CHECK_TIMEOUT_S
from bot.web.state_metrics import StateFigures

DEPLOY = REPOSITORY / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
SCHEMAS = REPOSITORY / "tests/schemas"
VARIABLES = {variable_of(field) for field in Settings.model_fields}
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
OBJECTS = sorted(path.name for path in KUBERNETES.glob("*.yaml") if path.name != "kustomization.yaml")
USER = 10001
"""Of the Dockerfile."""


def loaded(path: Path) -> Any:  # noqa: ANN401  # as the file has it
    return yaml.safe_load(path.read_text(encoding="utf-8"))


COMPOSE = loaded(DEPLOY / "compose.yml")
PODS = loaded(KUBERNETES / "deployment.yaml")["spec"]["template"]
[CONTAINER] = PODS["spec"]["containers"]


def faults_of(value: dict, schemas: dict) -> list[str]:
    """What is wrong with an object by the definition of its kind."""
    kind = schemas["kinds"][value["kind"]]
    schema = {"$schema": schemas["$schema"], "$defs": schemas["$defs"], "$ref": f"#/$defs/{kind}"}
    return said(Draft202012Validator(schema), value)


def said(validator: Draft7Validator | Draft202012Validator, value: dict) -> list[str]:
    return [f"{error.json_path}: {error.message[:200]}" for error in validator.iter_errors(value)]


@pytest.fixture(scope="module")
def schemas() -> dict:
    return json.loads((SCHEMAS / "kubernetes-1.37.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", OBJECTS)
def test_an_object_of_kubernetes_fits_the_schema_of_its_kind(name: str, schemas: dict) -> None:
    value = loaded(KUBERNETES / name)
    assert faults_of(value, schemas) == []
    assert value["metadata"]["name"] == "faultmaven"
    assert name.partition(".")[0] == value["kind"].lower()


@pytest.mark.parametrize(
    ("path", "value"),
    [("replcas", 2), ("replicas", "two"), ("template", {"spec": {"containers": [{"name": 1}]}})],
)
def test_the_schema_finds_what_is_wrong(path: str, value: object, schemas: dict) -> None:
    deployment = loaded(KUBERNETES / "deployment.yaml")
    deployment["spec"][path] = value
    assert faults_of(deployment, schemas)


def test_the_compose_file_fits_the_specifications_schema() -> None:
    validator = Draft7Validator(json.loads((SCHEMAS / "compose-spec.json").read_text(encoding="utf-8")))
    assert said(validator, COMPOSE) == []
    assert said(validator, COMPOSE | {"services": {"bot": {"imge": "x"}}})


def test_kustomize_takes_every_object_but_the_example_of_the_secret() -> None:
    kustomization = loaded(KUBERNETES / "kustomization.yaml")
    assert set(kustomization["resources"]) == set(OBJECTS) - {"secret.example.yaml"}
    [image] = kustomization["images"]
    assert image["name"] == CONTAINER["image"]
    assert f"ARG VERSION={image['newTag']}" in DOCKERFILE


def test_only_settings_that_exist_are_set() -> None:
    example = re.findall(r"^(\w+)=", (DEPLOY / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    named = {
        *example,
        *COMPOSE["services"]["bot"]["environment"],
        *loaded(KUBERNETES / "configmap.yaml")["data"],
        *loaded(KUBERNETES / "secret.example.yaml")["stringData"],
    }
    assert named - {"POSTGRES_PASSWORD"} <= VARIABLES
    assert {"SLACK_BOT_TOKEN", "FM_DATABASE_URL", "POSTGRES_PASSWORD"} <= named


def test_the_settings_of_kubernetes_are_ones_that_the_program_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in loaded(KUBERNETES / "configmap.yaml")["data"].items():
        assert isinstance(value, str)
        monkeypatch.setenv(name, value)
    for name, value in loaded(KUBERNETES / "secret.example.yaml")["stringData"].items():
        monkeypatch.setenv(name, value.replace("HOST:5432", "db.example:5432"))
    assert Settings.from_environment().slack_mode == "socket"


def test_the_environment_of_compose_is_one_that_the_program_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in COMPOSE["services"]["bot"]["environment"].items():
        monkeypatch.setenv(name, re.sub(r"\$\{\w+:\?[^}]*\}", "secret1", value))
    address = Settings.from_environment().database_url
    database = COMPOSE["services"]["db"]["environment"]
    user, name = database["POSTGRES_USER"], database["POSTGRES_DB"]
    assert address
    assert address.get_secret_value() == f"postgresql+psycopg://{user}:secret1@db:5432/{name}"


def test_ports_and_paths_are_those_of_the_image() -> None:
    [port] = re.findall(r"FM_PORT=(\d+)", DOCKERFILE)
    assert CONTAINER["ports"] == [{"name": "http", "containerPort": int(port)}]
    assert PODS["metadata"]["annotations"]["prometheus.io/port"] == port
    [published] = COMPOSE["services"]["bot"]["ports"]
    assert published.endswith(f":{port}")
    assert loaded(KUBERNETES / "service.yaml")["spec"]["ports"][0]["targetPort"] == "http"
    mounted = {mount["mountPath"] for mount in CONTAINER["volumeMounts"]}
    assert mounted == {"/data", "/tmp"}  # noqa: S108  # in the container
    assert {mount["name"] for mount in CONTAINER["volumeMounts"]} == {
        v["name"] for v in PODS["spec"]["volumes"]
    }
    assert COMPOSE["services"]["bot"]["volumes"] == ["/data"]


def test_probes_ask_what_is_served_and_wait_longer_than_the_answer_takes() -> None:
    asked = {name: CONTAINER[f"{name}Probe"] for name in ("startup", "liveness", "readiness")}
    paths = {name: probe["httpGet"]["path"] for name, probe in asked.items()}
    assert paths == {"startup": "/healthz", "liveness": "/healthz", "readiness": "/readyz"}
    assert asked["readiness"]["timeoutSeconds"] > CHECK_TIMEOUT_S


def test_whoever_is_told_to_stop_has_the_time_to_drain() -> None:
    paused = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert PODS["spec"]["terminationGracePeriodSeconds"] >= paused + 30 >= paused + DRAIN_S
    assert COMPOSE["services"]["bot"]["stop_grace_period"] == "40s"


def test_a_container_can_do_nothing_but_its_work() -> None:
    pod, container = PODS["spec"]["securityContext"], CONTAINER["securityContext"]
    assert (pod["runAsNonRoot"], pod["runAsUser"], pod["runAsGroup"]) == (True, USER, USER)
    assert f"USER {USER}:{USER}" in DOCKERFILE
    assert pod["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not PODS["spec"]["automountServiceAccountToken"]
    bot = COMPOSE["services"]["bot"]
    assert bot["read_only"]
    assert bot["cap_drop"] == ["ALL"]
    for service in COMPOSE["services"].values():
        assert service["restart"] == "unless-stopped"
        assert service["deploy"]["resources"]["limits"].keys() >= {"cpus", "memory"}
        assert "no-new-privileges:true" in service["security_opt"]


def test_a_new_version_is_there_before_an_old_one_goes() -> None:
    spec = loaded(KUBERNETES / "deployment.yaml")["spec"]
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    scaled = loaded(KUBERNETES / "horizontalpodautoscaler.yaml")["spec"]
    assert "replicas" not in spec  # it would undo the autoscaler's at each apply
    assert 2 <= scaled["minReplicas"] <= scaled["maxReplicas"] <= 10  # what Slack allows of Socket Mode
    assert loaded(KUBERNETES / "poddisruptionbudget.yaml")["spec"]["maxUnavailable"] == 1


def test_every_selector_meets_the_labels_of_the_pods() -> None:
    labels = PODS["metadata"]["labels"].items()
    for name, path in (
        ("deployment", ["selector", "matchLabels"]),
        ("service", ["selector"]),
        ("poddisruptionbudget", ["selector", "matchLabels"]),
        ("networkpolicy", ["podSelector", "matchLabels"]),
    ):
        selector = loaded(KUBERNETES / f"{name}.yaml")["spec"]
        for step in path:
            selector = selector[step]
        assert selector.items() <= labels


async def test_the_autoscaler_goes_by_a_figure_that_the_program_tells_and_the_adapter_passes_on() -> None:
    async def nothing_yet() -> StateFigures:
        return StateFigures({}, 0, 0, 0, 0.0)

    [metric] = loaded(KUBERNETES / "horizontalpodautoscaler.yaml")["spec"]["metrics"]
    name = metric["external"]["metric"]["name"]
    [rule] = loaded(DEPLOY / "prometheus-adapter.yaml")["rules"]["external"]
    assert rule["name"]["as"] == name
    assert rule["seriesQuery"].startswith(f"{name}{{")
    assert f"\n{name} " in (await Metrics(nothing_yet).exposition()).decode()
