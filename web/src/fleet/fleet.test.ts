import { describe, expect, it } from "vitest";

import type { FleetView, OrderView, Summary } from "../api/types";
import { applyChange, emptyFleet, fleetFrom } from "./fleet";
import { byUrgency, isStale, orderExceptions, type OrderItem } from "./urgency";

const NOON_MS = Date.parse("2026-06-05T04:00:00.000Z");
const MINUTE_MS = 60_000;
const NOBODY: ReadonlySet<string> = new Set();

function order(id: string, change: Partial<OrderView> = {}): OrderView {
  return {
    order_id: id,
    reference: "",
    state: "assigned",
    merchant_id: "m1",
    merchant_name: "Lotus Noodle House",
    zone_id: "old-town",
    dropoff: { lon: 120, lat: 30 },
    pickup: { lon: 120, lat: 30 },
    rider_id: "r1",
    trip_id: "t1",
    value_cents: 4250,
    placed_at: new Date(NOON_MS - 5 * MINUTE_MS).toISOString(),
    ready_at: new Date(NOON_MS).toISOString(),
    is_ready: false,
    promised_at: new Date(NOON_MS + 30 * MINUTE_MS).toISOString(),
    eta_at: null,
    eta_earliest: null,
    eta_latest: null,
    late_probability: 0.1,
    assigned_at: null,
    picked_up_at: null,
    delivered_at: null,
    canceled_at: null,
    canceled_reason: null,
    held_reason: null,
    incident_ids: [],
    pin: null,
    type: null,
    volume_l: null,
    weight_g: null,
    window: null,
    release_at: null,
    ...change,
  };
}

function view(orders: OrderView[]): FleetView {
  const summary = { open: orders.length } as Summary;
  return { seq: 1, epoch: "e1", at: "", zone: "all", riders: [], orders, incidents: [], summary };
}

describe("the fleet", () => {
  it("is what the snapshot says, changed by every frame after it", () => {
    const fleet = fleetFrom(view([order("o1"), order("o2")]), emptyFleet());
    applyChange(fleet, { order: order("o1", { state: "picked_up" }) });
    expect(fleet.orders.get("o1")?.state).toBe("picked_up");
    expect(fleet.orders.get("o2")?.state).toBe("assigned");
  });

  it("keeps an order that ended, also over the next snapshot", () => {
    let fleet = fleetFrom(view([order("o1"), order("o2")]), emptyFleet());
    applyChange(fleet, { order: order("o1", { state: "delivered" }) });
    fleet = fleetFrom(view([order("o2")]), fleet);
    expect([...fleet.orders.keys()].sort()).toEqual(["o1", "o2"]);
  });

  it("forgets an open order that the snapshot no longer has", () => {
    const fleet = fleetFrom(view([order("o2")]), fleetFrom(view([order("o1")]), emptyFleet()));
    expect([...fleet.orders.keys()]).toEqual(["o2"]);
  });

  it("keeps a bounded number of ended orders", () => {
    const fleet = emptyFleet();
    for (let i = 0; i < 1000; i += 1) applyChange(fleet, { order: order(`o${i}`, { state: "delivered" }) });
    expect(fleet.orders.size).toBe(300);
    expect(fleet.orders.has("o999")).toBe(true);
  });
});

describe("exceptions", () => {
  it("are late, at risk, unassigned or silent", () => {
    const late = order("o1", { promised_at: new Date(NOON_MS - 1).toISOString(), late_probability: 1 });
    expect(orderExceptions(late, NOON_MS, NOBODY)).toEqual(["late"]);
    expect(orderExceptions(order("o2", { late_probability: 0.6 }), NOON_MS, NOBODY)).toEqual(["at_risk"]);
    expect(orderExceptions(order("o3", { rider_id: null }), NOON_MS, NOBODY)).toEqual(["unassigned"]);
    const cooking = order("o3", { rider_id: null, ready_at: new Date(NOON_MS + 10 * MINUTE_MS).toISOString() });
    expect(orderExceptions(cooking, NOON_MS, NOBODY)).toEqual([]);
    expect(orderExceptions(order("o4"), NOON_MS, new Set(["r1"]))).toEqual(["silent"]);
    expect(orderExceptions(order("o5", { state: "delivered", late_probability: 1 }), NOON_MS, NOBODY)).toEqual([]);
  });

  it("put the worst first, then whatever is due soonest, ended orders last", () => {
    const items: OrderItem[] = [
      { order: order("ended", { state: "delivered" }), exceptions: [] },
      { order: order("fine"), exceptions: [] },
      { order: order("sooner", { promised_at: new Date(NOON_MS).toISOString() }), exceptions: [] },
      { order: order("risky"), exceptions: ["at_risk"] },
      { order: order("late"), exceptions: ["late", "unassigned"] },
    ];
    expect(items.sort(byUrgency).map((item) => item.order.order_id)).toEqual([
      "late",
      "risky",
      "sooner",
      "fine",
      "ended",
    ]);
  });

  it("call a position stale after ten wall seconds, whatever the rate", () => {
    expect(isStale(NOON_MS - 10_001, NOON_MS, 1)).toBe(true);
    expect(isStale(NOON_MS - 99_000, NOON_MS, 10)).toBe(false);
    expect(isStale(null, NOON_MS, 1)).toBe(true);
  });
});
