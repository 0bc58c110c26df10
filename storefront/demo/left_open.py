"""What the demo leaves to whoever opens it: a role, a budget, and sellers to decide on."""

from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from storefront.agencies.models import (
    Agency,
    BudgetRevision,
    BudgetRevisionLine,
    PlacementRole,
)
from storefront.core.calendar import instant_of
from storefront.core.permissions import Role
from storefront.demo.budgets import Budgets
from storefront.demo.people import Employee, People
from storefront.sellers.models import Seller, SellerClass

AFTERNOON = time(15, 30)


def leave_to_confirm(
    session: Session,
    people: People,
    agencies: dict[str, Agency],
    budgets: Budgets,
    today: date,
) -> None:
    """A role and a budget revision that wait for their second person."""
    health = people.of_agency["KB-D02"]
    admin = next(one for one in health if Role.AGENCY_ADMIN in one.roles)
    deputy = next(one for one in reversed(health) if one.roles == frozenset({Role.BUYER}))
    session.add(_proposed(deputy, admin, instant_of(today - timedelta(days=1), AFTERNOON)))
    coblong = agencies["KB-K19"]
    purse = budgets.purse("KB-K19", today.year)
    by = next(one for one in people.of_agency["KB-K19"] if Role.AGENCY_ADMIN in one.roles)
    total = (purse.year.ceiling_amount or 0) + 15_000_000
    lines = [
        BudgetRevisionLine(
            activity_code=line.activity_code,
            activity_name=line.activity_name,
            expense_account=line.expense_account,
            amount=line.ceiling_amount + (15_000_000 if at == 0 else 0),
        )
        for at, line in enumerate(purse.lines)
    ]
    session.add(
        BudgetRevision(
            agency_id=coblong.id,
            fiscal_year=today.year,
            revision=purse.year.revision + 1,
            effective_on=today,
            document_number=f"DPPA/KB-K19/{today.year}/{today:%m}",
            total_amount=total,
            proposed_by=by.person_id,
            proposed_at=instant_of(today - timedelta(days=2), AFTERNOON),
            lines=lines,
        )
    )


def _proposed(employee: Employee, by: Employee, at: datetime) -> PlacementRole:
    return PlacementRole(
        placement_id=employee.placement.id,
        role=Role.TREASURER,
        proposed_by=by.person_id,
        proposed_at=at,
    )


APPLICATIONS = (
    ("dapur-ceu-kokom", "Dapur Ceu Kokom", "Kokom Komalasari", "0310250067412", "Rancasari",
     "Jl. Derwati No. 21", "081322407715",
     "Nasi timbel, pepes ikan, dan aneka sambal untuk rapat. Dimasak pagi, diantar siang."),
    ("rajut-binong-mandiri", "Rajut Binong Mandiri", "Deden Suhendar", "1204240098833",
     "Batununggal", "Jl. Binong Jati No. 88", "085721330946",
     "Sweter, rompi, dan syal rajut dari sentra Binong Jati, juga untuk seragam kantor."),
)  # fmt: skip


def leave_applications(session: Session, now: datetime) -> None:
    """Sellers whom the city has not looked at yet."""
    for days, (key, name, owner, nib, district, address, phone, description) in enumerate(
        APPLICATIONS, 1
    ):
        session.add(
            Seller(
                slug=key,
                name=name,
                owner_name=owner,
                nib=nib,
                claimed_class=SellerClass.MICRO,
                email=f"{key}@usaha.example",
                phone=phone,
                district=district,
                address=address,
                description=description,
                applied_at=now - timedelta(days=days, hours=3),
            )
        )
