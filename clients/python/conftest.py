"""What the tests share. The client is what PyPI has, unmodified; the platform is real, and is reached over http.

CAUSEWAY_CLIENTS_PLATFORM names a file with the line that `causeway dev --json --user ana --user ben --user eve`
printed: then that platform is used instead of one started for this run.
"""

import itertools
import os
import secrets
from pathlib import Path

import pytest
import requests
from sevenbridges import Api

from dev_platform import platform_of, running_platform
from documents import COUNT_WORDS

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def platform():
    told = os.environ.get("CAUSEWAY_CLIENTS_PLATFORM")
    if told:
        yield platform_of(Path(told).read_text())
    else:
        with running_platform() as platform:
            yield platform


@pytest.fixture(scope="session")
def connect(platform):
    """connect(username, **options): the client as that user. The client asks for `debug` to use plain http."""

    def connect(username, **options):
        return Api(url=platform.url, token=platform.tokens[username], debug=True, **options)

    return connect


# Not for a whole session: a class of the client remembers the Api that was used last.
@pytest.fixture
def api(connect):
    """The client of ana, who owns what the tests make."""
    return connect("ana")


@pytest.fixture
def ben(connect):
    return connect("ben")


@pytest.fixture
def new_name():
    """new_name(): a name that nothing on the platform has yet."""
    return lambda: f"story {secrets.token_hex(4)}"


@pytest.fixture
def project(api, new_name):
    project = api.projects.create(name=new_name())
    yield project
    # Through the id, not the object: the test may have deleted it, or changed its link to the server.
    requests.delete(f"{api.url}/projects/{project.id}", headers=api.headers)


@pytest.fixture
def upload(api, project, tmp_path):
    """upload(content, name="reads.txt", **options): a file of the project that has the bytes or the text `content`."""

    def upload(content, name="reads.txt", **options):
        path = tmp_path / f"local-{next(_numbers)}"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        options = options if "parent" in options else {"project": project, **options}
        return api.files.upload(str(path), file_name=name, **options).result()

    return upload


@pytest.fixture
def install(api, project):
    """install(document, name): that app in the test's project."""
    return lambda document, name="app": api.apps.install_app(f"{project.id}/{name}", document)


@pytest.fixture
def wait():
    """wait(task): the task when it has ended, with everything about it read again."""

    def wait(task):
        task.wait(period=0.1)
        return task.reload()

    return wait


@pytest.fixture
def finished_task(api, project, install, upload, wait):
    """A task that counted the three words of a file."""
    app = install(COUNT_WORDS, "count-words")
    inputs = {"text": upload("one two three\n", name="words.txt"), "title": "Words"}
    task = wait(api.tasks.create("Count", project, app, inputs=inputs, run=True))
    assert task.status == "COMPLETED", task.execution_status.message
    return task
