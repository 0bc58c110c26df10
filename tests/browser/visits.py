"""Somebody at a browser in front of the demo, who finds their way by what they see."""

import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

ROOT = Path(__file__).resolve().parents[2]
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
PASSWORD = "Serlok-Bandung-2026"  # noqa: S105 - the demo's, known to all
WORK_MENU = "nav.side-bar a:visible, nav.bottom-bar a:visible"


@dataclass(frozen=True)
class Demo:
    """The demo city as it runs: where, and with which settings."""

    base: str
    environment: Mapping[str, str]

    def flask(self, *command: str) -> str:
        """Run one of the store's commands on it; what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", *command],
            cwd=ROOT,
            env=dict(self.environment),
            check=False,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout


@dataclass(frozen=True)
class Visit:
    """A browser's page on the demo, of a phone's or a desktop's size."""

    page: Page
    demo: Demo
    shots: Path
    size: str

    def go(self, path: str) -> None:
        answer = self.page.goto(f"{self.demo.base}{path}")
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

    def says(self, words: str) -> None:
        """The page shows these words."""
        self.main.get_by_text(words).locator("visible=true").first.wait_for()

    def link(self, words: str) -> None:
        """Follow a link of the page's own part, by its words."""
        self.main.get_by_role("link", name=re.compile(words)).first.click()

    def press(self, words: str) -> None:
        """Press a button of the page's own part, by its words, and wait for what comes."""
        with self.page.expect_navigation():
            self.main.get_by_role("button", name=re.compile(words)).first.click()

    def menu(self, words: str) -> None:
        """Open a room of the office by its entry in the menu, on a phone maybe behind "Lainnya"."""
        entry = self.page.locator(WORK_MENU).filter(has_text=re.compile(words))
        if not entry.count():
            self.page.locator(".bar-more > summary").click()
        entry.first.click()
        self.page.wait_for_load_state()

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def sign_in(self, login: str, password: str = PASSWORD) -> None:
        """As another person: on the front page, by "Masuk"."""
        self.page.context.clear_cookies()
        self.go("/")
        self.page.locator("header").get_by_role("link", name="Masuk").click()
        self.page.get_by_label("NIP atau surel").fill(login)
        self.page.get_by_label("Kata sandi").fill(password)
        self.press("^Masuk$")
        self.page.get_by_role("link", name="Masuk", exact=True).wait_for(state="detached")

    def to_work(self, words: str = "Buka ruang") -> None:
        """From the shop to where one works, by one's account."""
        account = self.page.locator("header, nav.bottom-bar").locator("a[href='/account']:visible")
        account.first.click()
        self.link(words)
        self.page.wait_for_load_state()
