import pytest
from sevenbridges.errors import BadRequest, Conflict, Forbidden, NotFound

READ_ONLY = {"read": True, "copy": False, "write": False, "execute": False, "admin": False}


def test_the_owner_is_the_first_member(project):
    (owner,) = project.get_members()
    assert (owner.username, owner.id, owner.type) == ("ana", "ana", "USER")
    assert all(owner.permissions[right] for right in READ_ONLY)


def test_a_member_sees_what_the_permissions_say(project, ben):
    member = project.add_member("ben", READ_ONLY)
    assert (member.username, dict(member.permissions.items())) == ("ben", READ_ONLY)
    seen = ben.projects.get(project.id)
    with pytest.raises(Forbidden) as refused:
        ben.files.create_folder("mine", project=seen)
    assert refused.value.status == 403


def test_saving_a_member_changes_the_permissions_that_were_set(project, ben):
    member = project.add_member(user="ben", permissions=READ_ONLY)
    member.permissions["write"] = True
    member.save()
    changed = project.get_member("ben")
    assert dict(changed.permissions.items()) == {**READ_ONLY, "write": True}
    assert ben.files.create_folder("mine", project=project.id).name == "mine"


def test_a_listed_member_is_saved_as_well(project):
    project.add_member("ben", READ_ONLY)
    member = next(m for m in project.get_members() if m.username == "ben")
    member.permissions["copy"] = True
    member.save()
    assert project.get_member("ben").permissions["copy"] is True


def test_a_member_is_added_by_email(api, ben, project):
    member = project.add_member_email(email=ben.users.me().email, permissions=READ_ONLY)
    assert member.username == "ben"


def test_members_are_paged(project):
    for name in ("ben", "eve"):
        project.add_member(name, READ_ONLY)
    page = project.get_members(limit=2)
    assert (page.total, len(page)) == (3, 2)
    assert {m.username for m in page.all()} == {"ana", "ben", "eve"}
    assert len(project.get_members(offset=2)) == 1


def test_a_removed_member_sees_nothing(project, ben):
    project.add_member("ben", READ_ONLY)
    project.remove_member("ben")
    with pytest.raises(Forbidden):
        ben.projects.get(project.id)
    with pytest.raises(NotFound) as refused:
        project.remove_member("ben")
    assert refused.value.code == 3002


def test_members_are_not_added_twice_nor_out_of_nothing(project):
    project.add_member("ben", READ_ONLY)
    with pytest.raises(Conflict):
        project.add_member("ben", READ_ONLY)
    with pytest.raises((BadRequest, NotFound)):
        project.add_member("nobody", READ_ONLY)
