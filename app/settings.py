"""Settings: one row each, with its name, default and help. Command-line flags are made from these rows."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
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


class Settings(BaseSettings):
    """Everything about a server that can be set. An environment variable is `PREFIX` and the name."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    host: str = Field(default="127.0.0.1", description="address to listen on; 0.0.0.0 for all")
    port: int = Field(default=8000, ge=0, le=65535, description="port to listen on; 0 takes a free one")
    device: Literal["auto", "cpu", "gpu"] = Field(
        default="auto", description="where to train: auto, cpu or gpu"
    )
    cache_dir: Path = Field(
        default_factory=default_cache_dir,
        description="directory for compiled programs; makes the next start short",
    )
    compile_ahead: bool = Field(
        default=True, description="whether programs are compiled before a learner's network asks for them"
    )
    max_lanes: int = Field(default=256, ge=1, description="how many networks the server holds at once")
    max_message_bytes: int = Field(default=65536, ge=1024, description="longest message a page may send")
    max_messages_per_second: float = Field(
        default=200.0, gt=0, description="messages a page may send, in the long run"
    )
    max_upload_bytes: int = Field(default=MAX_BYTES, ge=1, description="longest file of a learner's data")
    max_model_bytes: int = Field(default=4_000_000, ge=1, description="longest file of a model or a run")
    max_upload_rows: int = Field(
        default=MAX_ROWS, ge=4, le=MAX_ROWS, description="most rows of a learner's data"
    )
    message_burst: int = Field(default=400, ge=1, description="messages a page may send at once")
    session_grace: float = Field(
        default=120.0, ge=0, description="seconds that a network is kept for a page that went away"
    )
    max_runs: int = Field(
        default=8, ge=1, description="networks that one address may hold over the REST API at once"
    )
    run_life: float = Field(
        default=600.0, gt=0, description="seconds that a network of the REST API is kept unasked"
    )
    max_request_bytes: int = Field(default=65536, ge=1024, description="longest JSON of the REST API")
    frames_per_second: float = Field(
        default=30.0, gt=0, le=120, description="most frames a second that a page gets"
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
    shutdown_grace: float = Field(
        default=5.0, ge=0, description="seconds that open connections get when the server stops"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="warning", description="least severity logged"
    )
