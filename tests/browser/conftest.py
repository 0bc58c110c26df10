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
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
TODAY = "2026-11-24"
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
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
PASSWORD = "Serlok-Bandung-2026"  # noqa: S105 - the demo's, known to all
PATIENCE_S = 60


@dataclass(frozen=True)
class Visit:
    """A browser's page on the demo. `scan` looks for what axe calls a violation."""

    page: Page
    base: str
    shots: Path
    size: str

    def go(self, path: str) -> None:
        answer = self.page.goto(f"{self.base}{path}")
        assert answer is not None
        assert answer.status < 400, f"{path}: {answer.status}"

    def look(self, name: str) -> None:
        """Keep a picture, and see that the page fits and that nobody is shut out of it."""
        self.page.screenshot(path=self.shots / f"{name}-{self.size}.png", full_page=True)
        width = self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[self.size][0], f"{name} is {width} px wide"
        found = Axe().run(self.page)
        violations = [
            f"{each['id']}: {each['help']} ({each['nodes'][0]['html'][:200]})"
            for each in found.response["violations"]
        ]
        assert not violations, f"{name}: " + "; ".join(violations)

    def sign_in(self, login: str) -> None:
        self.page.context.clear_cookies()
        self.go("/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.click("main button[type=submit], main form button.button")
        self.page.wait_for_url(lambda url: "/login" not in url)


@pytest.fixture(scope="session")
def demo() -> Iterator[str]:
    """The demo city on a port of its own, with server and worker; its address."""
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
    for command in (["db", "upgrade"], ["demo", "seed", "--today", TODAY]):
        subprocess.run([*flask, *command], cwd=ROOT, env=environment, check=True, timeout=300)
    log = (folder / "log").open("w")
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py"]
    started = [
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
        for command in (
            [*gunicorn, "--bind", f"127.0.0.1:{port}", "wsgi:app"],
            [*flask, "worker"],
        )
    ]
    try:
        _wait_for(f"{base}/readyz")
        yield base
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
    request: pytest.FixtureRequest, browser: Browser, demo: str, tmp_path: Path
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
