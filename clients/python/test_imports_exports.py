"""Imports and exports: every method of the client's Import and Export, one and many, on a real bucket."""

import secrets
import time

import pytest
from sevenbridges.errors import BadRequest, Forbidden, NotFound

from s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, running_s3

OBJECTS = ["run7/s1.bam", "run7/s2 b.bam", "run7/qc/report.html", "readme.txt"]


@pytest.fixture(scope="module")
def s3():
    with running_s3() as server:
        yield server


@pytest.fixture
def bucket(s3):
    name = f"lab-{secrets.token_hex(4)}"
    client = s3.client()
    client.create_bucket(Bucket=name)
    for key in OBJECTS:
        client.put_object(Bucket=name, Key=key, Body=f"bytes of {key}".encode())
    return name


@pytest.fixture
def volume(api, s3, bucket):
    return api.volumes.create_s3_volume(
        name=f"vol_{secrets.token_hex(4)}",
        bucket=bucket,
        access_key_id=ACCESS_KEY_ID,
        secret_access_key=SECRET_ACCESS_KEY,
        access_mode="RW",
        properties={"endpoint": s3.endpoint},
    )


@pytest.fixture
def project(api, new_name):
    return api.projects.create(new_name())


def ended(job):
    """The job when it has ended."""
    for _ in range(600):
        if job.state in ("COMPLETED", "FAILED"):
            return job
        time.sleep(0.1)
        job.reload()
    raise AssertionError(f"{job} is still {job.state}")


def uploaded(api, project, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    return api.files.upload(str(path), project=project, wait=True).result()


def test_an_object_becomes_a_file(api, volume, project):
    job = api.imports.submit_import(volume=volume, location="run7/s1.bam", project=project, name="reads.bam")
    assert (job.source.volume, job.source.location, job.destination.name) == (volume.id, "run7/s1.bam", "reads.bam")
    ended(job)
    assert job.state == "COMPLETED" and job.error is None and job.started_on <= job.finished_on
    file = job.result
    assert (file.name, file.size) == ("reads.bam", len("bytes of run7/s1.bam"))
    assert (file.storage.type, file.storage.volume, file.storage.location) == ("VOLUME", volume.id, "run7/s1.bam")
    assert file.content() == "bytes of run7/s1.bam"
    assert api.files.get(file.id) == file
    assert job.id in [each.id for each in api.imports.query(project=project, volume=volume, state="COMPLETED").all()]
    assert job.id in [each.id for each in volume.get_imports()]
    assert api.imports.get(job.id) == job


def test_what_is_not_there_or_taken_fails_the_job(api, volume, project):
    missing = ended(api.imports.submit_import(volume=volume, location="none", project=project))
    assert (missing.state, missing.error.code, missing.error.status, missing.result) == ("FAILED", 9105, 404, None)
    ended(api.imports.submit_import(volume=volume, location="readme.txt", project=project))
    taken = ended(api.imports.submit_import(volume=volume, location="readme.txt", project=project))
    assert taken.error.code == 9108
    renamed = ended(api.imports.submit_import(volume=volume, location="readme.txt", project=project, autorename=True))
    assert renamed.autorename is True and renamed.result.name == "_1_readme.txt"
    replaced = ended(api.imports.submit_import(volume=volume, location="readme.txt", project=project, overwrite=True))
    assert replaced.overwrite is True and replaced.result.name == "readme.txt"
    assert api.imports.query(project=project, state="FAILED").total == 2
    with pytest.raises(BadRequest) as refused:
        api.imports.submit_import(volume=volume, location="readme.txt", project="ana/none")
    assert refused.value.code == 9012


def test_a_folder_becomes_a_folder_or_is_flattened(api, volume, project):
    job = ended(api.imports.submit_import(volume=volume, location="run7/", project=project))
    assert job.preserve_folder_structure is True and job.result.name == "run7"
    assert [each.name for each in job.result.list_files()] == ["qc", "s1.bam", "s2 b.bam"]
    root = api.files.get(project.root_folder)
    flat = api.files.create_folder(name="flat", parent=root)
    job = api.imports.submit_import(volume=volume, location="run7/", parent=flat, preserve_folder_structure=False)
    assert ended(job).result.id == flat.id
    assert [each.name for each in flat.list_files()] == ["report.html", "s1.bam", "s2 b.bam"]


def test_a_file_is_exported_and_becomes_an_alias(api, s3, bucket, volume, project, tmp_path):
    file = uploaded(api, project, tmp_path, "calls.vcf", "calls of s1")
    copy = api.exports.submit_export(file=file, volume=volume, location="out/copy.vcf", copy_only=True)
    assert ended(copy).state == "COMPLETED" and copy.result.storage.type == "PLATFORM"
    job = api.exports.submit_export(file=file, volume=volume, location="out/calls.vcf", properties={"sse_algorithm": None})
    assert (job.source.id, job.destination.location, job.overwrite) == (file.id, "out/calls.vcf", False)
    assert ended(job).state == "COMPLETED"
    assert (job.result.id, job.result.storage.type) == (file.id, "VOLUME")
    assert s3.client().get_object(Bucket=bucket, Key="out/calls.vcf")["Body"].read() == b"calls of s1"
    assert api.files.get(file.id).content() == "calls of s1"
    with pytest.raises(Forbidden) as refused:
        api.exports.submit_export(file=file, volume=volume, location="again.vcf")
    assert refused.value.code == 9006
    assert {each.id for each in api.exports.query(volume=volume).all()} == {copy.id, job.id}
    assert {each.id for each in volume.get_exports()} == {copy.id, job.id}
    assert api.exports.get(job.id) == job


def test_many_are_imported_and_exported_with_one_call(api, volume, project, tmp_path):
    wanted = [
        {"volume": volume, "location": "run7/s1.bam", "project": project},
        {"volume": "ana/none", "location": "x", "project": project},
        {"volume": volume, "location": "readme.txt", "project": project, "name": "read me", "autorename": True},
    ]
    started = api.imports.bulk_submit(wanted)
    assert [each.valid for each in started] == [True, False, True]
    assert started[1].error.code == 9007
    jobs = [started[0].resource, started[2].resource]
    for job in jobs:
        ended(job)
    got = api.imports.bulk_get(jobs)
    assert [each.resource.state for each in got] == ["COMPLETED", "COMPLETED"]
    assert got[1].resource.result.name == "read me"

    files = [uploaded(api, project, tmp_path, f"{number}.vcf", f"calls {number}") for number in range(3)]
    exports = api.exports.bulk_submit([{"file": file, "volume": volume, "location": f"out/{file.name}"} for file in files])
    for each in exports:
        assert each.valid and ended(each.resource).state == "COMPLETED"
    assert [each.resource.state for each in api.exports.bulk_get([each.resource for each in exports])] == ["COMPLETED"] * 3
    assert {api.files.get(file.id).storage.type for file in files} == {"VOLUME"}


def test_jobs_are_for_who_started_them(api, ben, volume, project):
    job = ended(api.imports.submit_import(volume=volume, location="readme.txt", project=project))
    with pytest.raises(Forbidden) as refused:
        ben.imports.get(job.id)
    assert refused.value.code == 9005
    with pytest.raises(NotFound) as refused:
        api.exports.get("none")
    assert refused.value.code == 9008
    with pytest.raises(Forbidden) as refused:
        ben.imports.submit_import(volume=volume, location="readme.txt", project=project)
    assert refused.value.code == 9020
