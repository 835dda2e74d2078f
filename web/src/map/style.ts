import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from "maplibre-gl";

import type { City, LonLat } from "../api/types";
import type { Theme } from "../app/theme.svelte";
import type { Language } from "../i18n/choose";
import { STREETS_PATH } from "./basemap";
import { palette, type Palette } from "./palette";

const FONT = ["Noto Sans"];

/** Whole, because a worker has no page to be relative to. */
export function streetsUrl(): string {
  return new URL(STREETS_PATH, location.href).href;
}

/** The street map as a MapLibre style: our own GeoJSON, no tiles, no glyph or sprite files. */
export function mapStyle(city: City, theme: Theme, language: Language): StyleSpecification {
  const colors = palette(theme);
  return {
    version: 8,
    sources: {
      streets: { type: "geojson", data: streetsUrl(), tolerance: 0.2 },
      zones: { type: "geojson", data: zoneOutlines(city) },
      "zone-names": { type: "geojson", data: zoneNames(city, language) },
      route: { type: "geojson", data: line([]) },
    },
    layers: [
      { id: "land", type: "background", paint: { "background-color": colors.land } },
      ...areas(colors),
      ...streets(colors),
      ...zoneLines(colors),
      ...labels(colors, language),
      ...route(colors),
    ],
  };
}

/** A line for the route source; an empty one draws nothing. */
export function line(points: readonly LonLat[]): GeoJSON.Feature {
  return { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: points.map((p) => [...p]) } };
}

function zoneOutlines(city: City): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: city.zones.map((zone) => ({
      type: "Feature",
      properties: {},
      geometry: { type: "Polygon", coordinates: [[...zone.polygon, zone.polygon[0]!]] },
    })),
  };
}

/** One point a zone: a label on a polygon shows once in every tile that the polygon touches. */
function zoneNames(city: City, language: Language): GeoJSON.FeatureCollection {
  return {
    type: "FeatureCollection",
    features: city.zones.map((zone) => ({
      type: "Feature",
      properties: { name: language === "en" ? zone.name.en : zone.name.zh },
      geometry: { type: "Point", coordinates: middle(zone.polygon) },
    })),
  };
}

/** The centroid of a polygon. */
function middle(polygon: readonly LonLat[]): LonLat {
  const [lon0, lat0] = polygon[0]!;
  let area = 0;
  let lon = 0;
  let lat = 0;
  polygon.forEach(([ax, ay], i) => {
    const [bx, by] = polygon[(i + 1) % polygon.length]!;
    const cross = (ax - lon0) * (by - lat0) - (bx - lon0) * (ay - lat0);
    area += cross / 2;
    lon += ((ax + bx - 2 * lon0) * cross) / 6;
    lat += ((ay + by - 2 * lat0) * cross) / 6;
  });
  return area === 0 ? [lon0, lat0] : [lon0 + lon / area, lat0 + lat / area];
}

const ofKind = (...kinds: string[]): ExpressionSpecification => ["in", ["get", "kind"], ["literal", kinds]];
const ofClass = (...classes: string[]): ExpressionSpecification => [
  "all",
  ofKind("street"),
  ["in", ["get", "road_class"], ["literal", classes]],
];
/** A width that doubles with each zoom level from about zoom 14 on, as the street itself does. */
const grows = (at12: number, at15: number, at18: number): ExpressionSpecification => [
  "interpolate",
  ["exponential", 1.6],
  ["zoom"],
  11,
  at12 * 0.7,
  12,
  at12,
  15,
  at15,
  18,
  at18,
];

function areas(colors: Palette): LayerSpecification[] {
  return [
    { id: "parks", type: "fill", source: "streets", filter: ofKind("park"), paint: { "fill-color": colors.park } },
    {
      id: "water",
      type: "fill",
      source: "streets",
      filter: ofKind("water", "river"),
      paint: { "fill-color": colors.water },
    },
  ];
}

function streets(colors: Palette): LayerSpecification[] {
  const widths: [string, string[], string, ExpressionSpecification, ExpressionSpecification][] = [
    ["lanes", ["lane"], colors.street, grows(0.6, 3.5, 18), grows(1, 5, 20)],
    ["roads", ["street"], colors.street, grows(1, 5.5, 24), grows(1.8, 7.5, 27)],
    ["arterials", ["arterial"], colors.arterial, grows(2.1, 8.5, 32), grows(3.3, 11, 36)],
    ["ring", ["ring"], colors.ring, grows(2.8, 10, 36), grows(4.2, 13, 40)],
  ];
  const layer = (id: string, classes: string[], color: string, width: ExpressionSpecification): LayerSpecification => ({
    id,
    type: "line",
    source: "streets",
    filter: ofClass(...classes),
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": color, "line-width": width },
  });
  return [
    ...widths.map(([id, classes, , , casing]) => layer(`${id}-casing`, classes, colors.casing, casing)),
    ...widths.map(([id, classes, color, width]) => layer(id, classes, color, width)),
  ];
}

function zoneLines(colors: Palette): LayerSpecification[] {
  return [
    {
      id: "zone-lines",
      type: "line",
      source: "zones",
      paint: { "line-color": colors.zone, "line-width": 1.4, "line-dasharray": [4, 3], "line-opacity": 0.65 },
    },
  ];
}

function labels(colors: Palette, language: Language): LayerSpecification[] {
  const name: ExpressionSpecification = ["get", language === "en" ? "name_en" : "name_zh"];
  const along = (id: string, classes: string[], minzoom: number, size: number): LayerSpecification => ({
    id,
    type: "symbol",
    source: "streets",
    filter: ofClass(...classes),
    minzoom,
    layout: {
      "symbol-placement": "line",
      "symbol-spacing": 320,
      "text-field": name,
      "text-font": FONT,
      "text-size": size,
      "text-padding": 6,
    },
    paint: { "text-color": colors.label, "text-halo-color": colors.halo, "text-halo-width": 1.4 },
  });
  const inside = (id: string, source: string, filter: ExpressionSpecification | null, color: string, size: number) =>
    ({
      id,
      type: "symbol",
      source,
      ...(filter === null ? {} : { filter }),
      layout: {
        "text-field": filter === null ? ["get", "name"] : name,
        "text-font": FONT,
        "text-size": size,
        "text-letter-spacing": 0.06,
        "text-padding": 4,
      },
      paint: { "text-color": color, "text-halo-color": colors.halo, "text-halo-width": 1.6 },
    }) as LayerSpecification;
  return [
    along("lane-names", ["lane"], 15.2, 11),
    along("road-names", ["street"], 14.2, 11),
    along("arterial-names", ["arterial", "ring"], 12.4, 12),
    inside("park-names", "streets", ofKind("park"), colors.parkLabel, 11),
    inside("water-names", "streets", ofKind("water", "river"), colors.waterLabel, 13),
    inside("zone-names", "zone-names", null, colors.zoneLabel, 15),
  ];
}

function route(colors: Palette): LayerSpecification[] {
  const layer = (id: string, color: string, width: number): LayerSpecification => ({
    id,
    type: "line",
    source: "route",
    layout: { "line-cap": "round", "line-join": "round" },
    paint: { "line-color": color, "line-width": width },
  });
  return [layer("route-casing", colors.routeCasing, 8), layer("route", colors.route, 4.5)];
}
