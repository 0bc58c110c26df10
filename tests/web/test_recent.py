"""Answers that are kept for a moment."""

from storefront.web.shop.recent import MOST_KEPT, Recent


def test_a_question_is_asked_once_until_its_answer_is_old() -> None:
    at, asked = [0.0], []
    recent = Recent[int](10, clock=lambda: at[0])

    def ask() -> int:
        asked.append(at[0])
        return len(asked)

    assert [recent.get("tea", ask), recent.get("tea", ask)] == [1, 1]
    at[0] = 10.0
    assert recent.get("tea", ask) == 2


def test_each_question_has_its_own_answer() -> None:
    recent = Recent[str](10)
    assert recent.get("tea", lambda: "teh") == "teh"
    assert recent.get("coffee", lambda: "kopi") == "kopi"


def test_where_nothing_is_kept_every_question_is_asked() -> None:
    recent = Recent[int](0)
    answers = iter([1, 2])
    assert [recent.get("tea", lambda: next(answers)) for _ in range(2)] == [1, 2]


def test_the_oldest_answers_make_room() -> None:
    recent = Recent[int](10)
    for number in range(MOST_KEPT + 1):
        recent.get(number, lambda number=number: number)  # type: ignore[misc]
    assert recent.get(0, lambda: -1) == -1
    assert recent.get(MOST_KEPT, lambda: -1) == MOST_KEPT
