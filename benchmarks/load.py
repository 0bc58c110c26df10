"""A server of its own process group, and clients that keep their connections and count."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path

from tests.databases import SECRET

ROOT = Path(__file__).parent.parent
CLIENTS, APART = 8, 37
"""As many as the server has threads (two workers of four), each at another place of the paths."""


@dataclass(frozen=True)
class Figures:
    """Requests a second, and how many milliseconds half and 99 of a hundred needed at most."""

    per_second: float
    p50_ms: float
    p99_ms: float


@contextmanager
def serving(app: str, environment: Callable[[int], Mapping[str, str]]) -> Iterator[int]:
    """Serve an app as in production until the block ends; yield the port.

    Its log is written as in production, to nowhere.
    """
    port = _free_port()
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
        *("--bind", f"127.0.0.1:{port}", app),
    ]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def store_environment(database_url: str, folder: Path) -> Callable[[int], Mapping[str, str]]:
    """The environment of a store on that database, once its port is known."""
    return lambda port: {
        "ENVIRONMENT": "demo",
        "PAYMENTS": "sandbox",
        "SECRET_KEY": SECRET,
        "DATABASE_URL": database_url,
        "INSTANCE_PATH": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def times(port: int, paths: Sequence[str], *, seconds: float) -> list[float]:
    """Ask for pages in turn, again and again: the seconds that each answer took.

    Raises `RuntimeError` for any answer but 200.
    """
    with ThreadPoolExecutor(CLIENTS) as clients:
        asked = [
            clients.submit(_ask, port, islice(cycle(paths), number * APART, None), seconds)
            for number in range(CLIENTS)
        ]
        return [each for one in asked for each in one.result()]


def figures_of(times: Sequence[float], seconds: float) -> Figures:
    """What so many answers in so many seconds come to; `times` in seconds each."""
    ranked = sorted(times)
    return Figures(
        len(ranked) / seconds,
        ranked[len(ranked) // 2] * 1_000,
        ranked[min(len(ranked) - 1, len(ranked) * 99 // 100)] * 1_000,
    )


def _ask(port: int, paths: Iterator[str], seconds: float) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
        path = next(paths)
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        if answer.status != HTTPStatus.OK:
            raise RuntimeError(f"{path} answered {answer.status}")
        times.append(time.perf_counter() - began)
    connection.close()
    return times


def _await(server: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the server under measure did not start")
        with socket.socket() as on:
            if on.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server under measure does not listen")


def _free_port() -> int:
    with socket.socket() as on:
        on.bind(("127.0.0.1", 0))
        return int(on.getsockname()[1])
