import type { City, OrderView, RiderState, RiderView } from "../api/types";
import { isOpen } from "../fleet/fleet";
import type { Exception, OrderItem } from "../fleet/urgency";
import type { Marker } from "../map/overlay";
import type { Sprite } from "../map/sprites";
import type { Placed } from "../motion/glide";
import type { Selection } from "./view.svelte";

const RIDER_SPRITES: Record<RiderState, Sprite> = {
  off_duty: "idle_stale",
  idle: "idle",
  offered: "offered",
  to_merchant: "to_merchant",
  at_merchant: "at_merchant",
  to_door: "to_door",
  at_door: "at_door",
};
const DOOR_SPRITES: Record<Exception, Sprite> = {
  late: "door_late",
  at_risk: "door_at_risk",
  unassigned: "door_unassigned",
  silent: "door",
};
/** Only arrows turn with the rider; the other shapes say where somebody stands. */
const TURNING: ReadonlySet<Sprite> = new Set<Sprite>(["to_merchant", "to_door", "to_merchant_stale"]);

export function riderSprite(state: RiderState, stale: boolean): Sprite {
  if (!stale) return RIDER_SPRITES[state];
  return state === "to_merchant" || state === "to_door" ? "to_merchant_stale" : "idle_stale";
}

/** What the map shows in one frame. */
export interface Scene {
  city: City;
  items: readonly OrderItem[];
  riders: Iterable<RiderView>;
  selection: Selection | null;
  selectedOrder: OrderView | null;
  /** Ids that the filters leave; null shows all alike. */
  focus: ReadonlySet<string> | null;
  zoom: number;
  place(riderId: string): Placed | null;
  isStale(riderId: string): boolean;
}

/** All markers, from the bottom up: merchants, doors, riders, and the selection on top. */
export function* sceneMarkers(scene: Scene): Generator<Marker> {
  const scale = Math.min(1.25, Math.max(0.62, 0.62 + (scene.zoom - 12) * 0.16));
  const chosen = involved(scene);
  const opacityOf = (id: string): number => (scene.focus !== null && !scene.focus.has(id) ? 0.25 : chosen.size > 0 && !chosen.has(id) ? 0.55 : 1);

  for (const { lon, lat, merchant_id } of scene.city.merchants) {
    const isChosen = scene.selectedOrder?.merchant_id === merchant_id;
    yield marker(lon, lat, "merchant", scale * (isChosen ? 1.25 : 0.9), chosen.size > 0 && !isChosen ? 0.55 : 1, null);
  }
  for (const { order, exceptions } of scene.items) {
    const isChosen = chosen.has(order.order_id);
    if (!isOpen(order) && scene.selectedOrder !== order) continue;
    const sprite = exceptions[0] === undefined ? "door" : DOOR_SPRITES[exceptions[0]];
    if (isChosen) yield marker(order.dropoff.lon, order.dropoff.lat, "selection", scale * 0.85, 1, null);
    const opacity = opacityOf(order.order_id);
    yield marker(order.dropoff.lon, order.dropoff.lat, sprite, scale * (isChosen ? 1.2 : 0.95), opacity, `order:${order.order_id}`);
  }
  for (const rider of scene.riders) {
    if (rider.state === "off_duty") continue;
    const at = scene.place(rider.rider_id);
    if (at === null) continue;
    const sprite = riderSprite(rider.state, scene.isStale(rider.rider_id));
    const isChosen = chosen.has(rider.rider_id);
    if (isChosen) yield marker(at.lon, at.lat, "selection", scale, 1, null);
    yield {
      ...marker(at.lon, at.lat, sprite, scale * (isChosen ? 1.25 : 1), opacityOf(rider.rider_id), `rider:${rider.rider_id}`),
      headingDeg: TURNING.has(sprite) ? at.headingDeg : null,
    };
  }
}

/** The selected one and whoever belongs to it: an order's rider, a rider's orders. */
function involved({ selection, selectedOrder, items }: Scene): ReadonlySet<string> {
  if (selection === null) return new Set();
  const ids = new Set([selection.id]);
  if (selectedOrder?.rider_id) ids.add(selectedOrder.rider_id);
  if (selection.kind === "rider") {
    for (const { order } of items) if (order.rider_id === selection.id && isOpen(order)) ids.add(order.order_id);
  }
  return ids;
}

function marker(lon: number, lat: number, sprite: Sprite, scale: number, opacity: number, target: string | null): Marker {
  return { lon, lat, sprite, headingDeg: null, scale, opacity, target };
}
