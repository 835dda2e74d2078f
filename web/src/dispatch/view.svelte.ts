import type { OrderState } from "../api/types";
import { type Exception, EXCEPTIONS } from "../fleet/urgency";

export type Selection = { kind: "order" | "rider"; id: string };
export type Tab = "orders" | "riders";
export type StateFilter = "open" | OrderState;

/** What the dispatcher looks at: filters and selection, kept in the address so that a view can be shared. */
export class View {
  query = $state("");
  state = $state<StateFilter>("open");
  exception = $state<Exception | null>(null);
  tab = $state<Tab>("orders");
  selection = $state<Selection | null>(null);

  constructor(address: URLSearchParams) {
    this.query = address.get("q") ?? "";
    this.state = (address.get("state") as StateFilter | null) ?? "open";
    const exception = address.get("attention") as Exception | null;
    this.exception = exception !== null && EXCEPTIONS.includes(exception) ? exception : null;
    this.tab = address.get("tab") === "riders" ? "riders" : "orders";
    const [kind, id] = (address.get("selected") ?? "").split(":");
    if ((kind === "order" || kind === "rider") && id) this.selection = { kind, id };
  }

  select(kind: Selection["kind"], id: string): void {
    this.selection = { kind, id };
  }

  deselect(): void {
    this.selection = null;
  }

  isSelected(kind: Selection["kind"], id: string): boolean {
    return this.selection?.kind === kind && this.selection.id === id;
  }

  /** A second press on the same exception shows everything again. Silence is about riders, the rest about orders. */
  toggleException(exception: Exception): void {
    this.exception = this.exception === exception ? null : exception;
    this.state = "open";
    this.tab = this.exception === "silent" ? "riders" : "orders";
  }

  clear(): void {
    this.query = "";
    this.state = "open";
    this.exception = null;
  }

  get isFiltered(): boolean {
    return this.query !== "" || this.state !== "open" || this.exception !== null;
  }

  /** Write the view into the address, without a new entry in the history. */
  writeAddress(): void {
    const url = new URL(location.href);
    const fields: Record<string, string | null> = {
      q: this.query || null,
      state: this.state === "open" ? null : this.state,
      attention: this.exception,
      tab: this.tab === "orders" ? null : this.tab,
      selected: this.selection === null ? null : `${this.selection.kind}:${this.selection.id}`,
    };
    for (const [name, value] of Object.entries(fields)) {
      if (value === null) url.searchParams.delete(name);
      else url.searchParams.set(name, value);
    }
    if (url.href !== location.href) history.replaceState(history.state, "", url);
  }
}
