"""The demo, served as it is served to people, and a real browser in front of it."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.visits import SIZES, Demo, Visit

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
]
PATIENCE_S = 60


@pytest.fixture(scope="session")
def demo() -> Iterator[Demo]:
    """The demo city on a port of its own, with server and worker."""
    folder = Path(tempfile.mkdtemp(prefix="demo-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "ENVIRONMENT": "demo",
        "PAYMENTS": "sandbox",
        "SECRET_KEY": "a demo's key that signs nothing elsewhere, 2026",
        "PUBLIC_URL": base,
        "LOG_FORMAT": "text",
        "DATABASE_URL": f"sqlite:///{folder}/store.sqlite3",
        "INSTANCE_PATH": str(folder),
        "MEDIA_ROOT": str(folder / "media"),
        "WEB_WORKERS": "1",
    }
    flask = [sys.executable, "-m", "flask", "--app", "wsgi"]
    for command in (["db", "upgrade"], ["demo", "seed"]):
        subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, timeout=300)
    log = (folder / "log").open("w")
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        for command in (
            [*gunicorn, "--bind", f"127.0.0.1:{port}", "wsgi:app"],
            [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        )
    ]
    try:
        _wait_for(f"{base}/readyz")
        yield Demo(base, environment)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or "/usr/bin/chromium"
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=list(SIZES))
def visit(
    request: pytest.FixtureRequest, browser: Browser, demo: Demo, tmp_path: Path
) -> Iterator[Visit]:
    """A fresh visitor, on a phone and on a desktop. SHOTS=folder keeps the pictures."""
    width, height = SIZES[request.param]
    context = browser.new_context(viewport={"width": width, "height": height}, locale="id-ID")
    context.set_default_timeout(15_000)
    shots = Path(os.environ.get("SHOTS", tmp_path))
    shots.mkdir(parents=True, exist_ok=True)
    yield Visit(context.new_page(), demo, shots, request.param)
    context.close()


def _wait_for(address: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - ours
                if answer.status == 200:
                    return
        except OSError:
            if time.monotonic() > until:
                raise
        time.sleep(0.2)
