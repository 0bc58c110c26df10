"""What the store says in its log when it starts."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from storefront import create_app
from tests.databases import FreshDatabase, settings_for


def said_at_start(database_url: str, folder: Path, **settings: Any) -> list[dict[str, Any]]:
    with capture_logs() as said:
        create_app(settings_for(database_url, folder, **settings))
    return [dict(line) for line in said]


def test_a_quota_setting_that_differs_from_the_first_rule_is_a_warning(
    fresh_database: FreshDatabase, tmp_path: Path
) -> None:
    assert said_at_start(fresh_database(), tmp_path, quota_target_percent=50) == [
        {
            "event": "setting differs from rule version 1",
            "log_level": "warning",
            "term": "target_permille",
            "rule": "400",
            "setting": "500",
        }
    ]


def test_settings_that_agree_are_no_news(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    assert said_at_start(fresh_database(), tmp_path) == []


@pytest.mark.parametrize("fresh_database", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("fresh_database")
def test_a_database_that_is_not_there_yet_is_neither_news_nor_made(tmp_path: Path) -> None:
    assert said_at_start(f"sqlite:///{tmp_path / 'none.sqlite3'}", tmp_path) == []
    assert not (tmp_path / "none.sqlite3").exists()
