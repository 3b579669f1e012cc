"""Settings: one row each, with its name, default and help. Command-line flags are made from these rows."""

import os
import re
import sys
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from models.table import MAX_BYTES, MAX_ROWS

PREFIX = "NEURAL_PLAYGROUND_"


def default_cache_dir() -> Path:
    """The user's own cache directory for compiled programs, by the custom of the operating system."""
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "neural-playground" / "xla"


def _split(value: Any) -> Any:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


def _networks(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        ip_network(value)  # ValueError, also where bits of a host are set
    return values


def _host_names(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch(r"(\*\.)?[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]", value):
            raise ValueError(f"{value} is no host name")
    return values


class Settings(BaseSettings):
    """Everything about a server that can be set. An environment variable is `PREFIX` and the name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 for all")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto", description="where to train: auto, cpu or gpu"
    )
    max_training_processes: int = Field(
        default=0,
        ge=0,
        le=64,
        description="most processes that train side by side on a CPU; 0 takes the number of cores, up to 4",
    )
    cache_dir: Path = Field(
        default_factory=default_cache_dir,
        description="directory for compiled programs; makes the next start short",
    )
    compile_ahead: bool = Field(
        default=True, description="whether programs are compiled before a learner's network asks for them"
    )
    max_lanes: int = Field(default=256, ge=1, description="how many networks the server holds at once")
    max_lanes_per_address: int = Field(
        default=128, ge=1, description="how many of them one address may hold; a class often shares one"
    )
    max_waiting: int = Field(
        default=400, ge=0, description="pages that may wait for a network while there is no room for one"
    )
    max_connections_per_address: int = Field(
        default=256, ge=1, description="WebSockets that one address may have at once"
    )
    max_memory_mb: int = Field(
        default=0,
        ge=0,
        description="megabytes that server and training process may use before newcomers wait; 0: no limit",
    )
    max_message_bytes: int = Field(default=65536, ge=1024, description="longest message a page may send")
    ping_interval: float = Field(
        default=20.0, gt=0, description="seconds between two times that a page is asked whether it is there"
    )
    ping_timeout: float = Field(
        default=20.0,
        gt=0,
        description="seconds in which it has to answer, and to have read all before; else it counts as gone",
    )
    max_messages_per_second: float = Field(
        default=200.0, gt=0, description="messages a page may send, in the long run"
    )
    max_upload_bytes: int = Field(default=MAX_BYTES, ge=1, description="longest file of a learner's data")
    max_model_bytes: int = Field(default=4_000_000, ge=1, description="longest file of a model or a run")
    body_timeout: float = Field(
        default=30.0, gt=0, description="seconds without more of a request's body after which it is given up"
    )
    max_upload_rows: int = Field(
        default=MAX_ROWS, ge=4, le=MAX_ROWS, description="most rows of a learner's data"
    )
    message_burst: int = Field(default=400, ge=1, description="messages a page may send at once")
    session_grace: float = Field(
        default=120.0, ge=0, description="seconds that a network is kept for a page that went away"
    )
    save_seconds: float = Field(
        default=5.0,
        gt=0,
        description="seconds after which a page that keeps its run is sent it again, if it has changed",
    )
    max_runs: int = Field(
        default=8, ge=1, description="networks that one address may hold over the REST API at once"
    )
    run_life: float = Field(
        default=600.0, gt=0, description="seconds that a network of the REST API is kept unasked"
    )
    max_request_bytes: int = Field(default=65536, ge=1024, description="longest JSON of the REST API")
    max_code_bytes: int = Field(
        default=2_000_000,
        ge=1024,
        description="longest JSON of what is to be written as code",
    )
    frames_per_second: float = Field(
        default=30.0, gt=0, le=120, description="most frames a second that a page gets"
    )
    host_timeout: float = Field(
        default=30.0,
        gt=0,
        description="seconds without an answer after which the training process is started again",
    )
    live_shows: int = Field(default=64, ge=1, description="most notebooks whose own models the server shows")
    live_grace: float = Field(
        default=3600.0, gt=0, description="seconds that a notebook's page is kept when nothing more comes"
    )
    live_frames_per_second: float = Field(
        default=10.0, gt=0, description="messages that a notebook may send a second, in the long run"
    )
    live_rows: int = Field(
        default=4000, ge=10, description="most epochs that are kept of a notebook's curves"
    )
    max_live_bytes: int = Field(default=1_000_000, ge=1, description="longest message of a notebook")
    nice: int = Field(
        default=10, ge=0, le=19, description="how far training stands back behind serving (Unix nice)"
    )
    root_path: str = Field(
        default="", description="path under which a proxy shows the server, such as /playground"
    )
    allowed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = Field(
        default=(), description="other origins whose pages may connect, with commas; * for any"
    )
    allowed_hosts: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_host_names)
    ] = Field(
        default=(),
        description="names under which the server answers, with commas and without ports, *.example.org for "
        "all below; localhost always; none for any",
    )
    trusted_proxies: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_split), AfterValidator(_networks)
    ] = Field(
        default=(),
        description="addresses or networks of proxies, with commas, whose X-Forwarded-For and "
        "X-Forwarded-Proto are believed",
    )
    metrics: Literal["loopback", "any", "off"] = Field(
        default="loopback",
        description="who may read /metrics: loopback (this machine, not through a proxy), any or off",
    )
    shutdown_grace: float = Field(
        default=5.0, ge=0, description="seconds that open connections get when the server stops"
    )
    log_format: Literal["text", "json"] = Field(
        default="text", description="how log lines are written: text, or json, one object a line"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="least severity logged"
    )
