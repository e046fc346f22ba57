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
