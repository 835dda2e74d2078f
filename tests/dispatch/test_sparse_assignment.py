"""The sparse assignment is the cheapest one, whichever way it is solved."""

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.matching import sparse_assignment
from dispatch.matching.sparse_assignment import COST_MAX, UNASSIGNED, assign_sparse
from domain.errors import InvalidValueError
from tests.dispatch.desk import EXAMPLES

Ints = NDArray[np.int64]
Case = tuple[Ints, Ints, Ints, int, int, Ints]


def assign_by_networkx(
    rows: Ints, columns: Ints, costs: Ints, n_rows: int, n_columns: int, idle: Ints
) -> int:
    """The same problem in words: every row sends one unit to the sink, by a column or directly."""
    graph = nx.DiGraph()
    graph.add_node("sink", demand=n_rows)
    for row in range(n_rows):
        graph.add_node(("row", row), demand=-1)
        graph.add_edge(("row", row), "sink", capacity=1, weight=int(idle[row]))
    for column in range(n_columns):
        graph.add_edge(("column", column), "sink", capacity=1, weight=0)
    for row, column, cost in zip(rows.tolist(), columns.tolist(), costs.tolist(), strict=True):
        graph.add_edge(("row", row), ("column", column), capacity=1, weight=cost)
    return int(nx.cost_of_flow(graph, nx.min_cost_flow(graph)))


def random_case(seed: int, n_rows: int, n_columns: int, cost_max: int = 50) -> Case:
    draw = np.random.default_rng(seed)
    rows, columns = np.nonzero(draw.random((n_rows, n_columns)) < 0.4)
    costs = draw.integers(-cost_max, cost_max, len(rows))
    return rows, columns, costs, n_rows, n_columns, draw.integers(0, cost_max, n_rows)


def cost_of(case: Case, chosen: Ints) -> int:
    rows, columns, costs, n_rows, _, idle = case
    known = dict(zip(zip(rows.tolist(), columns.tolist(), strict=True), costs.tolist(), strict=True))
    total = 0
    for row in range(n_rows):
        total += int(idle[row]) if chosen[row] == UNASSIGNED else known[row, int(chosen[row])]
    return total


CASES = st.builds(random_case, st.integers(0, 10**6), st.integers(1, 8), st.integers(1, 8))


@settings(max_examples=EXAMPLES, deadline=None)
@given(CASES, st.booleans())
def test_it_is_the_cheapest(case: Case, dense: bool) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sparse_assignment, "DENSE_MAX_CELLS", 10**6 if dense else 0)
        chosen = assign_sparse(*case)
        assert np.array_equal(chosen, assign_sparse(*case))
    taken = chosen[chosen != UNASSIGNED].tolist()
    assert len(set(taken)) == len(taken)
    assert cost_of(case, chosen) == assign_by_networkx(*case)


@pytest.mark.parametrize("seed", range(3))
def test_a_large_one_costs_the_same_either_way(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(seed, 300, 200, 10**7)
    dense = cost_of(case, assign_sparse(*case))
    monkeypatch.setattr(sparse_assignment, "DENSE_MAX_CELLS", 0)
    assert cost_of(case, assign_sparse(*case)) == dense


def test_nothing_to_assign_and_nothing_worth_it() -> None:
    none = np.empty(0, dtype=np.int64)
    assert assign_sparse(none, none, none, 0, 5, 9).tolist() == []
    assert assign_sparse(none, none, none, 2, 0, 9).tolist() == [UNASSIGNED, UNASSIGNED]
    one = np.zeros(1, dtype=np.int64)
    assert assign_sparse(one, one, one + 9, 1, 1, 9).tolist() == [UNASSIGNED]


def test_huge_costs_are_refused() -> None:
    one = np.zeros(1, dtype=np.int64)
    with pytest.raises(InvalidValueError, match="unassigned_cost"):
        assign_sparse(one, one, one, 1, 1, COST_MAX + 1)
    with pytest.raises(InvalidValueError, match="costs"):
        assign_sparse(one, one, one - COST_MAX - 1, 1, 1, 0)
