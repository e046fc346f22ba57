import datetime
import uuid

import pytest
from documents import COUNT_WORDS, FAIL, SLEEP
from sevenbridges.errors import BadRequest, Forbidden, NotFound, TaskValidationError
from sevenbridges.models.file import File


def test_a_task_runs_and_its_result_comes_down(api, project, finished_task):
    task = finished_task
    assert uuid.UUID(task.id)
    assert (task.name, task.project, task.app) == ("Count", project.id, f"{project.id}/count-words/0")
    assert (task.created_by, task.executed_by, task.type, task.batch) == ("ana", "ana", "v2", False)
    assert task.created_time <= task.start_time <= task.end_time
    assert task.errors == [] and task.warnings == []

    report = task.outputs["report"]
    assert isinstance(report, File)
    assert report.content().split()[0] == "3"
    assert (report.project, report.origin.task, report.secondary_files) == (project.id, task.id, None)
    assert [file.id for file in api.files.query(project=project, origin={"task": task.id})] == [report.id]
    assert task.inputs["text"].name == "words.txt" and task.inputs["title"] == "Words"


def test_what_a_task_says_of_its_run_has_the_types_that_the_client_wants(finished_task):
    status = finished_task.execution_status
    assert (status.steps_completed, status.steps_total, status.message) == (1, 1, "Completed")
    assert status.message_code
    for flag in (status.system_limit, status.account_limit, status.instance_init):
        assert flag is False
    for milliseconds in (status.queued_duration, status.running_duration, status.execution_duration, status.duration):
        assert isinstance(milliseconds, int) and milliseconds >= 0
    price = finished_task.price
    if price is not None:
        assert price.currency == "USD" and float(price.amount) >= 0
        assert float(price.breakdown.storage) >= 0 and float(price.breakdown.computation) >= 0


def test_execution_details_have_jobs_and_logs(finished_task):
    details = finished_task.get_execution_details()
    assert (details.status, details.message) == ("COMPLETED", "Completed")
    assert details.start_time <= details.end_time
    (job,) = details.jobs
    assert (job.status, job.retried) == ("COMPLETED", False)
    assert job.start_time <= job.end_time
    assert "wc -w" in job.command_line
    assert job.docker.checksum is None
    assert "wc" in job.logs["cmd.log"].content()
    assert job.logs["job.err.log"].content() == ""


def test_a_draft_is_edited_and_run(api, project, install, upload, wait):
    app = install(COUNT_WORDS)
    draft = api.tasks.create("Draft", project, app.id, description="first")
    assert (draft.status, draft.app, draft.description) == ("DRAFT", f"{app.id}/0", "first")
    assert (draft.start_time, draft.end_time, draft.executed_by, draft.price) == (None, None, None, None)
    assert draft.errors != []
    assert dict(draft.inputs.items()) == {"text": None, "title": None, "stop_words": None}

    draft.inputs["text"] = upload("a b")
    draft.name = "Edited"
    draft.save()
    assert (draft.name, draft.description, draft.status, draft.errors) == ("Edited", "first", "DRAFT", [])
    draft.inputs["title"] = "T"
    draft.save()
    again = api.tasks.get(draft.id)
    assert (again.inputs["title"], again.inputs["text"].name) == ("T", "reads.txt")

    draft.run()
    assert draft.status in ("QUEUED", "RUNNING", "COMPLETED")
    assert wait(draft).outputs["report"].content().split()[0] == "2"
    # A task that ran keeps what it ran with; only its name can still be changed.
    draft.name = "Renamed"
    draft.save()
    draft.description = "too late"
    with pytest.raises(Forbidden) as refused:
        draft.save()
    assert refused.value.code == 7007
    with pytest.raises(BadRequest) as refused:
        api.tasks.get(draft.id).run()
    assert refused.value.code == 7010


def test_a_draft_without_its_inputs_does_not_run(api, project, install):
    app = install(COUNT_WORDS)
    with pytest.raises(TaskValidationError) as refused:
        api.tasks.create("Nothing", project, app, run=True)
    draft = refused.value.task
    assert draft.status == "DRAFT" and draft.errors
    with pytest.raises(BadRequest) as refused:
        draft.run()
    assert refused.value.code == 7024
    draft.delete()
    with pytest.raises(NotFound) as refused:
        api.tasks.get(draft.id)
    assert refused.value.code == 7002


