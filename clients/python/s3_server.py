"""A real S3 server on this machine, for volumes: versitygw where CAUSEWAY_VOLUME_SERVERS names a folder with it (it checks
signatures), else moto."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import requests
from botocore.config import Config

ACCESS_KEY_ID = "causewaytests"
SECRET_ACCESS_KEY = "a-secret-of-the-tests"


@dataclass(frozen=True)
class Server:
    endpoint: str
    checks_signatures: bool

    def client(self):
        return boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY_ID,
            aws_secret_access_key=SECRET_ACCESS_KEY,
            config=Config(s3={"addressing_style": "path"}),
        )


@contextmanager
def running_s3():
    port = _free_port()
    versitygw = Path(os.environ.get("CAUSEWAY_VOLUME_SERVERS", "/none")) / "bin" / "versitygw"
    with tempfile.TemporaryDirectory() as folder:
        if versitygw.exists():
            for name in ("data", "iam"):
                os.mkdir(f"{folder}/{name}")
            options = ["--port", f"127.0.0.1:{port}", "--region", "us-east-1", "--iam-dir", f"{folder}/iam", "--quiet"]
            command = [versitygw, *options, "posix", f"{folder}/data"]
        else:
            command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        keys = {"ROOT_ACCESS_KEY": ACCESS_KEY_ID, "ROOT_SECRET_KEY": SECRET_ACCESS_KEY}
        process = subprocess.Popen(command, env={**os.environ, **keys}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            server = Server(f"http://127.0.0.1:{port}", versitygw.exists())
            _wait_for(server.endpoint, process)
            yield server
        finally:
            process.terminate()
            process.wait()


def _wait_for(endpoint, process):
    for _ in range(600):
        try:
            requests.get(endpoint, timeout=10)
            return
        except requests.ConnectionError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError("The S3 server did not start.")


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
