"""Answers that are kept for a moment."""

from storefront.web.shop.recent import LAG_S, MOST_KEPT, Recent


def test_a_question_is_asked_once_until_its_answer_is_old() -> None:
    at, asked = [0], []
    recent = Recent(clock=lambda: at[0])

    def ask() -> int:
        asked.append(at[0])
        return len(asked)

    assert [recent.get("tea", ask), recent.get("tea", ask)] == [1, 1]
    at[0] = LAG_S
    assert recent.get("tea", ask) == 2


def test_each_question_has_its_own_answer() -> None:
    recent = Recent()
    assert recent.get("tea", lambda: "teh") == "teh"
    assert recent.get("coffee", lambda: "kopi") == "kopi"


def test_where_nothing_is_kept_every_question_is_asked() -> None:
    recent = Recent(keeps=False)
    answers = iter([1, 2])
    assert [recent.get("tea", lambda: next(answers)) for _ in range(2)] == [1, 2]


def test_the_oldest_answers_make_room() -> None:
    recent = Recent()
    for number in range(MOST_KEPT + 1):
        recent.get(number, lambda number=number: number)  # type: ignore[misc]
    assert recent.get(0, lambda: -1) == -1
    assert recent.get(MOST_KEPT, lambda: -1) == MOST_KEPT


def test_nothing_found_is_an_answer_too() -> None:
    recent = Recent()
    answers = iter([None, 2])
    assert [recent.get("tea", lambda: next(answers)) for _ in range(2)] == [None, None]
