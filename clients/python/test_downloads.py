import hashlib
import os

import pytest
import requests
from sevenbridges.errors import Forbidden, LocalFileAlreadyExists
from sevenbridges.models.enums import PartSize, TransferState

PART = PartSize.DOWNLOAD_MINIMUM_PART_SIZE


def test_a_file_comes_down_in_ranges(upload, tmp_path):
    content = os.urandom(2 * PART + 3)
    file = upload(content, name="big.bin")
    parts = []
    download = file.download(str(tmp_path / "big.bin"), chunk_size=PART, wait=False)
    assert download.status == TransferState.PREPARING
    download.add_progress_callback(lambda progress: parts.append(progress.bytes_done))
    download.start()
    download.wait()
    assert download.status == TransferState.COMPLETED
    assert parts == [PART, 2 * PART, 2 * PART + 3]
    assert hashlib.sha256((tmp_path / "big.bin").read_bytes()).digest() == hashlib.sha256(content).digest()


def test_a_stopped_download_leaves_no_file(upload, tmp_path):
    file = upload(os.urandom(3 * PART), name="big.bin")
    download = file.download(str(tmp_path / "big.bin"), chunk_size=PART, wait=False)
    download.start()
    download.pause()
    assert download.status == TransferState.PAUSED
    download._running.set()  # The client cannot resume a paused download: its check is the wrong way round.
    download.stop()
    assert download.status == TransferState.STOPPED
    assert not (tmp_path / "big.bin").exists()


def test_the_file_is_only_there_when_it_is_whole(upload, tmp_path):
    path = tmp_path / "empty"
    upload("", name="empty").download(str(path))
    assert path.read_bytes() == b""
    with pytest.raises(LocalFileAlreadyExists):
        upload("x", name="x").download(str(path))


def test_content_and_stream(upload, tmp_path):
    text = "ACGT æøå\n" * 20_000
    file = upload(text, name="text.txt")
    assert file.content() == text
    assert file.content(path=str(tmp_path / "kept.txt")) == text
    chunks = list(file.stream(part_size=1000))
    assert len(chunks) > 1 and b"".join(chunks).decode() == text


def test_ranges_are_answered_as_http_says(upload):
    url = upload("0123456789", name="digits").download_info().url
    ranges = {"bytes=2-4": b"234", "bytes=7-": b"789", "bytes=-3": b"789", "bytes=8-100": b"89"}
    for wanted, got in ranges.items():
        answer = requests.get(url, headers={"Range": wanted})
        assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (206, got, str(len(got)))
    assert requests.get(url, headers={"Range": "bytes=10-"}).status_code == 416
    assert requests.get(url).headers["Content-Length"] == "10"


def test_a_link_is_for_one_file_and_cannot_be_changed(upload):
    url = upload("secret", name="a").download_info().url
    assert requests.get(url).text == "secret"
    assert requests.get(url[:-2] + ("aa" if url[-2:] != "aa" else "bb")).status_code == 403


def test_downloading_takes_the_permission_to_copy(project, upload, ben):
    file = upload("x")
    member = project.add_member("ben", {"read": True, "copy": False, "write": False, "execute": False, "admin": False})
    seen = ben.files.get(file.id)
    with pytest.raises(Forbidden):
        seen.download_info()
    member.permissions["copy"] = True
    member.save()
    assert seen.content() == "x"
