import pytest
from sevenbridges import Api
from sevenbridges.errors import Forbidden, NotFound, SbgError, Unauthorized


def test_a_token_says_who_one_is(api, platform):
    me = api.users.me()
    assert (me.username, me.href) == ("ana", f"{platform.url}/users/ana")
    assert me.email
    for profile in (me.first_name, me.last_name, me.affiliation, me.phone, me.address, me.city, me.state, me.country, me.zip_code):
        assert isinstance(profile, str)


def test_a_user_is_found_by_name_and_by_object(api):
    me = api.users.me()
    assert api.users.get("ana") == me
    assert api.users.get(me).email == me.email


def test_a_user_reloads(api):
    me = api.users.me()
    assert me.reload().username == "ana"


def test_nobody_is_not_found(api):
    with pytest.raises(NotFound) as refused:
        api.users.get("nobody")
    assert (refused.value.status, refused.value.code) == (404, 2002)


def test_a_wrong_token_is_unauthorized(platform):
    with pytest.raises(Unauthorized) as refused:
        Api(url=platform.url, token="0" * 32, debug=True).users.me()
    assert (refused.value.status, refused.value.code, refused.value.message) == (401, 90001, "Unauthorized.")


def test_a_bearer_token_is_as_good(platform):
    assert Api(url=platform.url, oauth_token=platform.tokens["ben"], debug=True).users.me().username == "ben"


def test_advance_access_is_accepted(platform):
    api = Api(url=platform.url, token=platform.tokens["ben"], advance_access=True, debug=True)
    assert api.users.me().username == "ben"


def test_the_client_reads_url_and_token_from_the_environment(platform, monkeypatch):
    monkeypatch.setenv("SB_API_ENDPOINT", platform.url)
    monkeypatch.setenv("SB_AUTH_TOKEN", platform.tokens["ben"])
    assert Api().users.me().username == "ben"


def test_plain_http_needs_debug(platform):
    with pytest.raises(SbgError, match="requires https"):
        Api(url=platform.url, token=platform.tokens["ana"])


def test_the_root_lists_the_endpoints(api, platform):
    endpoints = api.endpoints.get()
    for name in ("rate_limit", "user", "users", "billing", "projects", "files", "tasks", "apps", "action", "upload"):
        assert getattr(endpoints, f"{name}_url") == f"{platform.url}/{name}"


def test_the_rate_limit_is_told(api):
    limits = api.rate_limit.get()
    assert 0 < limits.rate.remaining <= limits.rate.limit
    assert limits.instance_limit.limit == -1
    assert limits.instance_limit.remaining == 9223372036854775807
    assert api.limit == limits.rate.limit
    assert 0 < api.remaining <= api.limit
    assert api.reset_time.year >= 2026


def test_every_answer_has_a_request_id(api):
    api.users.me()
    first = api.request_id
    api.users.me()
    assert first and api.request_id and first != api.request_id


def test_only_administrators_disable_users(ben):
    with pytest.raises(Forbidden):
        ben.users.get("ben").disable()
