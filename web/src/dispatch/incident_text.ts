import type { IncidentView } from "../api/types";
import { type Standing, standing } from "../fleet/incidents";
import type { FleetStore } from "../fleet/store.svelte";
import { type Format, formatPercent } from "../i18n/format";
import { t } from "../i18n/language.svelte";

const MINUTE_MS = 60_000;

/** What an incident is about, from the figures of this moment; null when the page cannot say it better than its evidence. */
export function presentText(incident: IncidentView, store: FleetStore, format: Format): string | null {
  if (incident.type === "gps_signal_loss") return silenceText(incident, store, format);
  if (incident.type !== "late" && incident.type !== "late_predicted") return null;
  const order = incident.order_id === null ? undefined : store.fleet.orders.get(incident.order_id);
  return order === undefined ? null : joined(latenessSentences(standing(order, store.nowMs), store.nowMs, format));
}

function latenessSentences(now: Standing, nowMs: number, format: Format): string[] {
  const sentences = [
    now.lateMin === null
      ? t("incident.now.promised", { at: format.time(now.promisedMs) })
      : t("incident.now.late", { at: format.time(now.promisedMs), min: now.lateMin }),
  ];
  if (now.expectedMs !== null) sentences.push(t("incident.now.expected", { at: format.time(now.expectedMs) }));
  if (now.lateChance !== null) sentences.push(t("incident.now.chance", { chance: formatPercent(now.lateChance) }));
  sentences.push(t(`incident.now.holdup.${now.holdup}`));
  if (now.cookingUntilMs !== null) {
    const at = format.time(now.cookingUntilMs);
    sentences.push(now.cookingUntilMs < nowMs ? t("incident.now.cooking_late", { at }) : t("incident.now.cooking", { at }));
  }
  return sentences;
}

function silenceText(incident: IncidentView, store: FleetStore, format: Format): string | null {
  const rider = incident.rider_id === null ? undefined : store.fleet.riders.get(incident.rider_id);
  if (rider === undefined) return null;
  const fixedAtMs = store.fixedAtMs(rider.rider_id);
  if (fixedAtMs === null) return t("incident.now.never");
  const at = format.timeWithSeconds(fixedAtMs);
  if (!store.silent.has(rider.rider_id)) return t("incident.now.heard", { at });
  const sentences = [t("incident.now.silent", { at, min: Math.max(1, Math.floor((store.nowMs - fixedAtMs) / MINUTE_MS)) })];
  const carried = rider.order_ids.filter((id) => (store.fleet.orders.get(id)?.picked_up_at ?? null) !== null).length;
  if (carried > 0) sentences.push(t(carried === 1 ? "incident.now.carries.one" : "incident.now.carries.many", { n: carried }));
  return joined(sentences);
}

/** Sentences follow each other with a space in English, and directly in Chinese. */
function joined(sentences: readonly string[]): string {
  return sentences.join(t("sentence.gap"));
}
