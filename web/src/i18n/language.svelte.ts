import en from "./en.json";
import zhCN from "./zh-CN.json";
import { chooseLanguage, type Language } from "./choose";
import { localName } from "./names";

export type MessageKey = keyof typeof en;

const MESSAGES: Record<Language, Record<MessageKey, string>> = { en, "zh-CN": zhCN };
const COOKIE = "peakline_lang";
const YEAR_S = 31_536_000;

let current = $state<Language>(
  chooseLanguage(
    new URLSearchParams(location.search).get("lang"),
    document.cookie.match(/(?:^|; )peakline_lang=([^;]+)/)?.[1] ?? null,
    navigator.languages,
  ),
);
document.documentElement.lang = current;

/** The language that everything is shown in; reading it inside a component follows changes. */
export function language(): Language {
  return current;
}

/** Switch, and remember it for later visits. */
export function setLanguage(next: Language): void {
  current = next;
  document.documentElement.lang = next;
  document.cookie = `${COOKIE}=${next}; path=/; max-age=${YEAR_S}; samesite=lax`;
  const url = new URL(location.href);
  if (url.searchParams.has("lang")) {
    url.searchParams.set("lang", next);
    history.replaceState(history.state, "", url);
  }
}

export function isKey(key: string): key is MessageKey {
  return key in en;
}

/** A message in the current language, with `{name}` places filled in. */
export function t(key: MessageKey, values: Record<string, string | number> = {}): string {
  return MESSAGES[current][key].replace(/\{(\w+)\}/g, (place, name: string) => String(values[name] ?? place));
}

/** A message for a word of the API, or the word itself, readable, when this page does not know it yet. */
export function word(prefix: string, value: string): string {
  const key = `${prefix}.${value}`;
  return isKey(key) ? t(key) : value.replaceAll("_", " ");
}

/** The name in the current language, of a pair or of one text that holds both. */
export function named(name: string | { en: string; zh: string }): string {
  if (typeof name === "string") return localName(name, current);
  return current === "zh-CN" ? name.zh : name.en;
}
