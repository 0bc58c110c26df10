"""`flask categories import`."""

from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storefront.catalog.categories import shipped_categories
from storefront.catalog.models import Category


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["categories", "import", *arguments])


def test_without_a_file_the_shipped_tree_is_taken(app: Flask, session: Session) -> None:
    assert run(app).exit_code == 0
    assert session.scalar(select(func.count(Category.id))) == len(shipped_categories())


def test_a_file_adds_what_is_new(app: Flask, tmp_path: Path) -> None:
    file = tmp_path / "categories.csv"
    file.write_text("slug,name,parent_slug\nkuliner,Kuliner,\nteh,Teh,kuliner\n", "utf-8-sig")
    assert run(app, str(file)).output == "2 added, 0 changed\n"
    assert run(app, str(file)).output == "0 added, 0 changed\n"


@pytest.mark.parametrize("content", [b"slug,nama\nteh,Teh\n", b"slug,name,parent_slug\n\xff,,\n"])
def test_what_cannot_be_read_is_refused_in_a_sentence(
    app: Flask, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "categories.csv"
    file.write_bytes(content)
    result = run(app, str(file))
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
