"""Settings: one row each, with its name, default and help. Command-line flags are made from these rows."""

import os
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

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
    max_lanes: int = Field(default=256, ge=1, description="how many networks the server holds at once")
    max_message_bytes: int = Field(default=65536, ge=1024, description="longest message a page may send")
    max_messages_per_second: float = Field(
        default=200.0, gt=0, description="messages a page may send, in the long run"
    )
    message_burst: int = Field(default=400, ge=1, description="messages a page may send at once")
    session_grace: float = Field(
        default=120.0, ge=0, description="seconds that a network is kept for a page that went away"
    )
    frames_per_second: float = Field(
        default=30.0, gt=0, le=120, description="most frames a second that a page gets"
    )
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
