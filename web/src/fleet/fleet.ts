import type { FleetChange, FleetView, IncidentView, OrderView, RiderView, Summary } from "../api/types";

/** Orders that ended are kept for a while, so that a list or an open drawer can still show them. */
const CLOSED_KEPT = 300;

/** Everything known about one city's fleet, built from a snapshot and the changes after it. */
export interface Fleet {
  orders: Map<string, OrderView>;
  riders: Map<string, RiderView>;
  incidents: Map<string, IncidentView>;
  summary: Summary | null;
  /** Ids of orders that ended, oldest first. */
  closed: string[];
}

export function emptyFleet(): Fleet {
  return { orders: new Map(), riders: new Map(), incidents: new Map(), summary: null, closed: [] };
}

/** A snapshot replaces everything, except that orders already known to have ended stay known. */
export function fleetFrom(view: FleetView, before: Fleet): Fleet {
  const fleet = emptyFleet();
  for (const id of before.closed) {
    const order = before.orders.get(id);
    if (order !== undefined) keepOrder(fleet, order);
  }
  for (const order of view.orders) keepOrder(fleet, order);
  for (const rider of view.riders) fleet.riders.set(rider.rider_id, rider);
  for (const incident of view.incidents) fleet.incidents.set(incident.incident_id, incident);
  fleet.summary = view.summary;
  return fleet;
}

/** Change `fleet` by one state frame. */
export function applyChange(fleet: Fleet, change: FleetChange): void {
  if (change.order) keepOrder(fleet, change.order);
  if (change.rider) fleet.riders.set(change.rider.rider_id, change.rider);
  if (change.incident) fleet.incidents.set(change.incident.incident_id, change.incident);
  if (change.summary) fleet.summary = change.summary;
}

export function isOpen(order: OrderView): boolean {
  return order.state !== "delivered" && order.state !== "canceled";
}

function keepOrder(fleet: Fleet, order: OrderView): void {
  const known = fleet.orders.get(order.order_id);
  fleet.orders.set(order.order_id, order);
  if (isOpen(order) || (known !== undefined && !isOpen(known))) return;
  fleet.closed.push(order.order_id);
  if (fleet.closed.length > CLOSED_KEPT) fleet.orders.delete(fleet.closed.shift()!);
}
