"""Settings, their environment variables and the command line."""

import argparse
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from app import __version__, cli
from app.main import host_options
from app.serve import serve
from app.settings import PREFIX, Settings, default_cache_dir


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)


def test_every_setting_has_a_default_and_a_help() -> None:
    settings = Settings()
    assert (settings.host, settings.port, settings.device) == ("127.0.0.1", 8000, "auto")
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_the_documentation_has_them_all() -> None:
    text = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    rows = [row.strip("| \n").split(" | ") for row in text.splitlines() if row.startswith("| `")]
    documented = {name.strip("`"): (default.strip("`"), help) for name, default, help in rows}
    defaults = {name: str(getattr(Settings(), name)) for name in Settings.model_fields}
    defaults |= {name: "none" for name, default in defaults.items() if default in ("", "()")}
    defaults |= {"cache_dir": "the user's cache directory"}
    assert documented == {
        name: (defaults[name], field.description) for name, field in Settings.model_fields.items()
    }


def test_the_environment_sets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_PLAYGROUND_PORT", "9001")
    monkeypatch.setenv("NEURAL_PLAYGROUND_ALLOWED_ORIGINS", "http://a, http://b")
    settings = Settings()
    assert settings.port == 9001
    assert settings.allowed_origins == ("http://a", "http://b")


def test_the_cache_is_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "neural-playground" / "xla"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert default_cache_dir() == tmp_path / "home" / ".cache" / "neural-playground" / "xla"


def test_the_host_gets_its_options(tmp_path: Path) -> None:
    options = host_options(Settings(device="cpu", cache_dir=tmp_path, max_lanes=3, frames_per_second=5))
    assert options == {
        "device": "cpu",
        "cache_dir": str(tmp_path),
        "compile_ahead": True,
        "max_lanes": 3,
        "nice": 10,
        "frames_per_second": 5,
        "log_format": "text",
        "log_level": "warning",
    }


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings that `serve` was called with."""
    calls: list[Settings] = []

    def record(settings: Settings) -> int:
        calls.append(settings)
        return 0

    monkeypatch.setattr("app.serve.serve", record)
    return calls


def test_flags_go_before_the_environment(served: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NEURAL_PLAYGROUND_PORT", "9001")
    monkeypatch.setenv("NEURAL_PLAYGROUND_DEVICE", "cpu")
    assert cli.main(["serve", "--port", "9002", "--session-grace", "7.5"]) == 0
    (settings,) = served
    assert (settings.port, settings.device, settings.session_grace) == (9002, "cpu", 7.5)


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (["--port", "many"], {}, "--port: 'many'"),
        (["--device", "tpu"], {}, "auto, cpu or gpu"),
        ([], {"MAX_LANES": "0"}, "NEURAL_PLAYGROUND_MAX_LANES"),
        (["--trusted-proxies", "10.0.0.1,nginx"], {}, "addresses or networks of proxies"),
        ([], {"ALLOWED_HOSTS": "https://example.org"}, "NEURAL_PLAYGROUND_ALLOWED_HOSTS"),
        (["--speed", "9"], {}, "--speed"),
    ],
)
def test_a_wrong_setting_is_explained(
    arguments: list[str],
    environment: dict[str, str],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SystemExit) as ended:
        cli.main(["serve", *arguments])
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


def test_the_help_has_every_setting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    text = capsys.readouterr().out
    for name in Settings.model_fields:
        assert "--" + name.replace("_", "-") in text


def test_train_is_handed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--epochs", type=int)

    def run(given: argparse.Namespace) -> int:
        return given.epochs

    fake = SimpleNamespace(add_arguments=add_arguments, run=run)
    monkeypatch.setitem(sys.modules, "models.train", fake)  # pyright: ignore[reportArgumentType]
    assert cli.main(["train", "--epochs", "7"]) == 7


def test_nothing_of_tensorflow_is_imported() -> None:
    code = "import sys, app.serve; sys.exit('tensorflow' in sys.modules or 'numpy' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=False).returncode
        == 0
    )


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert __version__ in capsys.readouterr().out


def test_a_port_in_use_gets_a_plain_message(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert serve(Settings(port=port)) == 1
    said = capsys.readouterr().err
    assert str(port) in said
    assert "--port" in said
    assert "Traceback" not in said
