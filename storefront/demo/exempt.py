"""The demo's agency without a target: exempted in the first weeks of its two years."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from storefront.core.calendar import instant_of, working_days_after
from storefront.core.permissions import Actor
from storefront.demo.timeline import Act
from storefront.quota.exemptions import confirm_exemption, pending_exemptions, propose_exemption

BANK = "KB-U03"
REASON = (
    "Belanja barang dan jasanya hampir seluruhnya lisensi sistem perbankan, jaringan ATM, dan"
    " pengawalan uang tunai yang penyedianya diwajibkan OJK; usaha mikro tidak menyediakannya."
)


def exempted(
    session: Session,
    *,
    today: date,
    days_off: Collection[date],
    proposer: Actor,
    confirmer: Actor,
) -> Iterator[Act]:
    """The city's bank has no target from last February to the end of this year."""
    last_year = today.year - 1
    new_year = date(last_year, 1, 1)
    proposed = working_days_after(new_year, 8, days_off)

    def propose(at: datetime) -> None:
        propose_exemption(
            session,
            proposer,
            BANK,
            valid_from=date(last_year, 2, 1),
            valid_to=date(today.year, 12, 31),
            reason=REASON,
            document_number=f"Kepwal 500/Kep.064-Dinkop/{last_year}",
            now=at,
        )

    def confirm(at: datetime) -> None:
        for proposal in pending_exemptions(session, confirmer):
            confirm_exemption(session, confirmer, proposal.exemption_id, now=at)

    yield Act(instant_of(proposed, time(11, 30)), propose)
    confirmed = working_days_after(proposed, 2, days_off)
    yield Act(instant_of(confirmed, time(15, 10)), confirm)
