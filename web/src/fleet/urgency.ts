import type { OrderView, RiderView } from "../api/types";
import { isOpen } from "./fleet";

/** What needs a dispatcher's eye, most urgent first. */
export const EXCEPTIONS = ["late", "at_risk", "unassigned", "silent"] as const;
export type Exception = (typeof EXCEPTIONS)[number];

/** Probability of lateness from which an order is at risk (the threshold of `late_predicted`). */
const AT_RISK = 0.6;
/** An order without a rider is an exception this long after it was placed, ... */
const UNASSIGNED_MS = 180_000;
/** ... but not while the kitchen needs longer than this: riders are sent late on purpose. */
const BEFORE_READY_MS = 300_000;
/** A rider silent for longer is an exception; below that it is only drawn gray. */
const SILENT_MS = 60_000;
/** Wall seconds after which a position is stale: at `rate` they are that many more seconds of the city's time. */
const STALE_WALL_MS = 10_000;

/** The exceptions of an order, most urgent first. `silentRiders` are those that `riderIsSilent`. */
export function orderExceptions(
  order: OrderView,
  nowMs: number,
  silentRiders: ReadonlySet<string>,
): Exception[] {
  if (!isOpen(order)) return [];
  const found: Exception[] = [];
  if (nowMs > Date.parse(order.promised_at)) found.push("late");
  else if ((order.late_probability ?? 0) >= AT_RISK) found.push("at_risk");
  if (order.rider_id === null && waitsTooLong(order, nowMs)) found.push("unassigned");
  if (order.rider_id !== null && silentRiders.has(order.rider_id)) found.push("silent");
  return found;
}

/** An order for later waits for nobody until it is released. */
function waitsTooLong(order: OrderView, nowMs: number): boolean {
  if (order.state === "scheduled") return false;
  const since = Date.parse(order.release_at ?? order.placed_at);
  return (
    nowMs - since > UNASSIGNED_MS && Date.parse(order.ready_at) - nowMs < BEFORE_READY_MS
  );
}

export function isStale(fixedAtMs: number | null, nowMs: number, rate: number): boolean {
  return fixedAtMs === null || nowMs - fixedAtMs > STALE_WALL_MS * rate;
}

export function riderIsSilent(rider: RiderView, fixedAtMs: number | null, nowMs: number, rate: number): boolean {
  if (rider.state === "off_duty" || fixedAtMs === null) return false;
  return nowMs - fixedAtMs > Math.max(SILENT_MS, STALE_WALL_MS * rate);
}

/** An order with what is wrong about it, for lists. */
export interface OrderItem {
  order: OrderView;
  exceptions: Exception[];
}

/** Sort by urgency: the worst exception first, then whatever is due soonest; ended orders last, newest first. */
export function byUrgency(a: OrderItem, b: OrderItem): number {
  const rank = urgencyRank(a) - urgencyRank(b);
  if (rank !== 0) return rank;
  const due = Date.parse(a.order.promised_at) - Date.parse(b.order.promised_at);
  if (due !== 0) return isOpen(a.order) ? due : -due;
  return a.order.order_id < b.order.order_id ? -1 : 1;
}

function urgencyRank({ order, exceptions }: OrderItem): number {
  if (!isOpen(order)) return EXCEPTIONS.length + 1;
  return exceptions[0] === undefined ? EXCEPTIONS.length : EXCEPTIONS.indexOf(exceptions[0]);
}
