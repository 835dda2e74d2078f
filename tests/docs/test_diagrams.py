"""Diagrams show every state and every step of the tables that they are drawn from."""

import importlib.util
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.orders import FINAL_ORDER_STATES, ORDER_TRANSITIONS
from domain.riders import RIDER_TRANSITIONS

SVG = "{http://www.w3.org/2000/svg}"


def load_diagrams() -> ModuleType:
    """docs/ is a folder of pages, not a package: its modules are loaded by their path, as MkDocs does."""
    path = Path(__file__).resolve().parents[2] / "docs" / "diagrams.py"
    spec = importlib.util.spec_from_file_location("docs_diagrams", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


diagrams = load_diagrams()


def texts(svg: str, kind: str) -> list[str]:
    found = [node for node in ET.fromstring(svg).iter(f"{SVG}g") if kind in node.get("class", "").split()]
    return [text.text or "" for node in found for text in node.iter(f"{SVG}text")]


@pytest.mark.parametrize("table", [ORDER_TRANSITIONS, RIDER_TRANSITIONS], ids=["orders", "riders"])
def test_every_state_and_step_of_a_table_is_drawn(table: dict[tuple[StrEnum, StrEnum], StrEnum]) -> None:
    svg = diagrams.state_diagram(table, final=FINAL_ORDER_STATES, title="States")
    states = {str(state).replace("_", " ") for state in [*(s for s, _ in table), *table.values()]}
    assert set(texts(svg, "state")) == states
    steps = {str(step).replace("_", " ") for _, step in table}
    labels = {
        node.text
        for node in ET.fromstring(svg).iter(f"{SVG}text")
        if "label" in node.get("class", "").split()
    }
    assert labels == steps


def test_final_states_have_a_double_border() -> None:
    svg = diagrams.state_diagram(ORDER_TRANSITIONS, final=FINAL_ORDER_STATES, title="Orders")
    assert sorted(texts(svg, "final")) == ["canceled", "delivered"]


def test_states_stand_in_the_sequence_in_which_they_are_passed() -> None:
    order = [str(state) for state in diagrams.passing_order(ORDER_TRANSITIONS)]
    assert order[:2] == ["scheduled", "placed"]
    assert order.index("assigned") < order.index("picked_up") < order.index("delivered")


@given(
    st.dictionaries(
        st.tuples(st.integers(0, 6), st.sampled_from(["go", "stop", "turn"])), st.integers(0, 6), min_size=1
    )
)
def test_any_table_is_drawn_as_whole_xml_and_no_two_lanes_share_a_track(
    table: dict[tuple[int, str], int],
) -> None:
    svg = diagrams.state_diagram(table, title="Any <table>")
    states = {source for source, _ in table} | set(table.values())
    assert sorted(texts(svg, "state")) == sorted(map(str, states))
    paths = [
        node.get("d", "") for node in ET.fromstring(svg).iter(f"{SVG}path") if node.get("class") == "step"
    ]
    assert len(paths) == len(set(paths))
