"""Who decides and pays in the demo's agencies."""

from storefront.agencies.models import Agency
from storefront.core.permissions import PersonId, Role
from storefront.demo.chance import Chance
from storefront.demo.people import Employee, People


class Deciders:
    """Finds holders of roles, up the tree where an agency has none."""

    def __init__(self, people: People, agencies: dict[str, Agency], chance: Chance) -> None:
        self._people = people
        self._chance = chance
        self._by_id = {agency.id: agency for agency in agencies.values()}

    def parent_of(self, agency: Agency) -> Agency | None:
        return self._by_id.get(agency.parent_id) if agency.parent_id else None

    def approving(self, agency: Agency) -> Agency:
        """Its own approvers decide, or those of the nearest agency above."""
        parent = self.parent_of(agency)
        if self._people.holders(agency.code, Role.APPROVER) or parent is None:
            return agency
        return self.approving(parent)

    def approver(self, agency: Agency, *, besides: PersonId) -> PersonId:
        return self._other(self.approving(agency).code, Role.APPROVER, besides)

    def treasurer(self, agency: Agency, *, besides: PersonId) -> PersonId:
        return self._other(agency.code, Role.TREASURER, besides)

    def named(self, agency: Agency, person_id: PersonId) -> Employee:
        """The approver of an agency by their id."""
        here = self._people.of_agency[self.approving(agency).code]
        return next(one for one in here if one.person_id == person_id)

    def _other(self, agency_code: str, role: Role, besides: PersonId) -> PersonId:
        holders = [
            one.person_id
            for one in self._people.holders(agency_code, role)
            if one.person_id != besides
        ]
        return self._chance.one_of(holders)
