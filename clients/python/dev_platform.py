"""A real platform for the tests: `causeway dev` in a process of its own."""

import json
import os
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

CAUSEWAY = Path(__file__).resolve().parents[2] / "cli" / "bin" / "causeway"

USERS = ("ana", "ben", "eve")


@dataclass(frozen=True)
class Platform:
    """Where it serves (`url` ends in `/v2`), and everybody's token. `ana` administers it."""

    url: str
    tokens: dict[str, str]

    def operate(self, method, path, body=None):
        """A call of the operator's API, beside the public one, as its administrator; what it answers."""
        url = f"{self.url.removesuffix('/v2')}/operator/{path}"
        answer = requests.request(method, url, json=body, headers={"X-SBG-Auth-Token": self.tokens["ana"]})
        answer.raise_for_status()
        return answer.json()


@contextmanager
def running_platform(requests_in_five_minutes=1_000_000, settings=None):
    """Starts a platform with an empty data directory; it is stopped and its data removed at the end. `settings`: more of its environment."""
    process = subprocess.Popen(
        [CAUSEWAY, "dev", "--port", "0", "--json", *(word for name in USERS for word in ("--user", name))],
        stdout=subprocess.PIPE,
        env={
            **os.environ,
            "CAUSEWAY_RATE_LIMIT": str(requests_in_five_minutes),
            # Volumes are made of buckets of the tests' own.
            "CAUSEWAY_VOLUME_ENDPOINTS": "127.0.0.1",
            **(settings or {}),
        },
    )
    try:
        ready = process.stdout.readline()
        if not ready:
            raise RuntimeError(f"The platform did not start: it ended with {process.wait()}.")
        yield platform_of(ready)
    finally:
        process.terminate()
        process.wait()


def platform_of(line):
    """The platform in the line that `causeway dev --json` prints."""
    told = json.loads(line)
    return Platform(told["url"], {name: user["token"] for name, user in told["users"].items()})
