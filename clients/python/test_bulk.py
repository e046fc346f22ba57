"""Many at once: bulk calls, copies of many files, jobs in the background."""

import secrets
import time

import pytest
from documents import COUNT_WORDS
from sevenbridges import Api
from sevenbridges.errors import NotFound, TooManyRequests
from sevenbridges.models.enums import FeedbackType

ABSENT = "0123456789abcdef01234567"


def ended(api, job):
    """The job in the background, when it is finished."""
    again = {"COPY": api.async_jobs.get_file_copy_job, "MOVE": api.async_jobs.get_file_move_job}.get(
        job.type, api.async_jobs.get_file_delete_job
    )
    while job.state != "FINISHED":
        assert job.state in ("SUBMITTED", "RESOLVING", "RUNNING")
        time.sleep(0.1)
        job = again(job.id)
    return job


def test_files_are_got_in_bulk(api, upload):
    files = [upload("x", name=f"{number}.txt") for number in range(3)]
    records = api.files.bulk_get([files[2], ABSENT, files[0].id])
    assert [record.valid for record in records] == [True, False, True]
    assert (records[0].resource.id, records[0].resource.name, records[0].resource.size) == (files[2].id, "2.txt", 1)
    assert (records[1].error.status, records[1].error.code) == (404, 5002)
    assert records[1].error.message and records[1].error.more_info


def test_files_are_edited_and_updated_in_bulk(api, upload):
    file = upload("x", name="a.txt")
    file.tags = ["kept"]
    file.metadata = {"sample_id": "S1"}
    file.save()

    file.metadata["library_id"] = "L1"
    (edited,) = api.files.bulk_edit([file])
    assert edited.valid
    assert dict(api.files.get(file.id).metadata.items()) == {"sample_id": "S1", "library_id": "L1"}
    assert api.files.get(file.id).tags == ["kept"]

    file = api.files.get(file.id)
    file.metadata = {"species": "Mus musculus"}
    file.name = "b.txt"
    (updated,) = api.files.bulk_update([file])
    assert (updated.valid, updated.resource.name) == (True, "b.txt")
    assert dict(api.files.get(file.id).metadata.items()) == {"species": "Mus musculus"}


def test_files_are_deleted_in_bulk(api, project, upload):
    files = [upload("x", name=f"{number}.txt") for number in range(2)]
    records = api.files.bulk_delete([*files, ABSENT])
    assert [record.valid for record in records] == [True, True, False]
    assert api.files.query(project=project).total == 0


def test_tasks_are_got_in_bulk(api, project, install):
    app = install(COUNT_WORDS)
    tasks = [api.tasks.create(f"Task {number}", project, app) for number in range(2)]
    records = api.tasks.bulk_get([tasks[1], "0b0e4f2c-0000-4000-8000-000000000000", tasks[0].id])
    assert [record.valid for record in records] == [True, False, True]
    assert (records[0].resource.id, records[0].resource.name) == (tasks[1].id, "Task 1")
    assert (records[1].error.status, records[1].error.code) == (404, 7002)


def test_files_are_copied_in_bulk(api, upload, new_name):
    files = [upload("x", name=f"{number}.txt") for number in range(3)]
    elsewhere = api.projects.create(name=new_name())
    told = api.actions.bulk_copy_files([*files, ABSENT], elsewhere.id)
    assert set(told) == {*(file.id for file in files), ABSENT}
    assert all(told[file.id]["status"] == "OK" for file in files)
    assert told[ABSENT]["status"] != "OK"
    assert {told[file.id]["new_file_id"] for file in files} == {file.id for file in elsewhere.get_files()}


def test_feedback_is_taken_once_a_minute(platform):
    user = platform.operate("POST", "users", {"username": f"reader-{secrets.token_hex(4)}"})
    reader = Api(url=platform.url, token=user["token"], debug=True)
    assert reader.actions.send_feedback(text="Good work") is None
    with pytest.raises(TooManyRequests) as refused:
        reader.actions.send_feedback(FeedbackType.PROBLEM, text="Too fast")
    assert refused.value.code == 1000


def test_folders_are_copied_moved_and_deleted_in_the_background(api, project, upload):
    source = api.files.create_folder("source", project=project)
    target = api.files.create_folder("target", project=project)
    for number in range(3):
        upload("x", name=f"{number}.txt", parent=source)

    job = api.async_jobs.file_bulk_copy([{"file": source.id, "parent": target.id, "name": "copied"}])
    assert job.type == "COPY"
    job = ended(api, job)
    assert (job.total_files, job.completed_files, job.failed_files) == (3, 3, 0)
    assert job.started_on <= job.finished_on
    (record,) = job.get_result()
    assert record.valid
    copied = api.files.get(record.resource["id"] if isinstance(record.resource, dict) else record.resource.id)
    assert (copied.name, copied.parent, copied.list_files().total) == ("copied", target.id, 3)

    moved = ended(api, api.async_jobs.file_bulk_move([{"file": copied.id, "parent": project.root_folder}]))
    assert (moved.type, moved.failed_files) == ("MOVE", 0)
    assert target.list_files().total == 0
    assert {file.name for file in api.files.query(project=project)} == {"source", "target", "copied"}

    deleted = ended(api, api.async_jobs.file_bulk_delete([{"file": source.id}, {"file": ABSENT}]))
    assert (deleted.type, [record.valid for record in deleted.get_result()]) == ("DELETE", [True, False])
    assert {file.name for file in api.files.query(project=project)} == {"target", "copied"}

    jobs = api.async_jobs.list_file_jobs(limit=2)
    assert jobs.total >= 3 and jobs[0].id == deleted.id
    assert {job.id, moved.id, deleted.id} <= {one.id for one in jobs.all()}
    assert deleted.reload().state == "FINISHED"


def test_files_are_searched(api, project, upload):
    for number in range(3):
        upload("x" * (number + 1), name=f"{number}.txt")
    found = api.files.search(f'IN "{project.id}" WHERE type = "FILE" ORDER BY name ASC', limit=2)
    assert (found.count, [entry["name"] for entry in found.result_set]) == (2, ["0.txt", "1.txt"])
    rest = api.files.search(f'IN "{project.id}" WHERE type = "FILE" ORDER BY name ASC', cont_token=found.cont_token, limit=2)
    assert [(entry["name"], entry["size"], entry["type"]) for entry in rest.result_set] == [("2.txt", 3, "FILE")]


def test_markers_stay_with_their_file(api, upload):
    file = upload("x", name="a.bam")
    marker = api.markers.create(file, "Locus", {"start": 10, "end": 20}, "chr1")
    assert (marker.file, marker.name, marker.chromosome, marker.created_by) == (file.id, "Locus", "chr1", "ana")
    assert (marker.position["start"], marker.position["end"]) == (10, 20)
    marker.name = "Renamed"
    marker.save()
    assert [found.name for found in api.markers.query(file)] == ["Renamed"]
    marker.delete()
    assert api.markers.query(file).total == 0


@pytest.mark.parametrize("kind", ["copy", "move", "delete"])
def test_an_unknown_job_in_the_background_is_not_found(api, kind):
    with pytest.raises(NotFound) as refused:
        getattr(api.async_jobs, f"get_file_{kind}_job")("12345678901234567")
    assert refused.value.code == 57039
