import pytest
from sevenbridges.errors import NotFound


@pytest.fixture
def division(api, requires):
    """A division of ana's; skips where there is none."""
    requires("GET /divisions", "GET /teams")
    divisions = api.divisions.query()
    if not divisions.total:
        pytest.skip("ana is in no division of this platform.")
    return divisions[0]


def test_divisions_are_a_list(api, requires):
    requires("GET /divisions")
    divisions = api.divisions.query()
    assert divisions.total == len(list(divisions.all()))
    with pytest.raises(NotFound):
        api.divisions.get("nothing-like-it")


def test_a_division_has_members(api, division):
    assert api.divisions.get(division.id).name == division.name
    assert "ana" in {user.username.rsplit("/", 1)[-1] for user in division.get_members().all()}


def test_teams_are_made_named_and_filled(api, division, new_name):
    team = api.teams.create(name=new_name(), division=division)
    team.name = new_name()
    team.save()
    assert api.teams.get(team.id).name == team.name
    assert team in list(division.get_teams().all())
    assert team in list(api.teams.query(division, list_all=True).all())
    me = next(user for user in division.get_members().all() if user.username.rsplit("/", 1)[-1] == "ana")
    team.add_member(me)
    (member,) = team.get_members()
    assert member.username == me.username
    team.remove_member(me)
    assert team.get_members().total == 0


def test_a_team_is_a_member_of_a_project(division, api, project, new_name):
    team = api.teams.create(name=new_name(), division=division)
    member = project.add_member_team(team, {"read": True, "copy": False, "write": False, "execute": False, "admin": False})
    assert (member.id, member.type) == (team.id, "TEAM")
