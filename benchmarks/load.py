"""A server of its own process group, and clients that keep their connections and count."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

ROOT = Path(__file__).parent.parent
CLIENTS = 4


@dataclass(frozen=True)
class Figures:
    """Requests a second, and how many milliseconds half and 99 of a hundred needed at most."""

    per_second: float
    p50_ms: float
    p99_ms: float


@contextmanager
def serving(app: str, environment: Mapping[str, str], *, port: int) -> Iterator[int]:
    """Serve an app as in production until the block ends; yield the port."""
    command = [
        *(sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"),
        *("--bind", f"127.0.0.1:{port}", app),
    ]
    server = subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.DEVNULL
    )
    try:
        _await(server, port)
        yield port
    finally:
        server.terminate()
        server.wait(timeout=30)


def free_port() -> int:
    with socket.socket() as on:
        on.bind(("127.0.0.1", 0))
        return int(on.getsockname()[1])


def measure(port: int, path: str, *, seconds: float) -> Figures:
    """Ask for a page again and again. Raises `RuntimeError` for any answer but 200."""
    _ask(port, path, 1.0)  # warm: templates, statements, pools
    with ThreadPoolExecutor(CLIENTS) as clients:
        asked = [clients.submit(_ask, port, path, seconds) for _ in range(CLIENTS)]
        times = sorted(time for one in asked for time in one.result())
    return Figures(
        len(times) / seconds,
        times[len(times) // 2] * 1_000,
        times[min(len(times) - 1, len(times) * 99 // 100)] * 1_000,
    )


def _ask(port: int, path: str, seconds: float) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    times = []
    until = time.perf_counter() + seconds
    while (began := time.perf_counter()) < until:
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
