import { getContext, setContext } from "svelte";

import type { City } from "../api/types";
import type { FleetStore } from "../fleet/store.svelte";
import type { Format } from "../i18n/format";
import type { View } from "./view.svelte";

/** What every part of the page works with. */
export interface Room {
  city: City;
  store: FleetStore;
  view: View;
  format: Format;
  /** Call the API and show a refusal to the dispatcher; undefined when it was refused. */
  attempt<T>(call: Promise<T>): Promise<T | undefined>;
}

const KEY = Symbol("room");

export function provideRoom(room: Room): void {
  setContext(KEY, room);
}

export function useRoom(): Room {
  return getContext<Room>(KEY);
}
