"""Divisions, their users and teams. The tests make one through the operator's API, as an administrator does."""

import secrets

import pytest
from sevenbridges import Api
from sevenbridges.errors import Conflict, Forbidden, NotFound, Unauthorized
from sevenbridges.models.enums import DivisionRole

READ_AND_COPY = {"read": True, "copy": True, "write": False, "execute": False, "admin": False}


class Lake:
    """A division with an administrator, olga, and a member, mei: the client as each of them."""

    def __init__(self, platform):
        self._platform = platform
        self.id = f"lake-{secrets.token_hex(4)}"
        platform.operate("POST", "divisions", {"id": self.id, "name": "Lake shore"})
        self.olga = self.connect("olga", "ADMIN")
        self.mei = self.connect("mei", "MEMBER")

    def connect(self, name, role):
        user = self._platform.operate("POST", "users", {"username": name, "division": self.id, "role": role})
        return Api(url=self._platform.url, token=user["token"], debug=True)


@pytest.fixture
def lake(platform):
    return Lake(platform)


def test_somebody_outside_of_divisions_sees_none(ben):
    divisions = ben.divisions.query()
    assert (divisions.total, list(divisions.all())) == (0, [])
    with pytest.raises(NotFound) as refused:
        ben.divisions.get("nothing-like-it")
    assert refused.value.code == 2002


def test_a_division_has_users_with_roles(lake):
    (division,) = lake.mei.divisions.query()
    assert (division.id, division.name) == (lake.id, "Lake shore")
    assert lake.mei.divisions.get(lake.id) == division
    assert division.reload().name == "Lake shore"
    assert {user.username for user in division.get_members().all()} == {f"{lake.id}/olga", f"{lake.id}/mei"}
    (admin,) = lake.olga.users.query(division, role=DivisionRole.ADMIN)
    assert (admin.username, admin.role) == (f"{lake.id}/olga", "ADMIN")
    assert len(division.get_members(role=DivisionRole.EXTERNAL_COLLABORATOR)) == 0
    assert lake.olga.users.get(f"{lake.id}/mei").username == f"{lake.id}/mei"
    assert lake.mei.users.me().username == f"{lake.id}/mei"


def test_teams_are_made_named_and_filled(lake):
    team = lake.olga.teams.create(name="Sequencing desk", division=lake.id)
    team.name = "Front desk"
    team.save()
    assert lake.olga.teams.get(team.id).name == "Front desk"
    assert [one.id for one in lake.olga.teams.query(lake.id, list_all=True).all()] == [team.id]
    assert lake.mei.teams.query(lake.id).total == 0

    member = team.add_member(f"{lake.id}/mei")
    assert (member.id, member.username, member.role) == (f"{lake.id}/mei", f"{lake.id}/mei", "MEMBER")
    assert [one.username for one in team.get_members().all()] == [f"{lake.id}/mei"]
    assert [one.id for one in lake.mei.divisions.get(lake.id).get_teams()] == [team.id]
    with pytest.raises(Conflict) as refused:
        team.add_member(f"{lake.id}/mei")
    assert refused.value.code == 2003
    with pytest.raises(NotFound):
        team.add_member("ben")

    team.remove_member(f"{lake.id}/mei")
    assert team.get_members().total == 0
    with pytest.raises(Forbidden):
        lake.mei.teams.create(name="Mine", division=lake.id)


def test_teams_and_divisions_are_members_of_projects(lake):
    project = lake.olga.projects.create(name="Shore survey")
    assert (project.id, project.created_by) == (f"{lake.id}/shore-survey", f"{lake.id}/olga")
    team = lake.olga.teams.create(name="Desk", division=lake.id)
    member = project.add_member_team(team, READ_AND_COPY)
    assert (member.id, member.type, dict(member.permissions.items())) == (team.id, "TEAM", READ_AND_COPY)
    with pytest.raises(Forbidden):
        lake.mei.projects.get(project.id)
    team.add_member(f"{lake.id}/mei")
    assert lake.mei.projects.get(project.id) == project
    assert project in lake.mei.projects.query(owner=lake.id)

    project.remove_member(team.id)
    with pytest.raises(Forbidden):
        lake.mei.projects.get(project.id)
    division = project.add_member_division(lake.id, READ_AND_COPY)
    assert (division.id, division.type) == (lake.id, "DIVISION")
    assert lake.mei.projects.get(project.id) == project


def test_users_of_a_division_are_members_under_their_whole_name(lake):
    project = lake.olga.projects.create(name="Shore survey")
    member = project.add_member(f"{lake.id}/mei", READ_AND_COPY)
    assert member.username == f"{lake.id}/mei"
    member.permissions["write"] = True
    member.save()
    assert project.get_member(f"{lake.id}/mei").permissions["write"] is True
    project.remove_member(f"{lake.id}/mei")
    with pytest.raises(Forbidden):
        lake.mei.projects.get(project.id)


def test_an_administrator_removes_a_user_from_the_division(lake):
    with pytest.raises(Forbidden):
        lake.mei.users.get(f"{lake.id}/mei").disable()
    mei = lake.olga.users.get(f"{lake.id}/mei")
    mei.disable()
    with pytest.raises(NotFound):
        mei.disable()
    with pytest.raises(Unauthorized):
        lake.mei.divisions.query()
    with pytest.raises(Conflict) as refused:
        lake.olga.users.me().disable()
    assert refused.value.code == 90007
