"""Volumes: every method of the client's Volume, on a real bucket. Imports and exports have files of their own."""

import secrets
import uuid
from pathlib import Path

import pytest
from sevenbridges import Volume
from sevenbridges.errors import BadRequest, Conflict, Forbidden, NotFound, ResourceNotModified

from s3_server import ACCESS_KEY_ID, SECRET_ACCESS_KEY, running_s3

READ_ONLY = {"read": True, "copy": False, "write": False, "admin": False}
FIELDS = ["href", "id", "name", "description", "access_mode", "service", "created_on", "modified_on", "active"]
OBJECTS = ["run7/s1.bam", "run7/s2 b.bam", "run7/qc/report.html", "run7/é+&.txt", "readme.txt"]


@pytest.fixture(scope="module")
def s3():
    with running_s3() as server:
        yield server


@pytest.fixture
def bucket(s3):
    """A bucket of its own, with a few objects."""
    name = f"lab-{secrets.token_hex(4)}"
    client = s3.client()
    client.create_bucket(Bucket=name)
    for key in OBJECTS:
        client.put_object(Bucket=name, Key=key, Body=f"bytes of {key}".encode())
    return name


@pytest.fixture
def name():
    return f"vol_{secrets.token_hex(4)}"


@pytest.fixture
def connected(api, s3, bucket):
    """connected(name, **more): a volume of the bucket. The client cannot send an endpoint but among the properties."""

    def connected(name, access_mode="RW", properties=None, **more):
        return api.volumes.create_s3_volume(
            name=name,
            bucket=bucket,
            access_key_id=ACCESS_KEY_ID,
            secret_access_key=more.pop("secret", SECRET_ACCESS_KEY),
            access_mode=access_mode,
            properties={"endpoint": s3.endpoint, **(properties or {})},
            **more,
        )

    return connected


@pytest.fixture
def volume(connected, name):
    return connected(name, description="sequencer drop zone")


def test_a_volume_is_made_and_found(api, volume, bucket, name):
    assert (volume.id, volume.name, volume.active) == (f"ana/{name}", name, True)
    assert (volume.access_mode, volume.description) == ("RW", "sequencer drop zone")
    assert (volume.service["type"], volume.service["bucket"]) == ("S3", bucket)
    assert volume.service["credentials"]["access_key_id"] == ACCESS_KEY_ID
    assert "secret_access_key" not in volume.service["credentials"]
    assert volume.created_on.year >= 2026
    found = api.volumes.get(volume.id)
    for field in FIELDS:
        assert found.field(field) == volume.field(field) == volume.deepcopy().field(field) is not None
    # To the client, `==` is the same id, and `equals` the same object: a copy never is.
    assert found == volume and volume.equals(volume)
    assert not volume.equals(volume.deepcopy())
    assert volume.id in [each.id for each in api.volumes.query(limit=100).all()]


def test_every_method_of_a_volume_is_one_of_these_tests():
    """A method that a newer client has needs a test here. Imports and exports have files of their own."""
    methods = {name for name, value in vars(Volume).items() if not name.startswith("_") and callable(getattr(value, "__func__", value))}
    here = Path(__file__).read_text()
    assert {name for name in methods - {"get_imports", "get_exports"} if f".{name}(" not in here} == set()
    assert len(methods) > 15


def test_a_volume_is_saved_by_its_changes(volume):
    with pytest.raises(ResourceNotModified):
        volume.save()
    volume.description = "moved"
    volume.service["prefix"] = "run7"
    volume.save()
    assert (volume.description, volume.service["prefix"]) == ("moved", "run7")
    volume.service["credentials"]["secret_access_key"] = SECRET_ACCESS_KEY
    volume.save()
    assert [each.location for each in volume.list()] == ["s1.bam", "s2 b.bam", "é+&.txt"]
    assert volume.reload().description == "moved"


def test_a_change_that_would_break_the_volume_is_refused_and_changes_nothing(api, s3, volume):
    if not s3.checks_signatures:
        pytest.skip("moto takes every secret")
    volume.service["credentials"]["secret_access_key"] = "wrong"
    with pytest.raises(Forbidden) as refused:
        volume.save()
    assert refused.value.code == 9202
    assert len(api.volumes.get(volume.id).list()) == 1


def test_wrong_volumes_are_refused_with_their_codes(api, s3, connected, volume, name):
    with pytest.raises(Conflict) as refused:
        connected(name)
    assert refused.value.code == 9010
    for wrong, kind, code in [("", BadRequest, 9013), ("a-b", BadRequest, 9014), ("a__b", BadRequest, 9030)]:
        with pytest.raises(kind) as refused:
            connected(wrong)
        assert refused.value.code == code
    with pytest.raises(BadRequest) as refused:
        connected("other", properties={"sse_algorithm": "rot13"})
    assert refused.value.code == 9023
    with pytest.raises(NotFound) as refused:
        api.volumes.create_s3_volume(
            name="other",
            bucket=f"none-{secrets.token_hex(4)}",
            access_key_id=ACCESS_KEY_ID,
            secret_access_key=SECRET_ACCESS_KEY,
            access_mode="RO",
            properties={"endpoint": s3.endpoint},
        )
    assert refused.value.code == 9200


