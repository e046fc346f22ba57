from concurrent.futures import ThreadPoolExecutor

import pytest
from sevenbridges.errors import BadRequest, Conflict, Forbidden, NotFound, ResourceNotModified, SbgError
from sevenbridges.models.file import File


def test_an_uploaded_file_has_everything_a_file_has(api, project, upload):
    file = upload("ACGT\n", name="reads.txt")
    found = api.files.get(file.id)
    assert found == file
    assert (found.name, found.size, found.type, found.project, found.parent) == (
        "reads.txt",
        5,
        "file",
        project.id,
        project.root_folder,
    )
    assert not found.is_folder()
    assert found.created_on <= found.modified_on
    assert found.storage.type == "PLATFORM"
    assert (dict(found.metadata.items()), found.tags) == ({}, [])
    assert found.origin.task is None


def test_renaming_saves_only_the_name(api, upload):
    file = upload("x")
    file.name = "renamed.txt"
    file.save()
    assert file.name == "renamed.txt"
    assert api.files.get(file.id).name == "renamed.txt"
    with pytest.raises(ResourceNotModified):
        file.save()
    assert file.save(silent=True) is file


def test_metadata_keys_are_merged_and_null_removes_one(api, upload):
    file = upload("x")
    file.metadata["sample_id"] = "S12"
    file.metadata["library_id"] = "L1"
    file.save()
    assert dict(api.files.get(file.id).metadata.items()) == {"sample_id": "S12", "library_id": "L1"}

    file.metadata["library_id"] = None
    file.metadata["paired_end"] = "1"
    file.save()
    assert dict(api.files.get(file.id).metadata.items()) == {"sample_id": "S12", "paired_end": "1"}


def test_assigned_metadata_replaces_everything(api, upload):
    file = upload("x")
    file.metadata = {"sample_id": "S12", "library_id": "L1"}
    file.save()
    file.metadata = {"species": "Homo sapiens"}
    file.save()
    assert dict(file.metadata.items()) == {"species": "Homo sapiens"}
    assert dict(api.files.get(file.id).metadata.items()) == {"species": "Homo sapiens"}


def test_tags_name_and_metadata_are_saved_together(api, upload):
    file = upload("x")
    file.tags = ["pilot", "batch 2"]
    file.name = "all.txt"
    file.metadata["sample_id"] = "S1"
    file.save()
    found = api.files.get(file.id)
    assert (found.name, found.tags, found.metadata["sample_id"]) == ("all.txt", ["pilot", "batch 2"], "S1")
    found.tags = []
    found.save()
    assert api.files.get(file.id).tags == []


def test_metadata_that_cannot_be_is_refused(upload):
    file = upload("x")
    file.metadata["sample_id"] = "x" * 10_000
    with pytest.raises(BadRequest) as refused:
        file.save()
    assert refused.value.code == 5006


def test_files_are_queried_by_name_metadata_tags_and_origin(api, project, upload):
    files = {name: upload(name, name=name) for name in ("a.txt", "b,c.txt", "d&e f.txt")}
    files["a.txt"].metadata = {"sample_id": "S 1", "species": "Mus musculus"}
    files["a.txt"].tags = ["one"]
    files["a.txt"].save()
    files["b,c.txt"].metadata = {"sample_id": "S,2"}
    files["b,c.txt"].save()

    def names(**filters):
        return sorted(file.name for file in api.files.query(project=project, **filters).all())

    assert names() == sorted(files)
    assert names(names=["b,c.txt", "d&e f.txt"]) == ["b,c.txt", "d&e f.txt"]
    assert names(names=["absent"]) == []
    assert names(names=[]) == []
    assert names(metadata={"sample_id": "S 1"}) == ["a.txt"]
    assert names(metadata={"sample_id": ["S 1", "S,2"]}) == ["a.txt", "b,c.txt"]
    assert names(metadata={"sample_id": "S 1", "species": "Homo sapiens"}) == []
    assert names(tags=["one"]) == ["a.txt"]
    assert names(origin={"task": "0b0e4f2c-0000-4000-8000-000000000000"}) == []


def test_a_listed_file_is_complete_without_another_request(api, project, upload, monkeypatch):
    upload("x", name="x.txt")
    (listed,) = api.files.query(project=project)
    monkeypatch.setattr(api, "get", lambda *_, **__: pytest.fail("asked the server again"))
    assert (listed.size, listed.type, listed.tags, listed.parent) == (1, "file", [], project.root_folder)
    assert listed.storage.type == "PLATFORM" and listed.created_on and dict(listed.metadata.items()) == {}


def test_what_a_file_lacks_is_loaded_when_asked_for(api, upload):
    id = upload("lazy", name="lazy.txt").id
    file = File(id=id, href=f"{api.url}/files/{id}", api=api)
    assert (file.name, file.size) == ("lazy.txt", 4)


