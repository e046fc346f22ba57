"""Batch tasks: one input is a list, and every element or group of it becomes a task of its own."""

import itertools

import pytest
from documents import COUNT_WORDS, ECHO_BOTH
from sevenbridges.errors import BadRequest, SbgError

_numbers = itertools.count(1)


@pytest.fixture
def files(upload):
    """Three files with a word each: two of sample A, one of sample B."""
    made = []
    for number, sample in enumerate("AAB"):
        file = upload(f"word{number}", name=f"{number}.txt")
        file.metadata = {"sample_id": sample}
        file.save()
        made.append(file)
    return made


@pytest.fixture
def create_batch(api, project, install):
    """create_batch(document, batch_input, batch_by, inputs, **options): that task."""

    def create_batch(document, batch_input, batch_by, inputs, **options):
        app = install(document, f"app-{next(_numbers)}")
        return api.tasks.create("Batch", project, app, inputs=inputs, batch_input=batch_input, batch_by=batch_by, **options)

    return create_batch


def test_a_batch_by_item_runs_a_task_for_each_file(create_batch, files, wait):
    batch = create_batch(COUNT_WORDS, "text", {"type": "item"}, {"text": files}, run=True)
    assert (batch.batch_input, batch.batch_by["type"]) == ("text", "ITEM")
    batch = wait(batch)
    assert batch.status == "COMPLETED"
    assert batch.execution_status.completed == 3
    assert (batch.execution_status.queued, batch.execution_status.running, batch.execution_status.failed) == (0, 0, 0)
    children = batch.get_batch_children()
    assert children.total == 3
    for child in children:
        assert (child.parent, child.batch, child.status) == (batch.id, False, "COMPLETED")
        assert child.outputs["report"].content().split()[0] == "1"
        assert child.batch_group.value
    assert {child.inputs["text"].id for child in children} == {file.id for file in files}
    assert len(batch.get_batch_children(status="FAILED")) == 0
    assert len(list(batch.get_batch_children(limit=2).all())) == 3
    assert batch.get_execution_details().jobs == []


def test_a_batch_by_criteria_groups_files(create_batch, files, wait):
    by = {"type": "criteria", "criteria": ["metadata.sample_id"]}
    batch = wait(create_batch(ECHO_BOTH, "reads", by, {"reads": files}, run=True))
    assert batch.status == "COMPLETED"
    assert batch.batch_by["criteria"] == ["metadata.sample_id"]
    groups = {child.batch_group.fields["metadata.sample_id"]: child for child in batch.get_batch_children()}
    assert sorted(groups) == ["A", "B"]
    assert [file.name for file in groups["A"].inputs["reads"]] == ["0.txt", "1.txt"]
    assert groups["A"].outputs["all"].content() == "word0word1"


def test_a_draft_of_a_batch_has_no_children_until_it_runs(api, create_batch, files, wait):
    draft = create_batch(COUNT_WORDS, "text", {"type": "item"}, {"text": files[:2]})
    assert (draft.status, draft.batch) == ("DRAFT", True)
    assert draft.get_batch_children().total == 0
    assert draft in list(api.tasks.query(project=draft.project, batch=True))
    draft.run()
    assert wait(draft).get_batch_children().total == 2


def test_batching_is_switched_off_for_a_run(api, create_batch, files, wait):
    draft = create_batch(ECHO_BOTH, "reads", {"type": "item"}, {"reads": files})
    draft.run(batch=False)
    task = wait(draft)
    assert (task.batch, task.status) == (False, "COMPLETED")
    assert task.outputs["all"].content() == "word0word1word2"


def test_a_batch_is_created_with_batching_off(create_batch, files, wait):
    task = create_batch(ECHO_BOTH, "reads", {"type": "item"}, {"reads": files}, disable_batch=True, run=True)
    assert task.batch is False
    assert wait(task).status == "COMPLETED"


def test_a_batch_is_cloned_and_aborted(create_batch, files, wait):
    draft = create_batch(COUNT_WORDS, "text", {"type": "item"}, {"text": files})
    clone = draft.clone(run=False)
    assert (clone.batch, clone.batch_input) == (True, "text")
    clone.run()
    if clone.status in ("CREATING", "QUEUED", "RUNNING"):
        try:
            clone.abort()
        except BadRequest as refused:
            # It was done already.
            assert refused.code == 7011
    assert wait(clone).status in ("ABORTED", "COMPLETED")


def test_a_plain_task_has_no_children(api, project, install):
    with pytest.raises(SbgError, match="not a batch task"):
        api.tasks.create("Plain", project, install(COUNT_WORDS)).get_batch_children()


def test_criteria_are_needed_to_batch_by_criteria(create_batch, files):
    with pytest.raises(BadRequest) as refused:
        create_batch(COUNT_WORDS, "text", {"type": "criteria", "criteria": []}, {"text": files})
    assert refused.value.code == 7019
