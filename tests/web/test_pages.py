"""Pages that say how the store works."""

import re
from collections import Counter
from http import HTTPStatus

import pytest

from tests.web.bare import bare_app


@pytest.mark.parametrize("path", ["/help", "/how-to-buy", "/privacy", "/terms", "/styleguide"])
def test_each_page_stands_without_a_database(path: str) -> None:
    answer = bare_app().test_client().get(path)
    assert answer.status_code == HTTPStatus.OK
    assert answer.text.count("<h1") == 1
    assert "style=" not in answer.text


@pytest.mark.parametrize("path", ["/help", "/privacy", "/terms", "/styleguide"])
def test_no_id_stands_twice_on_a_page(path: str) -> None:
    ids = Counter(re.findall(r'\bid="([^"]+)"', bare_app().test_client().get(path).text))
    assert [name for name, times in ids.items() if times > 1] == []


def test_the_privacy_notice_names_the_law_the_controller_and_the_rule_of_five() -> None:
    page = bare_app().test_client().get("/privacy").text
    assert "Undang-Undang Nomor 27 Tahun 2022" in page
    assert "Dinas Koperasi dan Usaha Kecil Menengah" in page
    assert "sedikitnya lima orang" in page
