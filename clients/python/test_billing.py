import uuid

import pytest
from sevenbridges.errors import Forbidden, NotFound


def test_every_user_has_a_billing_group(api):
    groups = api.billing_groups.query()
    assert groups.total == len(groups) == 1
    group = api.billing_groups.get(groups[0].id)
    assert group == groups[0]
    assert uuid.UUID(group.id)
    assert (group.owner, group.pending, group.disabled) == ("ana", False, False)
    assert group.balance.currency == "USD" and float(group.balance.amount) >= 0
    assert group.name and group.type


def test_billing_groups_reload(api):
    group = api.billing_groups.query()[0]
    assert group.reload().owner == "ana"


def test_an_unknown_billing_group_is_not_found(api):
    with pytest.raises(NotFound) as refused:
        api.billing_groups.get(str(uuid.uuid4()))
    assert refused.value.code == 4002


def test_somebody_elses_billing_group_is_forbidden(api, ben):
    group = api.billing_groups.query()[0].id
    with pytest.raises(Forbidden):
        ben.billing_groups.get(group)


@pytest.mark.parametrize("kind", ["analysis", "storage", "egress"])
def test_breakdowns_are_lists(api, requires, kind):
    group = api.billing_groups.query()[0]
    requires(f"GET /billing/groups/{group.id}/breakdown/{kind}")
    rows = getattr(group, f"{kind}_breakdown")(date_from="01-01-2026", date_to="12-31-2026", limit=10)
    assert rows.total >= len(rows)
    assert len(list(rows.all())) == rows.total


def test_a_finished_task_is_in_the_analysis_breakdown(api, requires, finished_task):
    group = api.billing_groups.query()[0]
    requires(f"GET /billing/groups/{group.id}/breakdown/analysis")
    row = next(row for row in group.analysis_breakdown().all() if row.analysis_id == finished_task.id)
    assert row.analysis_name == finished_task.name
    assert (row.analysis_status, row.ran_by) == ("COMPLETED", "ana")
    assert row.time_started <= row.time_finished
    assert float(row.analysis_cost.amount) >= 0 and row.analysis_cost.currency == "USD"


def test_invoices_are_a_list(api, requires):
    requires("GET /billing/invoices")
    invoices = api.invoices.query()
    assert invoices.total == len(list(invoices.all()))
