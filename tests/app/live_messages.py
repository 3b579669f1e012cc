"""What a notebook's callback sends, and a server that it sends it to."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import numpy as np
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from app.main import create_app
from app.settings import Settings
from models import frame
from tests.app.fake_engine import FakeEngine

Json = dict[str, Any]
SIDE = 12
F4 = np.float32


def about(**members: Any) -> Json:
    """Of two classes, with three training points and one test point."""
    return {
        "model": "mine",
        "layers": [{"name": "dense", "kind": "Dense", "shape": "(None, 1)", "parameters": 3}],
        "parameters": 3,
        "epochs": 10,
        "problem": "classification",
        "classes": 2,
        "names": [],
        "activation": "sigmoid",
        "axes": [{"name": "x1", "low": -1.0, "high": 1.0}, {"name": "x2", "low": 0.0, "high": 9.5}],
        "target": {"mean": 0.0, "scale": 1.0},
        "train": 3,
        "test": 1,
        **members,
    }


def header(**members: Any) -> Json:
    return {"version": 1, "state": "learning", "epoch": 0, "step": 0, **members}


def pictures(pictures: int = 0, byte: int = 100) -> dict[str, Any]:
    blocks: dict[str, Any] = {
        "ranges": np.tile(np.array([0, 1], F4), (pictures + 1, 1)),
        "boundary": np.full((SIDE, SIDE), byte, np.uint8),
    }
    if pictures:
        blocks["neurons"] = np.full((pictures, SIDE, SIDE), byte, np.uint8)
    return blocks


POINTS = {"points": np.array([[0, 0, 1], [1, 1, -1], [2, 2, 1], [3, 3, -1]], F4)}


def rows(*epochs: float) -> dict[str, Any]:
    return {"history": np.array([[epoch, 0.5, 0.9, np.nan, 0.6, np.nan, np.nan] for epoch in epochs], F4)}


def first(**members: Any) -> bytes:
    return frame.encode(header(about=about(**members)), {**pictures(), **POINTS})


def later(epoch: int, **members: Any) -> bytes:
    return frame.encode(header(epoch=epoch, **members), {**pictures(byte=epoch), **rows(epoch)})


def decoded(data: bytes | None) -> tuple[Json, dict[str, Any]]:
    assert data is not None
    return frame.decode(data)


@asynccontextmanager
async def served(**settings: Any) -> AsyncGenerator[tuple[FastAPI, AsyncClient]]:
    chosen = Settings(**settings)
    app = create_app(chosen, FakeEngine())
    transport = ASGITransport(app, raise_app_exceptions=False, root_path=chosen.root_path)
    async with AsyncClient(transport=transport, base_url="http://np") as http:
        yield app, http


async def write(http: AsyncClient, made: Json, body: bytes, **headers: str) -> Response:
    sent = {"authorization": f"Bearer {made['token']}", **headers}
    return await http.post(f"/api/live/{made['id']}/frames", content=body, headers=sent)


async def begun(http: AsyncClient) -> Json:
    answer = await http.post("/api/live")
    assert answer.status_code == 201
    return answer.json()
