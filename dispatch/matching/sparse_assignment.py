"""The cheapest assignment when only some pairs are possible: a min-cost flow, or dense if it is small.

References
----------
.. [1] Goldberg, A. V. (1997). An efficient implementation of a scaling minimum-cost flow algorithm. Journal
   of Algorithms 22, 1-29. doi:10.1006/jagm.1995.0805 (OR-tools solves it this way).
"""

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from domain.errors import InvalidValueError

Ints = NDArray[np.int64]

UNASSIGNED = -1
"""Stands for the column of a row that has none."""

DENSE_MAX_CELLS = 250_000
"""Up to this size a dense matrix is solved faster than the arcs of a flow are made (500 x 500: 10 ms)."""

COST_MAX = 10**12
"""Costs are scaled by the number of nodes inside the flow; beyond this 64 bits would not hold them."""


def assign_sparse(
    rows: Ints, columns: Ints, costs: Ints, n_rows: int, n_columns: int, unassigned_cost: Ints | int
) -> Ints:
    """Give every row at most one column and every column at most one row, at the least cost.

    Parameters
    ----------
    rows, columns, costs : array of int64, shape (pairs,)
        The possible pairs, each at most once, and what they cost; a pair that costs more than leaving its row
        unassigned is never chosen.
    n_rows, n_columns : int
        How many of each there are.
    unassigned_cost : int or array of int64, shape (rows,)
        What a row without a column costs.

    Returns
    -------
    array of int64, shape (rows,)
        Column of every row, ``UNASSIGNED`` for none. Equal input gives equal output.

    Raises
    ------
    InvalidValueError
        If a cost is beyond ``COST_MAX``.

    Notes
    -----
    5,000 x 5,000 with 20 pairs a row take 0.4 s. ``assign_by_networkx`` in the tests is the readable form.
    """
    idle = np.broadcast_to(np.asarray(unassigned_cost, dtype=np.int64), (n_rows,))
    for name, values in (("costs", costs), ("unassigned_cost", idle)):
        if values.size and np.abs(values).max() > COST_MAX:
            raise InvalidValueError(name, int(np.abs(values).max()), f"at most {COST_MAX}")
    worth = costs < idle[rows]
    rows, columns, costs = rows[worth], columns[worth], costs[worth]
    if not rows.size:
        return np.full(n_rows, UNASSIGNED, dtype=np.int64)
    solve = _dense if n_rows * n_columns <= DENSE_MAX_CELLS else _flow
    return solve(rows, columns, costs, n_columns, idle)


def _dense(rows: Ints, columns: Ints, costs: Ints, n_columns: int, idle: Ints) -> Ints:
    """Solve the gains over leaving rows unassigned; a pair that is not possible gains nothing."""
    # Floats hold the sums exactly: an augmenting path has at most 500 pairs of at most 2 * COST_MAX each.
    gain = np.zeros((len(idle), n_columns), dtype=np.float64)
    gain[rows, columns] = costs - idle[rows]
    row, column = linear_sum_assignment(gain)
    chosen = np.full(len(idle), UNASSIGNED, dtype=np.int64)
    real = gain[row, column] < 0
    chosen[row[real]] = column[real]
    return chosen


def _flow(rows: Ints, columns: Ints, costs: Ints, n_columns: int, idle: Ints) -> Ints:
    """Send one unit from every row to the sink, by a column or directly."""
    # OR-tools takes a moment to load, and only a large city needs it.
    from ortools.graph.python.min_cost_flow import SimpleMinCostFlow  # noqa: PLC0415

    n_rows = len(idle)
    sink = n_rows + n_columns
    used = np.unique(columns)
    every_row = np.arange(n_rows)
    tails = np.concatenate((rows, every_row, n_rows + used))
    heads = np.concatenate((n_rows + columns, np.full(n_rows + len(used), sink)))
    unit_costs = np.concatenate((costs, idle, np.zeros(len(used), dtype=np.int64)))
    flow = SimpleMinCostFlow()
    flow.add_arcs_with_capacity_and_unit_cost(tails, heads, np.ones(len(tails), dtype=np.int64), unit_costs)
    flow.set_nodes_supplies(np.append(every_row, sink), np.append(np.ones(n_rows, dtype=np.int64), -n_rows))
    status = flow.solve()
    if status != flow.OPTIMAL:  # every row has its own arc to the sink
        raise AssertionError(f"a flow that is always possible ended with {status}")
    taken = flow.flows(np.arange(len(rows))) > 0
    chosen = np.full(n_rows, UNASSIGNED, dtype=np.int64)
    chosen[rows[taken]] = columns[taken]
    return chosen
