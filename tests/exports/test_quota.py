"""The quota export: what the entries of a month come to, and what may be said of private money."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy.orm import Session

from storefront.agencies.models import BudgetRevision, RevisionState
from storefront.core.database import transaction
from storefront.core.permissions import PersonId
from storefront.programme.models import ParticipationMonth
from storefront.quota.ledger import Movement, post
from storefront.quota.models import Amounts, EntryKind
from storefront.sellers.models import SellerClass
from tests.exports.made import QUOTA, Exporter
from tests.factories import HEALTH, NOON, agency, movement, signed_up
from tests.factories_rules import adopted, terms

CONTRACT = (
    "agency_code, agency_name, fiscal_year, month, fund, seller_class, counts, budget, committed,"
    " realised, reversed, off_platform, buyers, withheld"
)
SMALL = replace(HEALTH, seller_class=SellerClass.SMALL)
MAY, JUNE = date(2026, 5, 4), date(2026, 6, 30)


def entry(at: int, change: Amounts, kind: EntryKind, day: date, key: object = HEALTH) -> Movement:
    made = movement(kind, change, order=f"P-0-{at}", cause=f"event {at}")
    return replace(made, event=replace(made.event, occurred_on=day), key=key)  # type: ignore[arg-type]


@pytest.fixture
def posted(session: Session) -> None:
    agency(session)
    actor = signed_up(session)
    with transaction(session):
        post(
            session,
            actor,
            [
                entry(1, Amounts(100), EntryKind.COMMIT, MAY),
                entry(2, Amounts(-60, 60), EntryKind.REALISE, MAY),
                entry(3, Amounts(0, -10), EntryKind.REVERSE, JUNE),
                entry(4, Amounts(0, 25), EntryKind.ADJUST, JUNE),
                entry(5, Amounts(30), EntryKind.COMMIT, MAY, SMALL),
            ],
            now=NOON,
        )


def revision(number: int, effective_on: date, total: int) -> BudgetRevision:
    return BudgetRevision(
        fiscal_year=2026,
        revision=number,
        effective_on=effective_on,
        document_number=f"DPA/{number}",
        total_amount=total,
        state=RevisionState.CONFIRMED,
        proposed_by=PersonId("a"),
        proposed_at=NOON,
        confirmed_by=PersonId("b"),
        confirmed_at=NOON,
    )


@pytest.mark.usefixtures("posted")
def test_the_columns_are_those_of_the_contract_in_its_order(exporter: Exporter) -> None:
    assert ", ".join(exporter.rows(QUOTA)[0]) == CONTRACT


@pytest.mark.usefixtures("posted")
def test_a_row_sums_the_changes_of_a_month_and_class(exporter: Exporter) -> None:
    sums = [
        (row["month"], row["seller_class"], row["committed"], row["realised"])
        for row in exporter.rows(QUOTA)
    ]
    assert sums == [
        ("2026-05", "micro", "40", "60"),
        ("2026-05", "small", "30", "0"),
        ("2026-06", "micro", "0", "15"),
    ]


@pytest.mark.usefixtures("posted")
def test_reversed_and_off_platform_are_parts_of_what_was_realised(exporter: Exporter) -> None:
    row = exporter.rows(QUOTA)[2]
    assert (row["realised"], row["reversed"], row["off_platform"]) == ("15", "-10", "25")


@pytest.mark.usefixtures("posted")
def test_whether_a_class_counts_is_the_rule_of_the_last_day_asked_for(
    session: Session, exporter: Exporter
) -> None:
    said = terms(seller_classes=frozenset({SellerClass.SMALL}))
    adopted(session, said, effective_on=date(2026, 6, 1))
    until_may = exporter.rows(QUOTA, last_day=date(2026, 5, 31))
    assert [row["counts"] for row in until_may] == ["yes", "no"]
    assert [row["counts"] for row in exporter.rows(QUOTA)] == ["no", "yes", "no"]
    assert exporter.write(QUOTA).rule_version == 2
    assert exporter.write(QUOTA, last_day=date(2026, 5, 31)).rule_version == 1


@pytest.mark.usefixtures("posted")
def test_the_budget_is_the_ceiling_as_of_the_months_end(
    session: Session, exporter: Exporter
) -> None:
    health = agency(session)
    with transaction(session):
        for each in (revision(1, date(2026, 1, 1), 1_000), revision(2, date(2026, 6, 30), 800)):
            each.agency_id = health.id
            session.add(each)
    assert [row["budget"] for row in exporter.rows(QUOTA)] == ["1000", "1000", "800"]


@pytest.mark.usefixtures("posted")
def test_no_budget_entered_is_nothing_said(exporter: Exporter) -> None:
    assert {row["budget"] for row in exporter.rows(QUOTA)} == {""}


@pytest.mark.usefixtures("posted")
def test_months_are_whole_and_both_ends_are_included(exporter: Exporter) -> None:
    rows = exporter.rows(QUOTA, first_day=date(2026, 6, 1), last_day=date(2026, 6, 30))
    assert [row["month"] for row in rows] == ["2026-06"]


def test_private_money_is_a_row_per_closed_month_without_a_class(
    session: Session, exporter: Exporter
) -> None:
    agency(session)
    with transaction(session):
        for month, buyers in (("2026-03", 7), ("2026-04", None)):
            session.add(
                ParticipationMonth(
                    agency_code=HEALTH.agency_code,
                    month=month,
                    is_withheld=buyers is None,
                    buyers=buyers,
                    realised_amount=buyers and 70_000,
                    published_at=NOON,
                )
            )
    names = ("month", "fund", "seller_class", "counts", "realised", "buyers", "withheld")
    assert [tuple(row[name] for name in names) for row in exporter.rows(QUOTA)] == [
        ("2026-03", "personal", "", "no", "70000", "7", "no"),
        ("2026-04", "personal", "", "no", "", "", "yes"),
    ]
