"""docs/deploy.md and the files that it hands out: they name settings, flags and metrics that exist."""

import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client.registry import Collector

from app.engine import Figures
from app.metrics import PREFIX as METRIC
from app.metrics import Metrics
from app.settings import PREFIX, Settings
from tests.app.fake_engine import FakeEngine
from tests.support import nginx

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "deploy.md"
FILES = ROOT / "docs" / "deploy"
UNIT = FILES / "neural-playground.service"


def text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(FILES.iterdir()), ids=lambda file: file.name)
def test_every_file_is_linked_and_names_settings_that_exist(file: Path) -> None:
    assert f"(deploy/{file.name})" in PAGE.read_text(encoding="utf-8")
    content = file.read_text(encoding="utf-8")
    named = re.findall(rf"{PREFIX}([A-Z_]+)[=:] ?\"?([^\s\"]+)", content)
    assert named
    settings = {name.lower(): value for name, value in named}
    Settings.model_validate(settings)  # the values will do, too


def test_the_settings_for_many_students_exist() -> None:
    table = re.findall(r"^\| [34]?[130]+0, .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(table) == 3
    named = re.findall(r"`([a-z_]+)(?:=(\d+))?`", "\n".join(table))
    assert {"max_lanes", "frames_per_second", "session_grace"} <= {name for name, _ in named}
    for name, value in named:
        assert name in Settings.model_fields, name
        if value:
            Settings.model_validate({name: value})


def family_names(collected: Collector) -> set[str]:
    return {family.name.removeprefix(f"{METRIC}_") for family in collected.collect()}


def test_every_metric_has_its_row_with_its_labels() -> None:
    engine = FakeEngine()
    engine.figures = Figures(lanes={"playing": 1}, programs={"load": (1, 1.0)})
    metrics = Metrics(engine)
    families = [family for family in metrics.registry.collect() if "_process_" not in family.name]
    rows = re.findall(
        r"^\| `([a-z_]+)` \| (?:`([a-z]+)`)? ?\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    documented = {name: label for name, label in rows if name not in Settings.model_fields}
    assert documented.keys() == {family.name.removeprefix(f"{METRIC}_") for family in families}
    for family in families:
        labels = {name for sample in family.samples for name in sample.labels} - {"le"}
        assert labels == ({documented[family.name.removeprefix(f"{METRIC}_")]} - {""}), family.name


def test_the_alerts_name_metrics_that_exist() -> None:
    engine = FakeEngine()
    samples = {sample.name for family in Metrics(engine).registry.collect() for sample in family.samples}
    named = set(re.findall(rf"{METRIC}_[a-z_]+", PAGE.read_text(encoding="utf-8"))) - {f"{METRIC}_"}
    assert len(named) == 4
    assert named <= samples


def unit() -> RawConfigParser:
    # An Environment line each: names may repeat.
    parser = RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    parser.read_string(UNIT.read_text(encoding="utf-8"))
    return parser


def test_the_unit_starts_the_command_with_flags_that_it_has() -> None:
    service = unit()["Service"]
    program, command, *flags = service["ExecStart"].split()
    scripts = (ROOT / "pyproject.toml").read_text(encoding="utf-8").partition("[project.scripts]")[2]
    assert f"{Path(program).name} = " in scripts
    assert command == "serve"
    for flag in flags[::2]:
        assert flag.removeprefix("--").replace("-", "_") in Settings.model_fields
    # What it takes to stop in order, and longer than that may take.
    assert service["KillMode"] == "mixed"
    assert float(service["TimeoutStopSec"]) > 2 * Settings().shutdown_grace
    assert "MemoryDenyWriteExecute" not in service  # compiled programs are written and then run


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd here")
def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    copy = tmp_path / UNIT.name
    # Its program is not where it will be.
    copy.write_text(re.sub(r"(?<=^ExecStart=)\S+", sys.executable, text(UNIT.name), flags=re.MULTILINE))
    said = subprocess.run(["systemd-analyze", "verify", copy], capture_output=True, text=True, check=False)
    assert (said.returncode, said.stdout + said.stderr) == (0, "")


def test_the_compose_file_builds_this_image_and_keeps_its_cache() -> None:
    compose: dict[str, Any] = yaml.safe_load(text("compose.yaml"))
    (service,) = compose["services"].values()
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert (FILES / service["build"]["context"] / "Dockerfile").resolve() == ROOT / "Dockerfile"
    for argument in service["build"]["args"]:
        assert f"ARG {argument}=" in dockerfile
    (volume,) = service["volumes"]
    name, _, place = volume.partition(":")
    assert name in compose["volumes"]
    assert f"VOLUME {place}\n" in dockerfile
    assert service["ports"] == ["8000:8000"]
    assert "EXPOSE 8000\n" in dockerfile
    assert all(isinstance(value, str) for value in service["environment"].values())
    assert int(service["stop_grace_period"].removesuffix("s")) > 2 * Settings().shutdown_grace


def test_both_proxies_take_the_prefix_away_and_hide_the_metrics() -> None:
    site, caddy = text("nginx.conf"), text("Caddyfile")
    assert "location /playground/ {\n        proxy_pass http://127.0.0.1:8000/;" in site
    assert "handle_path /playground/* {\n\t\treverse_proxy 127.0.0.1:8000 {" in caddy
    assert "location = /playground/metrics { return 404; }" in site
    assert "respond /playground/metrics 404" in caddy
    longest = Settings()
    most = max(longest.max_upload_bytes, longest.max_model_bytes, longest.max_live_bytes)
    (given,) = re.findall(r"client_max_body_size (\d+)m;", site)
    assert int(given) * 1_000_000 > most


@pytest.mark.skipif(nginx.find() is None, reason="no nginx is installed")
def test_nginx_understands_its_example(tmp_path: Path) -> None:
    file = tmp_path / "nginx.conf"
    file.write_text(nginx.configuration(tmp_path, 8443, 8000), encoding="utf-8")
    path = nginx.find()
    assert path
    said = subprocess.run(
        [path, "-t", "-q", "-p", tmp_path, "-c", file], capture_output=True, text=True, check=False
    )
    assert (said.returncode, said.stderr) == (0, "")
