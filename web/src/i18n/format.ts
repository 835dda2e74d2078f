import { language } from "./language.svelte";

/** Writes instants and numbers the way people of the language do, in the city's time zone. */
export class Format {
  private readonly formats = new Map<string, Intl.DateTimeFormat>();

  constructor(private readonly timeZone: string | undefined) {}

  /** `11:42` */
  time(instant: string | number): string {
    return this.write("time", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }, instant);
  }

  /** `11:42:07` */
  timeWithSeconds(instant: string | number): string {
    return this.write("seconds", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }, instant);
  }

  /** `Fri, Jun 5` */
  day(instant: string | number): string {
    return this.write("day", { weekday: "short", month: "short", day: "numeric" }, instant);
  }

  private write(kind: string, options: Intl.DateTimeFormatOptions, instant: string | number): string {
    const key = `${kind} ${language()}`;
    let format = this.formats.get(key);
    if (format === undefined) {
      format = new Intl.DateTimeFormat(language(), { ...options, timeZone: this.timeZone });
      this.formats.set(key, format);
    }
    return format.format(typeof instant === "string" ? Date.parse(instant) : instant);
  }
}

export function formatNumber(value: number, digits = 0): string {
  return new Intl.NumberFormat(language(), { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value);
}

/** With its sign, `+1.3` or `-0.2`. */
export function formatSigned(value: number, digits = 0): string {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits, signDisplay: "exceptZero" } as const;
  return new Intl.NumberFormat(language(), options).format(value);
}

export function formatPercent(share: number, digits = 0): string {
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: digits }).format(share);
}

export function formatMoney(cents: number, currency: string): string {
  return new Intl.NumberFormat(language(), { style: "currency", currency, currencyDisplay: "narrowSymbol" }).format(cents / 100);
}