def test_a_task_is_made_from_its_project_with_settings(api, project, install):
    app = install(COUNT_WORDS)
    settings = {"instance_type": "c4.2xlarge;ebs-gp2;100", "max_parallel_instances": 1, "use_memoization": True}
    task = project.create_task("Settings", app.id, revision=0, interruptible=False, execution_settings=settings)
    assert task.execution_settings == settings
    assert task.use_interruptible_instances is False
    assert task in project.get_tasks(status="DRAFT")
    task.execution_settings["max_parallel_instances"] = 2
    assert api.tasks.get(task).execution_settings["max_parallel_instances"] == 1


def test_running_tasks_are_aborted(api, project, install, wait):
    app = install(SLEEP)
    task = api.tasks.create("Sleep", project, app, inputs={"seconds": 600}, run=True)
    task.abort()
    assert task.status in ("ABORTING", "ABORTED")
    ended = []
    task.wait(period=0.1, callback=lambda: ended.append(api.tasks.get(task.id).status))
    assert ended == ["ABORTED"]
    with pytest.raises(BadRequest) as refused:
        task.abort()
    assert refused.value.code == 7011


def test_a_failed_task_says_why(api, project, install, wait):
    task = wait(api.tasks.create("Fail", project, install(FAIL), run=True))
    assert task.status == "FAILED"
    assert "3" in task.execution_status.message
    (job,) = task.get_execution_details().jobs
    assert job.status == "FAILED"
    assert "the reads are broken" in job.logs["job.err.log"].content()


def test_a_clone_has_the_same_inputs(finished_task, wait):
    draft = finished_task.clone(run=False)
    assert draft.id != finished_task.id
    assert (draft.status, draft.app) == ("DRAFT", finished_task.app)
    assert draft.inputs["text"] == finished_task.inputs["text"]
    again = wait(finished_task.clone())
    assert again.status == "COMPLETED"
    # Its report does not replace the first one's.
    assert again.outputs["report"].name != finished_task.outputs["report"].name


def test_tasks_are_listed_filtered_and_ordered(api, project, install):
    app = install(COUNT_WORDS)
    drafts = [api.tasks.create(f"Task {number}", project, app) for number in range(3)]
    ids = [task.id for task in drafts]

    def found(**filters):
        return {task.id for task in api.tasks.query(project=project, **filters).all()}

    assert found() == found(status="DRAFT") == found(limit=2) == set(ids)
    assert found(status="RUNNING") == set()
    assert found(batch=True) == set() and found(batch=False) == set(ids)
    assert found(parent=ids[0]) == set()
    day = datetime.timedelta(days=1)
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    assert found(created_from=now - day, created_to=now + day) == set(ids)
    assert found(created_from=(now + day).strftime("%Y-%m-%dT%H:%M:%S")) == set()
    assert found(started_from=now - day) == set() and found(ended_to=now + day) == set()
    by_name = [task.name for task in api.tasks.query(project=project, order_by="name", order="desc")]
    assert by_name == ["Task 2", "Task 1", "Task 0"]
    with pytest.raises(BadRequest) as refused:
        api.tasks.query(project=project, status="SLEEPING")
    assert refused.value.code == 7006


def test_a_listed_task_is_complete_without_another_request(api, project, finished_task, monkeypatch):
    (listed,) = api.tasks.query(project=project)
    monkeypatch.setattr(api, "get", lambda *_, **__: pytest.fail("asked the server again"))
    assert (listed.status, listed.batch, listed.errors) == ("COMPLETED", False, [])
    assert listed.outputs["report"].name == "report.txt"
    assert listed.execution_status.steps_total == 1
    assert (listed.batch_by, listed.batch_group, listed.parent) == (None, None, None)


def test_somebody_elses_task_is_forbidden(ben, api, project, install):
    task = api.tasks.create("Mine", project, install(COUNT_WORDS))
    with pytest.raises(Forbidden) as refused:
        ben.tasks.get(task.id)
    assert refused.value.code == 7001


