import uuid

import pytest
from sevenbridges.errors import BadRequest, Forbidden, NotFound


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
def test_breakdowns_are_lists(api, kind):
    group = api.billing_groups.query()[0]
    rows = getattr(group, f"{kind}_breakdown")(date_from="01-01-2026", date_to="12-31-2026", limit=10)
    assert rows.total >= len(rows)
    assert len(list(rows.all())) == rows.total


def test_a_finished_task_is_in_the_analysis_breakdown(api, finished_task):
    group = api.billing_groups.query()[0]
    row = next(row for row in group.analysis_breakdown().all() if row.analysis_id == finished_task.id)
    assert (row.analysis_name, row.analysis_app_name) == (finished_task.name, "Count words")
    assert (row.analysis_type, row.analysis_status, row.ran_by) == ("TASK", "COMPLETED", "ana")
    assert row.project_locked is False and row.project_name
    assert row.time_started <= row.time_finished
    assert row.analysis_cost.currency == "USD" and float(row.analysis_cost.amount) >= 0
    assert float(row.analysis_cost.breakdown.storage) >= 0 and float(row.analysis_cost.breakdown.computation) >= 0
    assert float(row.refunded_amount) == 0


def test_what_is_downloaded_is_in_the_egress_breakdown(api, project, upload):
    group = api.billing_groups.query()[0]
    assert upload("x" * 5_000_000).content().count("x") == 5_000_000
    row = next(row for row in group.egress_breakdown().all() if row.project_name == project.name)
    assert (row.downloaded_by, row.project_locked, row.downloaded.unit) == ("ana", False, "GB")
    assert 0.004 < float(row.downloaded.size) < 0.02
    assert row.egress_cost.currency == "USD" and float(row.egress_cost.amount) >= 0


def test_days_that_are_none_are_refused(api):
    group = api.billing_groups.query()[0]
    for row in group.storage_breakdown().all():
        assert row.active.unit == "GB/Month" and float(row.active.size) >= 0 and float(row.active.cost.amount) >= 0
    with pytest.raises(BadRequest):
        group.storage_breakdown(date_from="2026-01-01")


def test_invoices_are_a_list(api):
    invoices = api.invoices.query()
    assert invoices.total == len(list(invoices.all()))
