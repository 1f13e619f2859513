"""Image, compose file and unit name what there is, with options that the service takes and times that fit its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from service.cli import read_serve
from service.settings import Settings
from tests.service.running import service

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()


def instructions(name: str) -> list[str]:
    """The Containerfile's instructions of a kind, continuation lines joined."""
    whole = CONTAINERFILE.replace("\\\n", "")
    return [line.partition(" ")[2].strip() for line in whole.splitlines() if line.split(" ")[0] == name]


def loaded(path: Path) -> dict[str, Any]:
    """A YAML file."""
    content: dict[str, Any] = YAML(typ="safe", pure=True).load(path)
    return content


def settings_of(arguments: Sequence[str]) -> Settings:
    """What `python -m service` makes of these; the test fails where it refuses them."""
    settings = read_serve(list(arguments))
    assert isinstance(settings, Settings)
    return settings


COMPOSE = loaded(DEPLOY / "compose.yaml")
NODES = {name: one for name, one in COMPOSE["services"].items() if "build" in one}


def leave_takes(settings: Settings) -> float:
    """Seconds from SIGTERM to the end, at the most: drain, goodbyes, and what uvicorn and the application take."""
    return settings.drain_deadline + settings.close_grace + 2.0


def ignored(path: str) -> bool:
    """Whether .dockerignore, a list of what is allowed, leaves something out."""
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    return path.split("/", maxsplit=1)[0] not in allowed


def test_the_image_is_made_of_what_there_is() -> None:
    """Every COPY's source exists, and is not kept out of the build."""
    sources = [
        source
        for line in instructions("COPY")
        if not line.startswith("--from=")
        for source in shlex.split(line)[:-1]
    ]
    assert {"pyproject.toml", "service", "generated", "spec"} <= set(sources)
    assert [source for source in sources if not (ROOT / source).exists() or ignored(source)] == []


def test_the_image_holds_all_that_the_wheel_is_made_of() -> None:
    """The packages that the project is built from, and the files that it names, are copied."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    named = [project["project"]["readme"], *project["project"]["license-files"]]
    copied = " ".join(instructions("COPY")).split()
    assert [name for name in (*packages, *named) if name not in copied] == []


def test_the_image_installs_what_the_service_needs() -> None:
    """The build's own list of requirements has the project's, with those of `top`."""
    (line,) = (line for line in instructions("RUN") if "requirements.txt" in line)
    code = shlex.split(line)[2]
    listed = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = {re.split(r"[^\w-]", name)[0] for name in listed.stdout.splitlines()}
    assert {"litestar", "uvicorn", "redis", "pyjwt", "textual"} <= names


def test_the_image_does_not_run_as_root_and_pins_no_digest() -> None:
    """The last stage has a user of its own; its base is a tag that is kept up to date, never `latest`."""
    assert CONTAINERFILE.rindex("USER 10001") > CONTAINERFILE.rindex("FROM ")
    for base in instructions("FROM"):
        image = base.split(" ")[0]
        assert re.fullmatch(r"[\w./-]+:\d[\w.-]*", image), image
        python = tuple(map(int, image.partition(":")[2].partition("-")[0].split(".")))
        assert python >= (3, 11)


def test_the_image_starts_the_service() -> None:
    """Its command is one that the service takes, for everybody who can reach the container."""
    assert json.loads(instructions("ENTRYPOINT")[0])[-2:] == ["-m", "service"]
    settings = settings_of(json.loads(instructions("CMD")[0]))
    assert (settings.host, settings.port, settings.log_format) == ("0.0.0.0", 8000, "json")
    assert instructions("EXPOSE") == [str(settings.port)]


async def test_the_images_health_check_tells_ready_from_not() -> None:
    """It is run against a service that is ready, one that drains, and none, on the port that the service is told."""
    (line,) = instructions("HEALTHCHECK")
    command = json.loads(line[line.index("CMD ") + 4 :])

    async def check(port: int) -> int:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command[1:]),
            env={**os.environ, "TAPEWIRE_PORT": str(port)},
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await process.wait()

    async with service() as running:
        port = int(running.url.rpartition(":")[2])
        assert await check(port) == 0
        running.connections.draining = True
        assert await check(port) != 0
        running.connections.draining = False
    assert await check(port) != 0
    assert "'TAPEWIRE_PORT', 8000" in command[-1], "the image's own port, where no other is named"


def test_nodes_are_started_as_the_service_takes_it() -> None:
    """Both nodes share a broker, believe their proxy, are watched on a port of their own, and may leave in time."""
    assert len(NODES) == 2
    for node in NODES.values():
        settings = settings_of(node["command"])
        assert settings.broker.startswith("redis://valkey:")
        assert settings.metrics == "admin"
        assert "ports" not in node
        front = COMPOSE["networks"]["front"]["ipam"]["config"][0]["subnet"]
        assert ip_network(settings.forwarded_allow_ips) == ip_network(front)
        assert int(node["stop_grace_period"].removesuffix("s")) > leave_takes(settings)
        assert node["ulimits"]["nofile"] >= 2 * settings.connections + 100
        assert (DEPLOY / node["build"]["context"] / node["build"]["dockerfile"]).is_file()


def test_everything_that_is_mounted_exists() -> None:
    """Files of this folder, or volumes that are declared; networks and dependencies too."""
    for name, one in COMPOSE["services"].items():
        for volume in one.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (DEPLOY / source).exists() if source.startswith(".") else source in COMPOSE["volumes"], (
                name
            )
        assert set(one["networks"]) <= set(COMPOSE["networks"])
        assert set(one.get("depends_on", ())) <= set(COMPOSE["services"])
        assert "latest" not in one.get("image", "")
    assert COMPOSE["services"]["proxy"]["environment"]["TAPEWIRE_NODES"] == " ".join(
        f"{name}:8000" for name in NODES
    )


def test_prometheus_scrapes_every_node_and_reads_the_rules() -> None:
    """Its targets are the nodes' admin ports; its rule files are in the folder that is mounted."""
    prometheus = loaded(DEPLOY / "prometheus" / "prometheus.yml")
    (job,) = prometheus["scrape_configs"]
    targets = [target for group in job["static_configs"] for target in group["targets"]]
    wanted = [
        f"{name}:{str(settings_of(node['command']).admin).rpartition(':')[2]}" for name, node in NODES.items()
    ]
    assert targets == wanted
    rules = [
        path
        for pattern in prometheus["rule_files"]
        for path in (DEPLOY / "prometheus").glob(Path(pattern).name)
    ]
    assert rules


