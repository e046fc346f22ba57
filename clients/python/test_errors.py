"""Every refusal arrives as the class that the client has for its status, with all four things an error says."""

import pytest
from sevenbridges.errors import BadRequest, Conflict, MethodNotAllowed, NotFound, SbgError, URITooLong

REFUSALS = {
    "a body of another kind": (BadRequest, 400, 90000, lambda api: api.post("/projects", data=["no object"])),
    "a task id that is no UUID": (BadRequest, 400, 7005, lambda api: api.tasks.get("not-a-uuid")),
    "a billing group id that is no UUID": (BadRequest, 400, 4005, lambda api: api.billing_groups.get("not-a-uuid")),
    "an app id of one part": (BadRequest, 400, 6011, lambda api: api.apps.get("words")),
    "an address that nobody serves": (NotFound, 404, 90003, lambda api: api.get("/no/such/path")),
    "a project that is not there": (NotFound, 404, 3002, lambda api: api.projects.get("ana/nothing-like-it")),
    "another method": (MethodNotAllowed, 405, 90006, lambda api: api.delete("/user")),
}


@pytest.mark.parametrize("error, status, code, call", REFUSALS.values(), ids=REFUSALS.keys())
def test_a_refusal_has_its_class(api, error, status, code, call):
    with pytest.raises(SbgError) as refused:
        call(api)
    assert type(refused.value) is error
    assert (refused.value.status, refused.value.code) == (status, code)
    assert refused.value.message
    assert refused.value.more_info.startswith("http") and refused.value.more_info.endswith(f"#{code}")


def test_a_conflict_has_its_class(api, project):
    api.files.create_folder("once", project=project)
    with pytest.raises(Conflict) as refused:
        api.files.create_folder("once", project=project)
    assert (refused.value.status, refused.value.code) == (409, 5030)


def test_an_address_as_long_as_the_client_sends_is_read(api, project, upload):
    upload("x", name="wanted.txt")
    # The client itself refuses an address of more than 6,000 characters.
    names = ["wanted.txt", *(f"{'long' * 12}-{number}.txt" for number in range(89))]
    (found,) = api.files.query(project=project, names=names)
    assert found.name == "wanted.txt"
    with pytest.raises(URITooLong):
        api.files.query(project=project, names=[*names, "x" * 1000])