def test_whole_folders_are_inputs(api, project, install, upload, wait):
    listing = {
        "class": "CommandLineTool",
        "cwlVersion": "v1.2",
        "baseCommand": ["ls"],
        "inputs": [{"id": "reads", "type": "Directory", "inputBinding": {"position": 1}}],
        "outputs": [{"id": "names", "type": "stdout"}],
        "stdout": "names.txt",
    }
    folder = api.files.create_folder("reads", project=project)
    upload("x", name="a.fastq", parent=folder)
    upload("y", name="b.fastq", parent=folder)
    task = wait(api.tasks.create("List", project, install(listing), inputs={"reads": folder}, run=True))
    assert task.status == "COMPLETED", task.execution_status.message
    assert task.inputs["reads"].is_folder() and task.inputs["reads"].id == folder.id
    assert task.outputs["names"].content().split() == ["a.fastq", "b.fastq"]


def test_files_with_their_secondary_files_go_in_and_come_out(api, project, install, upload, wait):
    indexing = {
        "class": "CommandLineTool",
        "cwlVersion": "v1.2",
        "requirements": {"ShellCommandRequirement": {}, "InlineJavascriptRequirement": {}},
        "baseCommand": ["sh", "-c"],
        "arguments": ["cat $(inputs.bam.path) $(inputs.bam.path).bai > all.bam; echo index > all.bam.bai"],
        "inputs": [{"id": "bam", "type": "File", "secondaryFiles": [".bai"]}],
        "outputs": [
            {"id": "all", "type": "File", "outputBinding": {"glob": "all.bam"}, "secondaryFiles": [".bai"]},
        ],
    }
    bam = upload("bam ", name="a.bam")
    upload("bai", name="a.bam.bai")
    task = wait(api.tasks.create("Index", project, install(indexing), inputs={"bam": bam}, run=True))
    assert task.status == "COMPLETED", task.execution_status.message
    out = task.outputs["all"]
    assert out.content() == "bam bai"
    (index,) = out.secondary_files
    assert (index.name, index.content()) == ("all.bam.bai", "index\n")


def test_records_and_arrays_keep_their_files(api, project, install, upload):
    aligning = {
        "class": "CommandLineTool",
        "cwlVersion": "v1.2",
        "baseCommand": ["cat"],
        "inputs": [
            {
                "id": "sample",
                "type": {
                    "type": "record",
                    "name": "sample",
                    "fields": [{"name": "reads", "type": "File[]"}, {"name": "lane", "type": "int"}],
                },
            },
            {"id": "pairs", "type": {"type": "array", "items": {"type": "array", "items": "File"}}},
        ],
        "outputs": [],
    }
    one, two = upload("1", name="1.fq"), upload("2", name="2.fq")
    inputs = {"sample": {"reads": [one, two], "lane": 3}, "pairs": [[one], [two, one]]}
    draft = api.tasks.create("Align", project, install(aligning), inputs=inputs)
    assert draft.errors == []
    assert [[file.id for file in pair] for pair in draft.inputs["pairs"]] == [[one.id], [two.id, one.id]]
    sample = draft.inputs["sample"]
    assert sample["lane"] == 3
    assert [file["path"] for file in sample["reads"]] == [one.id, two.id]
    # What was read is sent back as it is when something else changes.
    draft.inputs["sample"] = {"reads": [two], "lane": 4}
    draft.save()
    assert [file["path"] for file in api.tasks.get(draft.id).inputs["sample"]["reads"]] == [two.id]
    assert len(draft.inputs["pairs"]) == 2


def test_outputs_go_where_the_task_says(api, project, install, upload, wait):
    folder = api.files.create_folder("results", project=project)
    task = wait(
        api.tasks.create(
            "Count",
            project,
            install(COUNT_WORDS),
            inputs={"text": upload("a b")},
            output_location={"main_location": "/results/<task_name>/"},
            run=True,
        )
    )
    assert task.status == "COMPLETED", task.execution_status.message
    assert task.output_location["main_location"] == "/results/<task_name>/"
    (inner,) = folder.list_files()
    assert (inner.name, task.outputs["report"].parent) == ("Count", inner.id)
