"""Devices that are signed in: listed, ended one by one, ended all at once."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storefront.accounts import sessions
from storefront.accounts.models import Person, SignInSession
from storefront.core.database import transaction
from storefront.core.errors import NotFound
from tests.accounts.people import Someone, someone
from tests.factories import NOON

PHONE, LAPTOP = "Firefox di ponsel", "Chrome di laptop"
DAY = timedelta(days=1)


def begun(session: Session, of: Someone, device: str = PHONE, replaces: str | None = None) -> str:
    with transaction(session):
        return sessions.begin(session, of.person_id, device=device, now=NOON, replaces=replaces)


def test_a_key_opens_its_own_session_and_no_other(session: Session, rina: Someone) -> None:
    key = begun(session, rina)
    found = sessions.find(session, key, now=NOON)
    assert found is not None
    assert found.person_id == rina.person_id
    assert sessions.find(session, f"{key}x", now=NOON) is None
    assert sessions.find(session, "", now=NOON) is None


def test_only_the_digest_of_a_key_is_kept(session: Session, rina: Someone) -> None:
    key = begun(session, rina)
    assert session.scalars(select(SignInSession.key_digest)).one() != key


def test_each_sign_in_has_a_new_key_and_ends_what_the_browser_brought(
    session: Session, rina: Someone
) -> None:
    planted = begun(session, rina)
    key = begun(session, rina, replaces=planted)
    assert key != planted
    assert sessions.find(session, planted, now=NOON) is None


def test_a_session_unused_for_two_weeks_is_over(session: Session, rina: Someone) -> None:
    key = begun(session, rina)
    assert sessions.find(session, key, now=NOON + 13 * DAY) is not None
    assert sessions.find(session, key, now=NOON + 14 * DAY) is None


def test_a_session_that_is_used_lives_on_but_not_for_ever(session: Session, rina: Someone) -> None:
    key = begun(session, rina)
    for days in range(10, 90, 10):
        with transaction(session):
            sessions.touch(session, key, now=NOON + days * DAY)
    assert sessions.find(session, key, now=NOON + 89 * DAY) is not None
    assert sessions.find(session, key, now=NOON + 90 * DAY) is None


def test_being_seen_is_written_every_ten_minutes_at_most(session: Session, rina: Someone) -> None:
    key = begun(session, rina)
    soon = sessions.find(session, key, now=NOON + timedelta(minutes=9))
    later = sessions.find(session, key, now=NOON + timedelta(minutes=10))
    assert soon is not None
    assert later is not None
    assert (soon.is_stale, later.is_stale) == (False, True)


def test_the_devices_are_listed_and_this_one_is_marked(session: Session, rina: Someone) -> None:
    begun(session, rina, LAPTOP)
    key = begun(session, rina, PHONE)
    rows = sessions.devices_of(session, rina.actor, key=key, now=NOON)
    assert {(row.device, row.is_this) for row in rows} == {(PHONE, True), (LAPTOP, False)}


def test_one_device_is_ended_and_the_other_stays(session: Session, rina: Someone) -> None:
    phone, laptop = begun(session, rina, PHONE), begun(session, rina, LAPTOP)
    lost = next(
        row for row in sessions.devices_of(session, rina.actor, now=NOON) if row.device == PHONE
    )
    with transaction(session):
        sessions.end_one(session, rina.actor, lost.session_id, now=NOON)
    assert sessions.find(session, phone, now=NOON) is None
    assert sessions.find(session, laptop, now=NOON) is not None


def test_nobody_ends_another_persons_device(session: Session, rina: Someone) -> None:
    other = someone(session, "Tono", "198201152008011006")
    key = begun(session, rina)
    device = sessions.devices_of(session, rina.actor, now=NOON)[0]
    with pytest.raises(NotFound), transaction(session):
        sessions.end_one(session, other.actor, device.session_id, now=NOON)
    assert sessions.find(session, key, now=NOON) is not None


def test_logging_out_everywhere_ends_all_and_new_ones_begin(
    session: Session, rina: Someone
) -> None:
    old = begun(session, rina)
    with transaction(session):
        sessions.log_out_everywhere(session, rina.actor, now=NOON)
    assert sessions.find(session, old, now=NOON) is None
    assert sessions.find(session, begun(session, rina), now=NOON) is not None


def test_a_session_of_an_older_epoch_is_over_even_if_its_row_was_missed(
    session: Session, rina: Someone
) -> None:
    key = begun(session, rina)
    with transaction(session):
        session.execute(update(Person).values(session_epoch=Person.session_epoch + 1))
    assert sessions.find(session, key, now=NOON) is None


def test_a_closed_account_is_out_at_once(session: Session, rina: Someone) -> None:
    key = begun(session, rina)
    with transaction(session):
        session.execute(update(Person).values(is_active=False))
    assert sessions.find(session, key, now=NOON) is None


def test_the_name_of_a_device_is_bounded_and_clean(session: Session, rina: Someone) -> None:
    begun(session, rina, "x\0\u202e" * 5_000)
    (row,) = sessions.devices_of(session, rina.actor, now=NOON)
    assert row.device == "x" * 200