def test_grafana_is_given_the_dashboard_and_where_its_figures_are() -> None:
    """The dashboard asks the data source that is provisioned, by its id or by what the dashboard lets choose."""
    (source,) = loaded(DEPLOY / "grafana/provisioning/datasources/prometheus.yml")["datasources"]
    grafana = COMPOSE["services"]["grafana"]
    (provider,) = loaded(DEPLOY / "grafana/provisioning/dashboards/tapewire.yml")["providers"]
    mounts = dict(reversed(volume.removesuffix(":ro").split(":")) for volume in grafana["volumes"])
    folder = DEPLOY / mounts[provider["options"]["path"]]
    home = Path(grafana["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"])
    dashboard = json.loads((folder / home.name).read_text())
    assert str(home.parent) == provider["options"]["path"]
    uids = {str(uid) for uid in _data_sources(dashboard)} - {"-- Grafana --"}
    assert uids <= {source["uid"], "${datasource}", "${DS_PROMETHEUS}"}


def _data_sources(node: object) -> Iterator[object]:
    if isinstance(node, dict):
        if isinstance(found := node.get("datasource"), dict) and "uid" in found:
            yield found["uid"]
        for value in node.values():
            yield from _data_sources(value)
    elif isinstance(node, list):
        for value in node:
            yield from _data_sources(value)


UNIT = (DEPLOY / "tapewire.service").read_text()


def unit(key: str) -> list[str]:
    """The values of a key, in order."""
    return re.findall(rf"^{key}=(.*)$", UNIT, re.MULTILINE)


def test_the_unit_starts_what_the_service_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variables are settings; the socket that it names is in the folder that systemd makes."""
    variables = dict(pair.split("=", 1) for line in unit("Environment") for pair in line.split())
    for name, value in variables.items():
        if name.startswith("TAPEWIRE_"):
            assert name.removeprefix("TAPEWIRE_").lower() in Settings.model_fields
            monkeypatch.setenv(name, value)
    settings = settings_of(shlex.split(unit("ExecStart")[0])[3:])
    assert settings.workers > 1
    assert settings.admin == f"unix:/run/{unit('RuntimeDirectory')[0]}/admin.sock"
    # Two descriptors a connection, on every worker.
    assert int(unit("LimitNOFILE")[0]) >= 2 * settings.connections + 100


def test_the_unit_leaves_time_for_the_drain() -> None:
    """A stop kills nobody who is still saying goodbye, and hits the supervisor alone."""
    assert float(unit("TimeoutStopSec")[0]) > leave_takes(Settings())
    assert unit("KillMode") == ["mixed"]
    assert unit("ExecReload") == ["/bin/kill -HUP $MAINPID"]


def test_the_unit_lets_a_process_tell_its_figures() -> None:
    """What the metrics of a process are read from is not hidden: there are alerts on them."""
    assert unit("ProcSubset") in ([], ["all"])


def test_a_worker_that_is_killed_for_want_of_memory_ends_no_other() -> None:
    """The supervisor replaces it, as it does with any that dies."""
    assert unit("OOMPolicy") == ["continue"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd-analyze on the path")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    """Not a word about it, and an exposure that it calls OK."""
    copy = tmp_path / "tapewire.service"
    copy.write_text(UNIT.replace("/opt/tapewire/bin/python", sys.executable))
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert [line for line in verified.stderr.splitlines() if "tapewire.service" in line] == []
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--threshold=20", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert judged.returncode == 0, judged.stdout
