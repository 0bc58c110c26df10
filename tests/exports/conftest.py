"""Who exports, and where to."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.exports.made import Exporter


@pytest.fixture
def exporter(engine: Engine, tmp_path: Path) -> Exporter:
    folder = tmp_path / "exports"
    folder.mkdir()
    return Exporter(engine, folder)
