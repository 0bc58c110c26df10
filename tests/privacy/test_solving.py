"""The attacker's tools, on sums where one knows what they give away."""

from random import Random

from tests.privacy.solving import Secrets, given_away, groups_up_to


def test_a_sum_less_another_gives_one_person_away() -> None:
    assert given_away(["abcdef", "abcde"], ["f", "a"]) == [frozenset("f")]


def test_what_no_adding_and_subtracting_gives_stays_unknown() -> None:
    assert given_away(["abc", "def", "abcdef"], ["a", "f", "ab"]) == []


def test_three_sums_that_overlap_give_what_none_of_them_says() -> None:
    assert given_away(["ab", "bc", "ac"], ["a", "b", "c"]) == [*map(frozenset, "abc")]


def test_every_sum_of_secrets_is_read_back_and_no_other_number_is() -> None:
    dice = Random(5)  # noqa: S311 - the same each time
    amounts = {name: dice.randrange(10**11, 10**12) for name in "abcdefghijklmnopqrst"}
    secrets = Secrets(amounts)
    for chosen in ("a", "t", "aet", "abcdefghijklmnopqrst", "jk"):
        assert secrets.read(sum(amounts[name] for name in chosen)) == frozenset(chosen)
    assert secrets.read(amounts["a"] + 1) is None
    assert secrets.read(12) is None


def test_groups_are_all_up_to_a_size() -> None:
    assert len(list(groups_up_to("abcd", 2))) == 10
