from __future__ import annotations

import json
import re
import tomllib

from architecture.rules import REPOSITORY
from typer.main import get_command

from bot import __version__
from bot.cli import cli
from bot.settings import Settings, variable_of

PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
LINES = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
INSTRUCTIONS = [tuple(line.split(maxsplit=1)) for line in LINES if line.strip() and not line.startswith("#")]
SENT = {
    line[1:]
    for line in (REPOSITORY / ".dockerignore").read_text("utf-8").splitlines()
    if line.startswith("!")
}


def said(instruction: str) -> list[str]:
    return [arguments for name, arguments in INSTRUCTIONS if name == instruction]


def test_all_that_the_image_copies_exists_and_is_sent_to_its_build() -> None:
    copied = {
        source for line in said("COPY") if not line.startswith("--from") for source in line.split()[:-1]
    }
    assert copied <= {source.removeprefix("./") for source in SENT}
    assert all((REPOSITORY / source).exists() for source in copied | SENT)


def test_the_image_installs_by_hash_and_nothing_else() -> None:
    installs = [line for line in said("RUN") if "pip --python" in line]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps --no-build-isolation ." in line for line in installs[1:])


def test_the_image_is_built_in_two_stages_on_one_pinned_base() -> None:
    build, run = said("FROM")
    base = build.removesuffix(" AS build")
    assert base == run
    assert re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", base)
    assert said("COPY")[-1] == "--from=build /opt/venv /opt/venv"


def test_the_container_runs_as_somebody_who_owns_nothing_but_its_data() -> None:
    [user] = said("USER")
    assert user == "10001:10001"
    made = said("RUN")[-1]
    name = made.split()[made.split().index("--no-create-home") + 1]
    assert "--uid 10001 --user-group" in made
    assert f"-o {name} -g {name} -m 700 /data" in made
    assert said("VOLUME") == ["/data"]


def test_the_labels_of_the_image_are_the_projects_own() -> None:
    labels = dict(re.findall(r'org\.opencontainers\.image\.(\w+)="([^"]*)"', said("LABEL")[0]))
    project = PYPROJECT["project"]
    assert labels["description"] == project["description"]
    assert labels["licenses"] == project["license"]
    assert (labels["version"], labels["revision"]) == ("$VERSION", "$REVISION")
    assert f"VERSION={__version__}" in said("ARG")


def test_the_image_has_the_driver_of_postgres() -> None:
    lock = (REPOSITORY / "requirements.lock").read_text(encoding="utf-8")
    assert "\npsycopg-binary==" in lock


def test_the_container_serves_and_says_whether_it_lives() -> None:
    assert json.loads(said("ENTRYPOINT")[0]) == ["fm"]
    assert json.loads(said("CMD")[-1])[0] in get_command(cli).commands  # type: ignore[attr-defined]  # a group
    assert "/healthz" in said("HEALTHCHECK")[0]


def test_the_container_sets_only_settings_that_exist() -> None:
    names = re.findall(r"\b(FM_\w+)=", " ".join(said("ENV")))
    assert names
    assert set(names) <= {variable_of(field) for field in Settings.model_fields}
