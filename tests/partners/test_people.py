"""A person of an agency: no team, no right beyond an agency's, and never a colleague by an edit."""

import pytest

from apps.accounts.actions import Place, save_person, save_role
from apps.accounts.actors import actor_of_user
from apps.accounts.models import Membership, Party, Role
from apps.accounts.saving import save_row
from apps.tenancy.actor import Door
from apps.tenancy.errors import Invalid


def save(tenant, role, **changes):
    given = {"email": f"bea@{tenant.domain}", "name": "Bea Lind", "role": role, "places": [], **changes}
    return save_person(actor=tenant.system, **given).membership


def test_a_person_of_an_agency_is_in_no_team_and_holds_an_agencys_rights_only(harbor):
    with harbor.scope():
        agency, agent = Role.rows().get(key="agency"), Role.rows().get(key="agent")
        with pytest.raises(Invalid, match="belongs to no team"):
            save(harbor, agency, places=[Place(harbor.team("elm-calls"))])
        with pytest.raises(Invalid, match="may not hold consent:narrow, health:read"):
            save(harbor, agent)
        # An edit that names no agency leaves her where she is.
        assert save(harbor, agency).party.key == "brightpath"
        assert not Membership.rows().get(user__email=f"bea@{harbor.domain}").user.is_staff


def test_a_role_that_grows_gives_an_agencys_person_nothing_more(harbor):
    with harbor.scope():
        rights = ["lead:view_all", "admin:use", "key:manage", "delivery:read"]
        save_role(actor=harbor.system, key="agency", name="Agency", permissions=rights, hidden_field_groups=[])
        assert harbor.actor("bea").permissions == {"delivery:read"}


def test_people_of_an_agency_that_is_off_have_no_place(harbor):
    with harbor.scope():
        save_row(Party, actor=harbor.system, find={"key": "brightpath"}, values={"is_active": False})
        assert actor_of_user(harbor.user("bea"), Door.PAGE) is None
