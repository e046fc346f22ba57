"""Uploads as the client does them: in parts, four at a time, in its own thread pool."""

import hashlib
import http.client
import random
import threading
import time

import pytest
import requests
from sevenbridges.errors import SbgError
from sevenbridges.models.enums import PartSize, TransferState
from sevenbridges.transfer import upload as upload_module

PART = PartSize.UPLOAD_MINIMUM_PART_SIZE


def bytes_of(size):
    return random.Random(size).randbytes(size)


@pytest.fixture
def local(tmp_path):
    """local(size): a local file of that many bytes, the same ones every time."""

    def local(size):
        path = tmp_path / f"{size}.bin"
        path.write_bytes(bytes_of(size))
        return path

    return local


@pytest.mark.parametrize("size", [0, 1, PART - 1, PART, PART + 1, PART + 2, 2 * PART + 1, 5 * PART + 12345])
def test_what_went_up_comes_down(api, project, local, tmp_path, size):
    path = local(size)
    # The client puts the one byte more of a file of part size + 1 into the first part, and sends an empty one after it.
    file = api.files.upload(str(path), project=project, part_size=PART).result()
    assert (file.name, file.size, file.project) == (path.name, size, project.id)
    down = tmp_path / "down"
    file.download(str(down))
    assert hashlib.sha256(down.read_bytes()).digest() == hashlib.sha256(bytes_of(size)).digest()


def test_the_server_chooses_a_part_size_where_the_wanted_one_cannot_be(api, project, local):
    file = api.files.upload(str(local(1000)), project=project, part_size=10).result()
    assert file.size == 1000


def test_a_name_that_is_taken_is_refused_unless_it_is_overwritten(api, project, upload, local):
    first = upload("first", name="same.txt")
    refused = api.files.upload(str(local(3)), project=project, file_name="same.txt")
    assert (refused.status, refused.result()) == (TransferState.FAILED, None)
    assert api.files.get(first.id).content() == "first"

    second = upload("second", name="same.txt", overwrite=True)
    (only,) = api.files.query(project=project)
    assert (only.id, only.size) == (second.id, 6)
    assert second.content() == "second"


def test_a_file_goes_into_a_folder(api, project, local):
    folder = api.files.create_folder("raw", project=project)
    file = api.files.upload(str(local(3)), parent=folder, file_name="three.bin").result()
    assert (file.parent, file.name) == (folder.id, "three.bin")


def test_progress_and_callbacks_are_called(api, project, local):
    seen, ends = [], []
    upload = api.files.upload(str(local(2 * PART + 5)), project=project, part_size=PART, wait=False)
    assert upload.status == TransferState.PREPARING
    upload.add_progress_callback(lambda progress: seen.append(progress.num_of_parts))
    upload.add_callback(ends.append)
    upload.start()
    upload.wait()
    assert seen == [3, 3, 3]
    assert ends == [TransferState.COMPLETED]
    assert upload.status == TransferState.COMPLETED and upload.result().size == 2 * PART + 5


def test_a_stopped_upload_leaves_nothing(api, project, local):
    begun = threading.Event()

    def wait_to_be_stopped(_):
        """The client's thread sleeps for ever when it is stopped between two looks at its flags: here it never is."""
        begun.set()
        while not upload._stop_signal:
            time.sleep(0.01)

    upload = api.files.upload(str(local(8 * PART)), project=project, part_size=PART, wait=False)
    upload.add_progress_callback(wait_to_be_stopped)
    upload.start()
    begun.wait()
    # Its workers still send and report parts while it aborts.
    upload.stop()
    assert upload.status == TransferState.STOPPED
    assert api.files.query(project=project).total == 0
    open_uploads = api.get("/upload/multipart").json()["items"]
    assert [one for one in open_uploads if one["project"] == project.id] == []


def test_a_paused_upload_goes_on(api, project, local):
    paused = threading.Event()

    def pause_once(_):
        if not paused.is_set():
            upload.pause()
            paused.set()

    upload = api.files.upload(str(local(8 * PART)), project=project, part_size=PART, wait=False)
    upload.add_progress_callback(pause_once)
    upload.start()
    paused.wait()
    assert upload.status == TransferState.PAUSED
    upload.resume()
    upload.wait()
    assert (upload.status, upload.result().size) == (TransferState.COMPLETED, 8 * PART)


def test_a_part_whose_connection_drops_is_sent_again(api, project, local, monkeypatch):
    """The client's HTTP layer repeats a PUT that broke half-way; no byte is there twice."""
    drop = DroppedConnections(monkeypatch, every=2)
    path = local(3 * PART + 7)
    file = api.files.upload(str(path), project=project, part_size=PART).result()
    assert drop.dropped >= 1
    assert hashlib.sha256(b"".join(file.stream())).digest() == hashlib.sha256(path.read_bytes()).digest()


def test_an_upload_whose_parts_cannot_be_sent_is_not_completed(api, project, local, monkeypatch):
    """With an error callback the client completes even then; the server must refuse."""

    def fail(*_):
        raise SbgError("the network is gone")

    monkeypatch.setattr(upload_module, "_submit_part", fail)
    failures = []
    upload = api.files.upload(str(local(10)), project=project, wait=False)
    upload.add_callback(errorback=failures.append)
    upload.start()
    upload.wait()
    assert failures == [TransferState.FAILED] and upload.result() is None
    assert api.files.query(project=project).total == 0


def test_many_files_go_up_at_once(api, project, local):
    path = local(PART + 100)
    uploads = [
        api.files.upload(str(path), project=project, file_name=f"{number}.bin", part_size=PART, wait=False) for number in range(12)
    ]
    for upload in uploads:
        upload.start()
    for upload in uploads:
        upload.wait()
    assert {upload.status for upload in uploads} == {TransferState.COMPLETED}
    assert {(file.name, file.size) for file in api.files.query(project=project)} == {
        (f"{number}.bin", PART + 100) for number in range(12)
    }


def test_part_links_need_no_token_and_only_take_their_part(api, project):
    started = api.post("/upload/multipart", data={"name": "a.txt", "project": project.id, "size": 3}).json()
    part = api.get(f"/upload/multipart/{started['upload_id']}/part/1").json()
    answer = requests.put(part["url"], data=b"abc")
    assert answer.status_code == 200 and answer.headers["ETag"]
    assert requests.put(part["url"] + "0", data=b"abc").status_code == 403
    file = api.post(
        f"/upload/multipart/{started['upload_id']}/complete",
        data={"parts": [{"part_number": 1, "response": {"headers": {"ETag": answer.headers["ETag"]}}}]},
    ).json()
    assert (file["name"], file["size"], file["type"]) == ("a.txt", 3, "file")


class DroppedConnections:
    """Breaks every n-th PUT of a part after half of its bytes, as a network does."""

    def __init__(self, monkeypatch, every):
        self.dropped = 0
        puts = [0]
        send = http.client.HTTPConnection.send
        drops = self

        def flaky(connection, data):
            if isinstance(data, bytes) and len(data) > 1_000_000:
                puts[0] += 1
                if puts[0] % every == 0:
                    drops.dropped += 1
                    send(connection, data[: len(data) // 2])
                    connection.sock.close()
                    raise ConnectionResetError("dropped by the test")
            return send(connection, data)

        monkeypatch.setattr(http.client.HTTPConnection, "send", flaky)
