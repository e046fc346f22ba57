import pytest
from sevenbridges.errors import BadRequest, Forbidden, NotFound, PaginationError, ReadOnlyPropertyError, ResourceNotModified, SbgError


def test_a_new_project_has_what_was_given(api, new_name):
    name = new_name()
    group = api.billing_groups.query()[0]
    project = api.projects.create(
        name=name,
        billing_group=group,
        description="Reads of the *pilot*",
        tags=["pilot", "rna"],
        settings={"use_interruptible_instances": False},
    )
    assert project.name == name
    assert project.id == f"ana/{name.replace(' ', '-')}"
    assert project.billing_group == group.id
    assert project.description == "Reads of the *pilot*"
    assert project.tags == ["pilot", "rna"]
    assert project.type == "v2"
    assert project.created_by == "ana"
    assert project.category == "PRIVATE"
    assert project.created_on <= project.modified_on
    assert project.settings["use_interruptible_instances"] is False
    assert project.settings["locked"] is False
    assert api.files.get(project.root_folder).is_folder()


def test_a_project_is_got_by_id_and_by_object(api, project):
    assert api.projects.get(project.id) == project
    assert api.projects.get(project).root_folder == project.root_folder


def test_saving_sends_only_what_changed(api, project):
    project.description = "Later"
    assert project.save() is project
    assert api.projects.get(project.id).description == "Later"

    again = api.projects.get(project.id)
    again.name = "Renamed"
    again.tags = ["a", "b"]
    again.save()
    assert (again.name, again.description, again.tags, again.id) == ("Renamed", "Later", ["a", "b"], project.id)


def test_a_setting_changes_alone(api, project):
    before = dict(api.projects.get(project.id).settings.items())
    project.settings["use_interruptible_instances"] = not before["use_interruptible_instances"]
    project.save()
    after = dict(api.projects.get(project.id).settings.items())
    assert after == {**before, "use_interruptible_instances": not before["use_interruptible_instances"]}


def test_saving_in_place_or_not(project):
    project.description = "A"
    other = project.save(inplace=False)
    assert other is not project
    assert other.description == "A"


def test_saving_nothing_is_told_by_the_client(project):
    with pytest.raises(ResourceNotModified):
        project.save()


def test_read_only_fields_are_refused_by_the_client(project):
    with pytest.raises(ReadOnlyPropertyError):
        project.created_by = "ben"


def test_a_deleted_project_is_gone(api, new_name):
    project = api.projects.create(name=new_name())
    project.delete()
    with pytest.raises(NotFound) as refused:
        api.projects.get(project.id)
    assert refused.value.code == 3002
    with pytest.raises(SbgError, match="can not be refreshed"):
        project.reload()


def test_a_project_of_somebody_else_is_forbidden(ben, project):
    with pytest.raises(Forbidden) as refused:
        ben.projects.get(project.id)
    assert refused.value.code == 3001


def test_a_project_without_a_name_is_a_bad_request(api):
    with pytest.raises(BadRequest) as refused:
        api.projects.create(name="")
    assert refused.value.status == 400
    assert refused.value.more_info


def test_projects_are_filtered_by_name_owner_category_and_tags(api, new_name):
    word = new_name()
    one = api.projects.create(name=f"{word} Orchid", tags=[f"{word} one", "both"])
    two = api.projects.create(name=f"{word} orchid", tags=[f"{word} two", "both"])
    assert [p.id for p in api.projects.query(name=f"{word} ORCHID")] == [two.id, one.id]
    assert [p.id for p in api.projects.query(tags=[f"{word} one"])] == [one.id]
    assert two in api.projects.query(tags=[f"{word} two", "both"])
    assert one in list(api.projects.query(owner="ana").all())
    assert one in list(api.projects.query(category="PRIVATE").all())
    assert one not in list(api.projects.query(owner="ben").all())


def test_a_listed_project_is_complete_without_another_request(api, project, monkeypatch):
    listed = next(p for p in api.projects.query() if p.id == project.id)
    monkeypatch.setattr(api, "get", lambda *_, **__: pytest.fail("asked the server again"))
    assert listed.root_folder == project.root_folder
    assert listed.settings is not None and listed.description is not None and listed.tags == []


def test_over_a_hundred_projects_are_paged(ben, new_name):
    word = f"Lichen & Moss {new_name()}"
    for number in range(112):
        ben.projects.create(name=f"{word} {number}")
    first = ben.projects.query(name=word, limit=50)
    second = first.next_page()
    third = second.next_page()
    assert (first.total, third.total) == (112, 112)
    assert [len(page) for page in (first, second, third)] == [50, 50, 12]
    assert [p.id for p in third.previous_page()] == [p.id for p in second]
    with pytest.raises(PaginationError):
        third.next_page()
    with pytest.raises(PaginationError):
        first.previous_page()

    # Every page keeps the filter, blanks and `&` in it included; each project is there once.
    everything = [p.id for p in first.all()]
    assert len(set(everything)) == len(everything) == 112
    assert [p.id for p in ben.projects.query(name=word, limit=100).all()] == everything
    assert {p.id for p in ben.projects.query().all()} >= set(everything)
    # From an offset, `all` starts there; the client makes 100 of a limit of 0.
    assert [p.id for p in ben.projects.query(name=word, offset=100, limit=7).all()] == everything[100:]
    assert len(ben.projects.query(name=word, limit=0)) == 100
    past = ben.projects.query(name=word, offset=112)
    assert list(past) == [] and past.total == 112
