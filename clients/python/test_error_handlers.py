"""What the client does by itself when a platform is busy or closed: it sleeps, and sends the same again."""

import time

import pytest
from dev_platform import running_platform
from sevenbridges import Api
from sevenbridges.errors import ServiceUnavailable, TooManyRequests
from sevenbridges.http.error_handlers import general_error_sleeper, maintenance_sleeper, rate_limit_sleeper

REQUESTS = 60


@pytest.fixture(scope="module")
def small():
    """A platform on which a user has few requests."""
    with running_platform(requests_in_five_minutes=REQUESTS) as platform:
        yield platform


@pytest.fixture
def sleeps(monkeypatch):
    """Instead of sleeping, notes for how long, and calls what the test put into `sleeps.then`."""

    class Sleeps(list):
        then = staticmethod(lambda: None)

    noted = Sleeps()

    def sleep(seconds):
        noted.append(seconds)
        noted.then()

    monkeypatch.setattr(time, "sleep", sleep)
    return noted


class Switch:
    """Closes and opens a platform, or one service of it, as its administrator does."""

    def __init__(self, platform):
        self._platform = platform

    def close(self, service="platform"):
        self._platform.operate("PUT", f"maintenance/{service}")

    def open(self, service="platform"):
        self._platform.operate("DELETE", f"maintenance/{service}")


@pytest.fixture
def switch(small):
    switch = Switch(small)
    yield switch
    for service in ("platform", "projects"):
        switch.open(service)


def client(platform, username, **options):
    return Api(url=platform.url, token=platform.tokens[username], debug=True, **options)


def test_a_used_up_limit_is_too_many_requests(small):
    api = client(small, "ben")
    assert api.limit == REQUESTS
    for used in range(REQUESTS):
        assert api.remaining == REQUESTS - used
        api.users.me()
    with pytest.raises(TooManyRequests) as refused:
        api.users.me()
    assert (refused.value.status, refused.value.code) == (429, 1000)
    # How much is left can be asked at any time, and costs nothing.
    assert api.remaining == 0
    assert api.rate_limit.get().rate.remaining == 0
    assert 0 < api.reset_time.timestamp() - time.time() <= 301


def test_the_rate_limit_sleeper_waits_until_the_reset(small, sleeps, monkeypatch):
    api = client(small, "ben", error_handlers=[rate_limit_sleeper])
    reset = api.reset_time.timestamp()
    # Nobody wants to wait for it: another user's token is put into the request that is sent again.
    send = api.session.send

    def send_as_eve(request, **options):
        request.headers["X-SBG-Auth-Token"] = small.tokens["eve"]
        return send(request, **options)

    sleeps.then = lambda: monkeypatch.setattr(api.session, "send", send_as_eve)
    assert api.users.me().username == "eve"
    assert len(sleeps) == 1 and 0 < sleeps[0] <= 301 and abs(time.time() + sleeps[0] - reset) < 5


def test_scripts_sleep_through_maintenance(small, switch, sleeps):
    api = client(small, "eve")
    switch.close()
    sleeps.then = switch.open
    assert api.users.me().username == "eve"
    assert sleeps == [300]


def test_without_the_sleeper_maintenance_is_service_unavailable_with_code_0(small, switch):
    api = client(small, "eve")
    api.remove_error_handler(maintenance_sleeper)
    switch.close()
    with pytest.raises(ServiceUnavailable) as refused:
        api.projects.query()
    assert (refused.value.status, refused.value.code) == (503, 0)
    assert refused.value.message


def test_one_closed_service_is_told_with_its_own_code(small, switch, sleeps):
    api = client(small, "eve")
    switch.close("projects")
    assert api.users.me().username == "eve"
    with pytest.raises(ServiceUnavailable) as refused:
        api.projects.query()
    assert refused.value.code == 3000
    assert sleeps == []


def test_the_general_sleeper_waits_for_a_closed_service(small, switch, sleeps):
    api = client(small, "eve")
    api.add_error_handler(general_error_sleeper)
    switch.close("projects")
    sleeps.then = lambda: switch.open("projects")
    assert api.projects.query().total == 0
    assert sleeps == [300]