def test_folders_hold_files_and_folders(api, project, upload):
    outer = api.files.create_folder("outer", project=project)
    inner = api.files.create_folder("inner", parent=outer)
    file = upload("x", name="x.txt", parent=inner)
    assert (outer.is_folder(), outer.parent, inner.parent, file.parent) == (True, project.root_folder, outer.id, inner.id)
    assert [f.name for f in outer.list_files()] == ["inner"]
    assert [f.name for f in inner.list_files()] == ["x.txt"]
    assert [f.name for f in api.files.query(parent=inner)] == ["x.txt"]
    assert [f.name for f in api.files.query(project=project)] == ["outer"]
    inner.name = "renamed"
    with pytest.raises(BadRequest) as refused:
        inner.save()
    assert refused.value.code == 5023
    with pytest.raises(Conflict):
        api.files.create_folder("outer", project=project)
    with pytest.raises(SbgError, match="is not a folder"):
        file.list_files()


def test_a_folder_of_a_thousand_is_paged(api, project):
    folder = api.files.create_folder("many", project=project)
    names = {f"f{number:04}" for number in range(1003)}
    with ThreadPoolExecutor(max_workers=16) as threads:
        list(threads.map(lambda name: api.files.create_folder(name, parent=folder.id, api=api), names))
    page = folder.list_files(limit=100)
    assert (page.total, len(page)) == (1003, 100)
    found = [file.name for file in page.all()]
    assert len(found) == 1003 and set(found) == names
    assert len(folder.list_files(offset=1000, limit=100)) == 3
    assert len(folder.list_files()) == 50


def test_a_copy_is_another_file_with_the_same_bytes(api, new_name, upload):
    file = upload("ACGT", name="a.txt")
    file.metadata = {"sample_id": "S1"}
    file.tags = ["t"]
    file.save()
    elsewhere = api.projects.create(name=new_name())
    copy = file.copy(project=elsewhere)
    assert copy.id != file.id
    assert (copy.name, copy.project, copy.size, copy.parent) == ("a.txt", elsewhere.id, 4, elsewhere.root_folder)
    assert (copy.metadata["sample_id"], copy.tags) == ("S1", ["t"])
    assert copy.content() == "ACGT"
    assert file.copy(project=elsewhere.id, name="b.txt").name == "b.txt"
    assert file.copy(project=elsewhere.id).name != "a.txt"
    elsewhere.add_files([file])
    assert elsewhere.get_files().total == 4


def test_files_are_copied_and_moved_into_folders(api, project, upload):
    folder = api.files.create_folder("folder", project=project)
    file = upload("x", name="x.txt")
    copy = file.copy_to_folder(parent=folder, name="copy.txt")
    assert (copy.name, copy.parent) == ("copy.txt", folder.id)
    moved = file.move_to_folder(parent=folder)
    assert (moved.id, moved.parent, moved.name) == (file.id, folder.id, "x.txt")
    assert file.reload().parent == folder.id
    assert moved.move_to_folder(parent=project.root_folder, name="y.txt").name == "y.txt"
    assert [f.name for f in folder.list_files()] == ["copy.txt"]


def test_a_deleted_file_is_gone(api, upload):
    file = upload("x")
    file.delete()
    with pytest.raises(NotFound) as refused:
        api.files.get(file.id)
    assert refused.value.code == 5002
    with pytest.raises(NotFound):
        file.delete()


def test_folders_are_deleted_when_they_are_empty(api, project, upload):
    folder = api.files.create_folder("folder", project=project)
    file = upload("x", parent=folder)
    with pytest.raises((BadRequest, Conflict)):
        folder.delete()
    file.delete()
    folder.delete()
    assert api.files.query(project=project).total == 0


def test_somebody_elses_file_is_forbidden(ben, upload):
    file = upload("x")
    with pytest.raises(Forbidden) as refused:
        ben.files.get(file.id)
    assert refused.value.code == 5001


def test_a_malformed_id_is_a_bad_request(api):
    with pytest.raises((BadRequest, NotFound)) as refused:
        api.files.get("not-a-file")
    assert refused.value.code in (5002, 5004, 5005, 90000)


def test_a_folder_is_scrolled_with_a_token(api, project):
    folder = api.files.create_folder("many", project=project)
    names = {f"f{i:02}" for i in range(12)}
    for name in names:
        api.files.create_folder(name, parent=folder)
    page = folder.list_files(cont_token="init", limit=5)
    assert page.total == 12 and len(page) == 5
    assert {f.name for f in page.all()} == names
    assert {f.name for f in api.files.query(parent=folder, cont_token="init", limit=5).all()} == names
