"""The map's background holds every street once, merged by name."""

import json
from collections import Counter
from itertools import pairwise
from typing import Any

from roads.geojson import city_geojson, street_features
from roads.synthetic import SyntheticCity


def lines_of(feature: dict[str, Any]) -> list[list[list[float]]]:
    geometry = feature["geometry"]
    return [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]


def test_one_feature_for_each_name(city: SyntheticCity) -> None:
    features = street_features(city.network.graph)
    named = Counter(feature["properties"]["name_zh"] for feature in features)
    assert set(named.values()) == {1}
    assert set(named) == {name for *_, name in city.network.graph.edges(data="name_zh")}


def test_every_edge_is_drawn_once(city: SyntheticCity) -> None:
    graph = city.network.graph
    place = {key: (round(graph.nodes[key]["x"], 6), round(graph.nodes[key]["y"], 6)) for key in graph}
    expected = {frozenset((place[u], place[v])) for u, v in graph.edges()}
    drawn = Counter(
        frozenset((tuple(a), tuple(b)))
        for feature in street_features(graph)
        for line in lines_of(feature)
        for a, b in pairwise(line)
    )
    assert set(drawn) == expected
    assert set(drawn.values()) == {1}


def test_most_streets_are_one_line(city: SyntheticCity) -> None:
    features = street_features(city.network.graph)
    single = sum(feature["geometry"]["type"] == "LineString" for feature in features)
    assert single > 0.5 * len(features)


def test_areas_are_closed_and_named(city: SyntheticCity) -> None:
    collection = city_geojson(city)
    assert collection["type"] == "FeatureCollection"
    areas = [f for f in collection["features"] if f["geometry"]["type"] == "Polygon"]
    kinds = Counter(feature["properties"]["kind"] for feature in areas)
    assert kinds == {"zone": len(city.zones), "park": len(city.parks), "river": 1}
    for feature in areas:
        (ring,) = feature["geometry"]["coordinates"]
        assert ring[0] == ring[-1]
        assert feature["properties"]["name_en"]
        assert feature["properties"]["name_zh"]


def test_it_is_plain_json(city: SyntheticCity) -> None:
    collection = city_geojson(city)
    assert json.loads(json.dumps(collection, allow_nan=False)) == collection
