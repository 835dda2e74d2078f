"""The background map, made once and served compressed with an entity tag."""

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

_KINDS = {"river": "water"}
"""Kinds of features as the city makes them -> as the map names them."""


class StreetMap:
    """Streets, water and parks as GeoJSON bytes.

    Parameters
    ----------
    geojson : mapping
        A GeoJSON FeatureCollection whose features have the property ``kind``.
    """

    def __init__(self, geojson: Mapping[str, Any]) -> None:
        self.features: list[dict[str, Any]] = [_named(feature) for feature in geojson["features"]]
        self._plain = msgspec.json.encode({"type": "FeatureCollection", "features": self.features})
        self._packed = gzip.compress(self._plain, mtime=0)
        self._tag = f'"{hashlib.sha256(self._plain).hexdigest()[:24]}"'

    def response(self, if_none_match: str, accept_encoding: str) -> Response:
        """Return the map, or 304 when the caller has it already."""
        headers = {"ETag": self._tag, "Cache-Control": "public, max-age=3600", "Vary": "Accept-Encoding"}
        if self._tag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
            return Response(status_code=304, headers=headers)
        if "gzip" in accept_encoding:
            headers["Content-Encoding"] = "gzip"
            return Response(self._packed, headers=headers, media_type="application/geo+json")
        return Response(self._plain, headers=headers, media_type="application/geo+json")


def _named(feature: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(feature["properties"])
    properties["kind"] = _KINDS.get(properties.get("kind", ""), properties.get("kind", ""))
    return {**feature, "properties": properties}
