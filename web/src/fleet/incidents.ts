import type { IncidentView, OrderView } from "../api/types";

const MINUTE_MS = 60_000;
/** What helps only while the food is still at the merchant. */
const BEFORE_PICKUP: ReadonlySet<string> = new Set(["call_merchant", "reassign"]);

/** What an order that is not yet delivered waits for. */
export type Holdup = "delivery" | "no_rider" | "kitchen" | "rider_coming" | "rider_there";

/** How an order stands against its promise at this moment. */
export interface Standing {
  promisedMs: number;
  expectedMs: number | null;
  /** Whole minutes past the promise; null before it. */
  lateMin: number | null;
  /** Null once it is late: then there is nothing left to predict. */
  lateChance: number | null;
  holdup: Holdup;
  /** When the kitchen is, or was, to be ready; null once it is. */
  cookingUntilMs: number | null;
}

export function standing(order: OrderView, nowMs: number): Standing {
  const promisedMs = Date.parse(order.promised_at);
  const isLate = nowMs > promisedMs;
  return {
    promisedMs,
    expectedMs: order.eta_at === null ? null : Date.parse(order.eta_at),
    lateMin: isLate ? lateMinutes(promisedMs, nowMs) : null,
    lateChance: isLate ? null : order.late_probability,
    holdup: holdup(order, nowMs),
    cookingUntilMs: order.is_ready || order.picked_up_at !== null ? null : Date.parse(order.ready_at),
  };
}

/** Minutes past a promise, for people: an order that is late at all is late by one. */
export function lateMinutes(promisedMs: number, nowMs: number): number {
  return Math.max(1, Math.round((nowMs - promisedMs) / MINUTE_MS));
}

function holdup(order: OrderView, nowMs: number): Holdup {
  if (order.picked_up_at !== null) return "delivery";
  const isThere = order.state === "at_merchant";
  const isOverdue = nowMs > Date.parse(order.ready_at);
  if (!order.is_ready && (isThere || isOverdue || order.held_reason === "waits_for_kitchen")) return "kitchen";
  if (order.rider_id === null) return "no_rider";
  return isThere ? "rider_there" : "rider_coming";
}

/**
 * What to do now. Neither the merchant nor another rider can help food that is on its way, and another rider does
 * not help an order that waits for the kitchen.
 */
export function suggestedAction(incident: IncidentView, order: OrderView | undefined, nowMs: number): string {
  const action = incident.suggested_action;
  if (order === undefined || !BEFORE_PICKUP.has(action)) return action;
  if (order.picked_up_at !== null) return "inform_customer";
  return holdup(order, nowMs) === "kitchen" ? "call_merchant" : action;
}
