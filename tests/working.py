"""The worker, coming by once for a job as it stands in the schedule."""

from flask import Flask
from sqlalchemy.orm import Session

from storefront.jobs.schedule import jobs_of
from storefront.jobs.worker import Worker


def run(app: Flask, session: Session, name: str) -> None:
    """What the worker does of that name when it comes by."""
    session.rollback()
    jobs = [job for job in jobs_of(app) if job.name == name]
    assert jobs, f"no job {name}"
    worker = Worker(app, jobs)
    worker.run_due()
    worker.wait()
    session.rollback()
    session.expire_all()
