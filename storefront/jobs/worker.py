"""The worker: one loop that does what is due, until it is told to end.

Several may run at once. What they do is decided under the database's locks and may be done twice
without harm, so no broker and no leader is needed (docs/decisions/004-worker.md).
"""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from flask import Flask

from storefront.core.errors import DomainError
from storefront.extensions import db

log = structlog.get_logger("storefront.worker")

STEP_S = 0.5
LONGEST_GOODBYE_S = 5.0


@dataclass(frozen=True)
class Job:
    """Something to do again and again, so many seconds after it was last done."""

    name: str
    every_s: float
    run: Callable[[], int]
    """Returns how much it did."""
    is_long: bool = False
    """Whether the others must not wait for it: it runs beside them, in a thread of its own."""


class Worker:
    """Runs jobs when they are due. A job that fails is logged and comes back in its turn."""

    def __init__(self, app: Flask, jobs: Sequence[Job]) -> None:
        self._app = app
        self._jobs = jobs
        self._due = dict.fromkeys((job.name for job in jobs), 0.0)
        self._ended = threading.Event()
        self._beside: dict[str, threading.Thread] = {}

    def run(self) -> None:
        """Work until `end`, which SIGINT and SIGTERM call: what is begun is finished."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: self.end())
        while not self._ended.is_set():
            self.run_due()
            self._ended.wait(STEP_S)
        self.wait(LONGEST_GOODBYE_S)

    def wait(self, timeout_s: float | None = None) -> None:
        """Wait for the long jobs that run beside the loop.

        One that takes longer is left behind as if the power had gone: what it wrote it wrote in
        transactions.
        """
        for thread in list(self._beside.values()):
            thread.join(timeout_s)

    def end(self) -> None:
        self._ended.set()

    def run_due(self) -> None:
        """Run each job that is due, once."""
        for job in self._jobs:
            if self._ended.is_set():
                return
            if time.monotonic() < self._due[job.name] or self._is_running(job):
                continue
            if job.is_long:
                self._run_beside(job)
            else:
                self._run(job)
            self._due[job.name] = time.monotonic() + job.every_s

    def _is_running(self, job: Job) -> bool:
        return job.name in self._beside and self._beside[job.name].is_alive()

    def _run_beside(self, job: Job) -> None:
        thread = threading.Thread(target=self._run, args=(job,), name=job.name, daemon=True)
        self._beside[job.name] = thread
        thread.start()

    def _run(self, job: Job) -> None:
        with self._app.app_context():
            try:
                done = job.run()
            except DomainError as refusal:  # a lock not had, a gateway down: it comes back
                log.warning("job_put_off", job=job.name, reason=refusal.code)
            except Exception:  # one job's fault must not end the others
                log.exception("job_failed", job=job.name)
            else:
                if done:
                    log.info("job", job=job.name, done=done)
            finally:
                db.session.remove()
