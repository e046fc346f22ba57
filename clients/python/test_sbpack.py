"""sbpack and sbpull as people run them: a workflow of several files goes up as one app, and comes down again."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from sevenbridges.errors import NotFound

BIN = Path(sys.executable).parent

FILES = {
    "main.cwl": """\
        class: Workflow
        cwlVersion: v1.2
        label: Count and sort
        requirements:
          ScatterFeatureRequirement: {}
          SchemaDefRequirement:
            types: [{$import: types.yml}]
        inputs:
          texts: File[]
          how: types.yml#order
        steps:
          count:
            run: tools/count.cwl
            scatter: text
            in: {text: texts}
            out: [number]
          sort:
            run: tools/sort.cwl
            in: {numbers: count/number, how: how}
            out: [sorted]
        outputs:
          sorted: {type: File, outputSource: sort/sorted}
        """,
    "types.yml": """\
        name: order
        type: enum
        symbols: [up, down]
        """,
    "tools/count.cwl": """\
        class: CommandLineTool
        cwlVersion: v1.2
        baseCommand: [wc, -w]
        inputs: {text: stdin}
        outputs: {number: stdout}
        """,
    "tools/sort.cwl": """\
        class: CommandLineTool
        cwlVersion: v1.0
        requirements:
          InlineJavascriptRequirement: {}
          SchemaDefRequirement:
            types: [{$import: ../types.yml}]
        baseCommand: [sort, -n]
        inputs:
          numbers: {type: 'File[]', inputBinding: {position: 2}}
          how: {type: ../types.yml#order, inputBinding: {position: 1, valueFrom: '$(self == "down" ? "-r" : "-s")'}}
        outputs: {sorted: stdout}
        stdout: sorted.txt
        """,
}


@pytest.fixture
def workflow(tmp_path):
    """The path of the main document; its tools lie beside it."""
    for name, text in FILES.items():
        path = tmp_path / "source" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return tmp_path / "source" / "main.cwl"


@pytest.fixture
def run(platform, tmp_path):
    """run("sbpack", …, ends_with=0): the command with ana's profile `lab` in its home, and how it must end."""
    home = tmp_path / "home"
    (home / ".sevenbridges").mkdir(parents=True)
    (home / ".sevenbridges" / "credentials").write_text(
        f"[lab]\napi_endpoint = {platform.url}/\nauth_token = {platform.tokens['ana']}\n"
    )

    def run(command, *arguments, ends_with=0):
        done = subprocess.run(
            [BIN / command, *map(str, arguments)],
            env={"HOME": str(home), "PATH": "/usr/bin:/bin"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == ends_with, done.stdout + done.stderr
        return done

    return run


def test_a_packed_workflow_is_pushed_runs_and_is_pushed_again(api, project, workflow, run, upload, wait):
    id = f"{project.id}/count-and-sort"
    with pytest.raises(NotFound):
        api.apps.get(id)
    run("sbpack", "lab", id, workflow)
    app = api.apps.get(id)
    assert (app.revision, app.name, app.raw["class"]) == (0, "Count and sort", "Workflow")
    assert app.raw["sbg:validationErrors"] == []
    assert app.raw["sbg:revisionNotes"].startswith("Uploaded using sbpack")
    assert [step["run"]["class"] for step in app.raw["steps"]] == ["CommandLineTool", "CommandLineTool"]

    texts = [upload("a b c", name="three.txt"), upload("a", name="one.txt")]
    task = wait(api.tasks.create("Packed", project, app, inputs={"texts": texts, "how": "down"}, run=True))
    assert task.status == "COMPLETED", task.execution_status.message
    assert task.outputs["sorted"].content().split() == ["3", "1"]

    workflow.write_text(workflow.read_text().replace("Count and sort", "Count, then sort"))
    run("sbpack", "lab", id, workflow)
    app = api.apps.get(id)
    assert (app.revision, app.name, app.raw["sbg:latestRevision"]) == (1, "Count, then sort", 1)
    assert api.apps.get_revision(id, 0).name == "Count and sort"


def test_what_was_pushed_is_pulled(project, workflow, run, tmp_path):
    id = f"{project.id}/pulled"
    run("sbpack", "lab", id, workflow)
    run("sbpull", "lab", id, "pulled.cwl")
    pulled = YAML(typ="safe").load(tmp_path / "pulled.cwl")
    packed = json.loads(run("cwlpack", workflow, "--json").stdout)
    assert {key: pulled[key] for key in packed if not key.startswith("sbg:") and key != "id"} == {
        key: value for key, value in packed.items() if not key.startswith("sbg:") and key != "id"
    }

    # A revision of its own, unpacked into one file a step.
    run("sbpull", "lab", f"{id}/0", "unpacked.cwl", "--unpack")
    steps = sorted(path.name for path in (tmp_path / "unpacked.cwl.steps").iterdir())
    assert steps == ["count.cwl", "sort.cwl"]


def test_an_unknown_app_is_not_pulled(project, run, tmp_path):
    told = run("sbpull", "lab", f"{project.id}/nothing", "nothing.cwl", ends_with=1)
    assert "not found" in told.stderr
    assert not (tmp_path / "nothing.cwl").exists()


def test_an_app_is_copied_with_sbcopy(api, project, workflow, run, new_name):
    run("sbpack", "lab", f"{project.id}/count-and-sort", workflow)
    elsewhere = api.projects.create(name=new_name())
    for revision in (0, 1):
        run("sbcopy", "--profile", "lab", "--appid", f"{project.id}/count-and-sort", "--projectid", elsewhere.id)
        copy = api.apps.get(f"{elsewhere.id}/count-and-sort")
        assert (copy.revision, copy.name) == (revision, "Count and sort")
        # It was sent with what the platform had written into the source; the platform writes its own.
        assert copy.raw["sbg:id"] == f"{elsewhere.id}/count-and-sort/{revision}"
        assert copy.raw["sbg:latestRevision"] == revision


def test_a_nextflow_workflow_goes_up_with_its_code_package(api, project, run, tmp_path):
    source = tmp_path / "pipeline"
    source.mkdir()
    (source / "main.nf").write_text("params.text = null\nworkflow { channel.of(params.text).view() }\n")
    (source / "README.md").write_text("# A pipeline\n")
    (source / "nextflow.config").write_text("manifest { nextflowVersion = '>=23.04' }\n")
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema",
        "type": "object",
        "definitions": {"all": {"title": "All", "type": "object", "properties": {"text": {"type": "string", "format": "file-path"}}}},
        "allOf": [{"$ref": "#/definitions/all"}],
    }
    (source / "nextflow_schema.json").write_text(json.dumps(schema))
    id = f"{project.id}/pipeline"
    for revision in (0, 1):
        run("sbpack_nf", "--profile", "lab", "--appid", id, "--workflow-path", source, "--entrypoint", "main.nf")
        app = api.apps.get(id)
        assert (app.revision, app.raw["class"]) == (revision, "nextflow")
        package = api.files.get(app.raw["app_content"]["code_package"])
        assert package.name.endswith(".zip") and package.size > 0
        assert api.files.get(package.parent).name == "nextflow_workflows"


def test_a_sample_sheet_gets_the_paths_of_the_platform(api, project, run, upload, tmp_path):
    folder = api.files.create_folder("reads", project=project)
    first = upload("x", name="s1.fq", parent=folder)
    upload("y", name="s2.fq")
    (tmp_path / "sheet.csv").write_text("sample,reads\nS1,reads/s1.fq\nS2,s2.fq\n")
    run(
        "sbmanifest", "--profile", "lab", "--projectid", project.id, "--sample-sheet", "sheet.csv",
        "--columns", "reads", "--output", "ready.csv", "--upload", "--tags", "sheet", "--validate",
    )  # fmt: skip
    (sheet,) = api.files.query(project=project, tags=["sheet"])
    assert sheet.name == "ready.csv"
    rows = [line.split(",") for line in sheet.content().splitlines()]
    assert [row[0] for row in rows] == ["sample", "S1", "S2"]
    assert rows[1][1].endswith("/reads/s1.fq") and rows[2][1].endswith("/s2.fq")
    assert api.files.get(first.id).name == "s1.fq"
