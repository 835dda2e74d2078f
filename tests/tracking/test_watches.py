"""Watchdogs are rows: the earliest deadline of a task and entity holds."""

from tracking.watches import Task, Watches


def test_an_earlier_deadline_replaces_a_later_one_and_not_the_other_way_round() -> None:
    watches = Watches()
    watches.ask(Task.LOOK_AT_RIDER, "r-1", 100)
    watches.ask(Task.LOOK_AT_RIDER, "r-1", 50)
    watches.ask(Task.LOOK_AT_RIDER, "r-1", 80)
    assert watches.next_ms() == 50
    assert watches.take(49) is None
    assert watches.take(50) == (Task.LOOK_AT_RIDER, "r-1")
    assert watches.next_ms() is None
    assert watches.rows == []


def test_a_forgotten_task_never_comes() -> None:
    watches = Watches()
    watches.ask(Task.REFRESH_ETA, "o-1", 10)
    watches.ask(Task.REFRESH_ETA, "o-2", 20)
    watches.forget(Task.REFRESH_ETA, "o-1")
    watches.forget(Task.REFRESH_ETA, "o-3")
    assert watches.next_ms() == 20


def test_at_one_instant_tasks_come_in_their_own_order_then_by_id() -> None:
    watches = Watches()
    for task, entity in (
        (Task.SETTLE_INCIDENT, "incident-1"),
        (Task.LOOK_AT_ORDER, "o-2"),
        (Task.LOOK_AT_ORDER, "o-1"),
        (Task.REFRESH_ETA, "o-9"),
        (Task.LOOK_AT_RIDER, "r-1"),
    ):
        watches.ask(task, entity, 10)
    taken = [watches.take(10) for _ in range(5)]
    assert taken == [
        (Task.REFRESH_ETA, "o-9"),
        (Task.LOOK_AT_RIDER, "r-1"),
        (Task.LOOK_AT_ORDER, "o-1"),
        (Task.LOOK_AT_ORDER, "o-2"),
        (Task.SETTLE_INCIDENT, "incident-1"),
    ]
