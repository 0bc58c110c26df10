"""The auditor reads the rule by its versions and who is exempt, and changes neither."""

import pytest
from sqlalchemy.orm import Session

from storefront.core.database import transaction
from storefront.core.permissions import CITY, Role
from storefront.quota.rule_proposals import propose_rule
from tests.factories import NOON, agency, signed_up
from tests.factories_rules import BASIS, TODAY, adopted, exempted, terms
from tests.web.offices import Desk

pytestmark = pytest.mark.usefixtures("at_noon")


def main_of(page: str) -> str:
    return page[page.index("<main") : page.index("</main")]


def test_versions_are_read_with_what_changed_and_who_decided(
    session: Session, auditor: Desk
) -> None:
    rule = adopted(session, terms(target_permille=450))
    assert 'href="/audit/rules"' in auditor.see("/audit/")
    assert f'href="/audit/rules/{rule.version}"' in auditor.see("/audit/rules")
    page = main_of(auditor.see(f"/audit/rules/{rule.version}"))
    for said in ("45%", "40%", BASIS, "Diusulkan", "Dikonfirmasi"):
        assert said in page
    assert "/city/" not in page


def test_what_waits_is_read_too_and_nothing_can_be_decided(
    session: Session, auditor: Desk, admin: Desk
) -> None:
    by = signed_up(session, Role.CITY_ADMIN, CITY)
    with transaction(session):
        propose_rule(session, by, terms(), effective_on=TODAY, basis="Perwal 9", now=NOON)
    page = main_of(auditor.see("/audit/rules"))
    assert "Perwal 9" in page
    assert "<form" not in page
    assert 'value="confirm"' in admin.see("/city/rules")


def test_who_is_exempt_stands_with_reason_and_document(session: Session, auditor: Desk) -> None:
    exempted(session, agency(session, name="Dinas Kesehatan"))
    page = main_of(auditor.see("/audit/exemptions"))
    assert "Dinas Kesehatan" in page
    assert "dokumen" in page
    assert "<form" not in page
    assert 'href="/audit/agencies/' in page


def test_a_version_that_is_none_is_not_found(auditor: Desk) -> None:
    assert auditor.client.get("/audit/rules/99").status_code == 404
