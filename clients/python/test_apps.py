import json

import pytest
from documents import COUNT_WORDS, COUNT_WORDS_YAML, FAIL
from sevenbridges.errors import BadRequest, Conflict, Forbidden, NotFound
from sevenbridges.models.enums import AppCopyStrategy


def test_an_app_is_installed_from_a_dictionary(api, project):
    app = api.apps.install_app(f"{project.id}/count-words", COUNT_WORDS)
    assert (app.id, app.revision, app.name, app.project) == (f"{project.id}/count-words", 0, "Count words", project.id)
    assert app.raw["sbg:id"] == f"{project.id}/count-words/0"
    assert app.raw["sbg:latestRevision"] == 0
    assert app.raw["sbg:createdBy"] == "ana"
    assert app.raw["sbg:validationErrors"] == []
    assert [port["id"] for port in app.raw["inputs"]] == ["text", "title", "stop_words"]


@pytest.mark.parametrize("text, raw_format", [(json.dumps(COUNT_WORDS), None), (COUNT_WORDS_YAML, "yaml")])
def test_an_app_is_installed_from_text(api, project, text, raw_format):
    app = api.apps.install_app(f"{project.id}/count-words", text, raw_format=raw_format)
    assert app.name == "Count words"
    assert app.raw["baseCommand"] == ["wc", "-w"]
    # Whoever wrote the map form reads lists: scripts go through `app.raw["inputs"]`.
    assert app.raw["inputs"][0]["id"] == "text"


def test_revisions_follow_each_other(api, project, install):
    install(COUNT_WORDS, "app")
    id = f"{project.id}/app"
    second = api.apps.create_revision(id, 1, {**COUNT_WORDS, "label": "Second", "sbg:revisionNotes": "better"})
    assert (second.id, second.revision, second.name) == (id, 1, "Second")
    assert api.apps.get(id).revision == 1
    first = api.apps.get_revision(id, 0)
    assert (first.revision, first.name) == (0, "Count words")
    latest = api.apps.get_revision(id, 1)
    assert latest.raw["sbg:revisionNotes"] == "better"
    assert [(entry["sbg:revision"], entry["sbg:revisionNotes"]) for entry in latest.raw["sbg:revisionsInfo"]] == [
        (0, None),
        (1, "better"),
    ]
    assert api.apps.get(f"{id}/0").name == "Count words"

    with pytest.raises(Conflict) as refused:
        api.apps.create_revision(id, 1, COUNT_WORDS)
    assert refused.value.code == 6003
    with pytest.raises(BadRequest):
        api.apps.create_revision(id, 5, COUNT_WORDS)
    with pytest.raises(Conflict):
        api.apps.install_app(id, COUNT_WORDS)


def test_a_broken_document_is_kept_with_its_errors(api, project):
    app = api.apps.install_app(f"{project.id}/broken", {"class": "CommandLineTool", "cwlVersion": "v1.2", "inputs": []})
    assert app.raw["sbg:validationErrors"] and all(isinstance(text, str) for text in app.raw["sbg:validationErrors"])


def test_apps_are_listed_and_searched(api, project, install, monkeypatch):
    one = install(COUNT_WORDS, "count-words")
    two = install({**FAIL, "label": "Break everything"}, "break")
    assert {app.id for app in api.apps.query(project=project)} == {one.id, two.id}
    assert {app.id for app in project.get_apps(limit=1).all()} == {one.id, two.id}
    assert [app.id for app in api.apps.query(project=project, q=["everything"])] == [two.id]
    assert [app.id for app in api.apps.query(id=[one.id])] == [one.id]
    assert one.id in [app.id for app in api.apps.query(visibility="private").all()]
    assert one.id not in [app.id for app in api.apps.query(visibility="public").all()]
    listed = next(app for app in api.apps.query(project=project) if app.id == one.id)
    with monkeypatch.context() as quiet:
        quiet.setattr(api, "get", lambda *_, **__: pytest.fail("asked the server again"))
        assert (listed.name, listed.revision, listed.project) == ("Count words", 0, project.id)
    # The document itself is loaded when it is asked for.
    assert listed.raw["class"] == "CommandLineTool"


def test_unknown_and_strange_apps(api, ben, project, install):
    app = install(COUNT_WORDS)
    with pytest.raises(NotFound) as refused:
        api.apps.get(f"{project.id}/nothing")
    assert (refused.value.status, refused.value.code) == (404, 6002)
    with pytest.raises(NotFound):
        api.apps.get_revision(app.id, 7)
    with pytest.raises(Forbidden) as refused:
        ben.apps.get(app.id)
    assert refused.value.code == 6001


@pytest.mark.parametrize(
    "strategy", [AppCopyStrategy.CLONE, AppCopyStrategy.DIRECT, AppCopyStrategy.CLONE_DIRECT, AppCopyStrategy.TRANSIENT]
)
def test_an_app_is_copied_and_synced(api, project, install, new_name, strategy):
    source = install(COUNT_WORDS, "count-words")
    elsewhere = api.projects.create(name=new_name())
    copy = source.copy(project=elsewhere, name="my words", strategy=strategy)
    assert (copy.id, copy.project, copy.name) == (f"{elsewhere.id}/mywords", elsewhere.id, "Count words")
    assert copy.raw["sbg:copyOf"] == f"{source.id}/0"
    with pytest.raises(Conflict) as refused:
        source.copy(project=elsewhere.id, name="my words", strategy=strategy)
    assert refused.value.code == 6003

    api.apps.create_revision(source.id, 1, {**COUNT_WORDS, "label": "Better"})
    synced = copy.sync()
    assert (synced.id, synced.revision, synced.name) == (copy.id, copy.revision + 1, "Better")
    assert synced.sync().revision == synced.revision


def test_one_revision_is_copied(api, install, new_name):
    source = install(COUNT_WORDS, "count-words")
    api.apps.create_revision(source.id, 1, {**COUNT_WORDS, "label": "Better"})
    elsewhere = api.projects.create(name=new_name())
    copy = api.apps.get_revision(source.id, 0).copy(project=elsewhere, use_revision=True)
    assert (copy.revision, copy.name) == (0, "Count words")
