import { describe, expect, it } from "vitest";

import type { IncidentView, OrderView } from "../api/types";
import { standing, suggestedAction } from "./incidents";

const NOON_MS = Date.parse("2026-06-05T04:00:00.000Z");
const MINUTE_MS = 60_000;
const at = (minutes: number): string => new Date(NOON_MS + minutes * MINUTE_MS).toISOString();

function order(change: Partial<OrderView> = {}): OrderView {
  return {
    state: "assigned",
    rider_id: "r1",
    ready_at: at(5),
    is_ready: false,
    promised_at: at(20),
    eta_at: at(25),
    late_probability: 0.8,
    picked_up_at: null,
    held_reason: null,
    ...change,
  } as OrderView;
}

const incident = (action: string): IncidentView => ({ suggested_action: action }) as IncidentView;
const onItsWay = order({ state: "picked_up", is_ready: true, picked_up_at: at(-1) });

describe("how an order stands", () => {
  it("is a prediction before the promise", () => {
    expect(standing(order(), NOON_MS)).toMatchObject({
      promisedMs: NOON_MS + 20 * MINUTE_MS,
      expectedMs: NOON_MS + 25 * MINUTE_MS,
      lateMin: null,
      lateChance: 0.8,
    });
  });

  it("is so many minutes late after it, with no chance left to name", () => {
    expect(standing(order(), NOON_MS + 32 * MINUTE_MS)).toMatchObject({ lateMin: 12, lateChance: null });
    expect(standing(order(), NOON_MS + 20 * MINUTE_MS + 1)).toMatchObject({ lateMin: 1 });
    expect(standing(order(), NOON_MS + 20 * MINUTE_MS)).toMatchObject({ lateMin: null });
  });

  it("says what it waits for", () => {
    const holdupOf = (change: Partial<OrderView>, nowMs = NOON_MS): string => standing(order(change), nowMs).holdup;
    expect(standing(onItsWay, NOON_MS).holdup).toBe("delivery");
    expect(holdupOf({})).toBe("rider_coming");
    expect(holdupOf({}, NOON_MS + 6 * MINUTE_MS)).toBe("kitchen");
    expect(holdupOf({ state: "at_merchant" })).toBe("kitchen");
    expect(holdupOf({ state: "at_merchant", is_ready: true })).toBe("rider_there");
    expect(holdupOf({ state: "placed", rider_id: null })).toBe("no_rider");
    expect(holdupOf({ state: "placed", rider_id: null, held_reason: "waits_for_kitchen" })).toBe("kitchen");
  });
});

describe("the kitchen", () => {
  it("is named until the food is ready or gone", () => {
    expect(standing(order(), NOON_MS).cookingUntilMs).toBe(NOON_MS + 5 * MINUTE_MS);
    expect(standing(order({ is_ready: true }), NOON_MS).cookingUntilMs).toBeNull();
    expect(standing(order({ state: "picked_up", picked_up_at: at(-1) }), NOON_MS).cookingUntilMs).toBeNull();
  });
});

describe("the suggested action", () => {
  it("fits food that is on its way", () => {
    expect(suggestedAction(incident("call_merchant"), onItsWay, NOON_MS)).toBe("inform_customer");
    expect(suggestedAction(incident("reassign"), onItsWay, NOON_MS)).toBe("inform_customer");
    expect(suggestedAction(incident("call_rider"), onItsWay, NOON_MS)).toBe("call_rider");
  });

  it("is to call a merchant whose kitchen everybody waits for", () => {
    expect(suggestedAction(incident("reassign"), order({ state: "at_merchant" }), NOON_MS)).toBe("call_merchant");
    expect(suggestedAction(incident("reassign"), order(), NOON_MS)).toBe("reassign");
  });

  it("is the server's until then, and for an order that is not known", () => {
    expect(suggestedAction(incident("call_merchant"), order(), NOON_MS)).toBe("call_merchant");
    expect(suggestedAction(incident("reassign"), undefined, NOON_MS)).toBe("reassign");
  });
});
