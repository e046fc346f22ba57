"""DRSImportBulk: objects of one Causeway are imported into another by DRS."""

import json
import time
from urllib.parse import urlparse

import pytest
from sevenbridges import Api

from dev_platform import running_platform


@pytest.fixture(scope="module")
def second(platform):
    """A second platform, which reads the first with ana's token."""
    source = urlparse(platform.url)
    hosts = {source.hostname: {"url": f"http://{source.netloc}", "token": platform.tokens["ana"]}}
    with running_platform(settings={"CAUSEWAY_DRS_HOSTS": json.dumps(hosts)}) as other:
        yield other


def ended(job, api):
    while job.state != "FINISHED":
        time.sleep(0.1)
        job = api.drs_imports.bulk_get(job.id)
    return job


def test_objects_of_another_platform_are_imported(api, project, upload, platform, second, new_name):
    first, other = upload("reads", name="a.txt"), upload("more reads", name="b.txt")
    host = urlparse(platform.url).hostname
    there = Api(url=second.url, token=second.tokens["ana"], debug=True)
    target = there.projects.create(name=new_name())
    folder = there.files.create_folder(name="runs", project=target)

    job = there.drs_imports.bulk_submit(
        imports=[
            {"drs_uri": f"drs://{host}/{first.id}", "project": target, "metadata": {"sample_id": "S1"}},
            {"drs_uri": f"drs://{host}/{other.id}", "parent": folder, "name": "c.txt"},
            {"drs_uri": f"drs://{host}/none", "project": target},
        ],
        tags=["by drs"],
        conflict_resolution="SKIP",
    )
    assert job.state in ("SUBMITTED", "RESOLVING", "RUNNING", "FINISHED")
    job = ended(job, there)
    assert job.finished_on >= job.started_on
    assert job.result[2].error.code == 10225

    # The client's `result_files` asks for them in a bulk call.
    files = {file.resource.name: file.resource for file in job.result_files}
    assert set(files) == {"a.txt", "c.txt"}
    imported = there.files.get(files["a.txt"].id)
    assert imported.content() == "reads"
    assert imported.metadata["sample_id"] == "S1"
    assert imported.tags == ["by drs"]
    assert there.files.get(files["c.txt"].id).content() == "more reads"
