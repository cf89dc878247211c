from __future__ import annotations

import json
import re

from architecture.rules import REPOSITORY
from typer.main import get_command

from bot.cli import cli
from bot.settings import Settings, variable_of

LINES = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
INSTRUCTIONS = [tuple(line.split(maxsplit=1)) for line in LINES if line and not line.startswith("#")]
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
    installs = [line for line in said("RUN") if "pip install" in line]
    assert "--require-hashes -r requirements.lock" in installs[0]
    assert all("--no-deps --no-build-isolation ." in line for line in installs[1:])


def test_the_container_runs_as_somebody_who_owns_nothing_but_its_data() -> None:
    [user] = said("USER")
    assert user != "root"
    assert f"-o {user} -g {user} -m 700 /data" in said("RUN")[-1]
    assert said("VOLUME") == ["/data"]


def test_the_container_serves_and_says_whether_it_lives() -> None:
    assert json.loads(said("ENTRYPOINT")[0]) == ["fm"]
    assert json.loads(said("CMD")[-1])[0] in get_command(cli).commands  # type: ignore[attr-defined]  # a group
    assert "/healthz" in said("HEALTHCHECK")[0]


def test_the_container_sets_only_settings_that_exist() -> None:
    names = re.findall(r"\b(FM_\w+)=", " ".join(said("ENV")))
    assert names
    assert set(names) <= {variable_of(field) for field in Settings.model_fields}