def test_a_folder_is_listed_page_by_page(volume):
    page = volume.list(prefix="run7", limit=2)
    assert [each.location for each in page] + [each.prefix for each in page.prefixes] == ["run7/qc", "run7/s1.bam"][::-1]
    assert [each.location for each in page.next_page()] == ["run7/s2 b.bam", "run7/é+&.txt"]
    assert sorted(each.location for each in page.all()) == ["run7/s1.bam", "run7/s2 b.bam", "run7/é+&.txt"]
    assert page.prefixes[0].volume == volume.id
    assert [each.location for each in volume.list(prefix=page.prefixes[0].prefix)] == ["run7/qc/report.html"]
    assert [each.prefix for each in volume.list().prefixes] == ["run7"]
    assert list(volume.list(prefix="none")) == []


def test_objects_have_metadata(volume):
    for listed in volume.list(prefix="run7").all():
        assert listed.metadata["size"] == len(f"bytes of {listed.location}".encode())
        assert (listed.volume, listed.type) == (volume.id, "s3")
        one = volume.get_volume_object_info(listed.location)
        assert one.metadata["etag"] == listed.metadata["etag"]
        assert one.href == listed.href
    # Without them in the list, the client asks the object itself.
    listed = volume.list(prefix="run7", fields="href,location")[0]
    assert listed.metadata["size"] > 0
    with pytest.raises(NotFound) as refused:
        volume.get_volume_object_info("none")
    assert refused.value.code == 9105


def test_a_volume_is_deactivated_activated_and_deleted(api, volume):
    with pytest.raises(Conflict) as refused:
        volume.delete()
    assert refused.value.code == 90007
    volume.active = False
    volume.save()
    assert volume.active is False
    with pytest.raises(Conflict) as refused:
        volume.list()
    assert refused.value.code == 9069
    volume.active = True
    volume.save()
    assert len(volume.list()) == 1
    volume.active = False
    volume.save()
    volume.delete()
    with pytest.raises(NotFound) as refused:
        api.volumes.get(volume.id)
    assert refused.value.code == 9007


def test_members_come_and_go(volume, ben):
    with pytest.raises(Forbidden) as refused:
        ben.volumes.get(volume.id)
    assert refused.value.code == 9020
    member = volume.add_member("ben", {**READ_ONLY, "execute": True})
    assert (member.username, member.id, member.type) == ("ben", "ben", "USER")
    seen = ben.volumes.get(volume.id)
    assert seen.service["credentials"] == {}
    assert seen.list(prefix="run7")[0].location == "run7/s1.bam"
    member.permissions["copy"] = True
    member.save()
    assert volume.get_member("ben").permissions["copy"] is True
    assert {each.username for each in volume.get_members().all()} == {"ana", "ben"}
    assert volume.get_members(limit=1).total == 2
    with pytest.raises(Conflict):
        volume.add_member("ben", READ_ONLY)
    with pytest.raises(BadRequest) as refused:
        volume.add_member("nobody.there", READ_ONLY)
    assert refused.value.code == 9012
    volume.remove_member("ben")
    with pytest.raises(Forbidden):
        ben.volumes.get(volume.id)


def test_teams_and_divisions_are_members(platform, volume):
    division = f"div-{secrets.token_hex(3)}"
    platform.operate("POST", "divisions", {"id": division, "name": "Atlas"})
    assert volume.add_member_division(division, dict(READ_ONLY)).type == "DIVISION"
    assert volume.get_member(division).id == division
    with pytest.raises(BadRequest) as refused:
        volume.add_member_team(str(uuid.uuid4()), dict(READ_ONLY))
    assert refused.value.code == 9012


def test_other_services_are_tried_out_too(api, s3, bucket, name):
    keys = {"access_key_id": ACCESS_KEY_ID, "secret_access_key": SECRET_ACCESS_KEY}
    with pytest.raises(Forbidden) as refused:
        api.volumes.create_oss_volume(name=name, bucket=bucket, endpoint=s3.endpoint, access_mode="RW", **keys)
    assert refused.value.code == 9038
    oss = api.volumes.create_oss_volume(
        name=name, bucket=bucket, endpoint=s3.endpoint, access_mode="RO", properties={"path_style": True}, **keys
    )
    assert (oss.service["type"], oss.list()[0].type) == ("OSS", "OSS")
    role = {"role_arn": "arn:aws:iam::123456789012:role/lab", "external_id": "lab"}
    with pytest.raises(BadRequest) as refused:
        api.volumes.create_s3_volume_role_auth(name="role", bucket=bucket, access_mode="RO", **role)
    assert refused.value.code == 9034
    google = {"name": "google", "bucket": bucket, "access_mode": "RO"}
    with pytest.raises(BadRequest) as refused:
        api.volumes.create_google_volume(client_email="a@b", private_key="none", **google)
    assert refused.value.code == 9025
    with pytest.raises(BadRequest) as refused:
        api.volumes.create_google_iam_volume(configuration="{}", **google)
    assert refused.value.code == 9029
