"""The fixture that docs/testing-scripts.md shows works as it stands there, and leaves nothing behind."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]

STORY = """
def test_project(api):
    project = api.projects.create(name="First", billing_group=api.billing_groups.query()[0].id)
    assert project.id == "ana/first"
    print("served", api.url)
"""


def fixture_of_the_guide():
    guide = (ROOT / "docs" / "testing-scripts.md").read_text()
    (code,) = re.findall(r"^```python\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    return code


def test_the_fixture_of_the_guide(tmp_path):
    (tmp_path / "conftest.py").write_text(fixture_of_the_guide())
    (tmp_path / "test_story.py").write_text(STORY)
    # The guide's command is for the repository's root.
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", f"--rootdir={tmp_path}", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "1 passed" in run.stdout
    url = re.search(r"served (http\S+)", run.stdout).group(1)
    with pytest.raises(requests.ConnectionError):
        requests.get(url, timeout=10)
