export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

/** `?lang`, then the cookie, then the browser's languages, then Chinese. Any `zh` or `en` variant counts. */
export function chooseLanguage(
  query: string | null,
  cookie: string | null,
  browser: readonly string[],
): Language {
  for (const wish of [query, cookie, ...browser]) {
    const match = LANGUAGES.find((known) => wish?.toLowerCase().split("-")[0] === known.split("-")[0]);
    if (match !== undefined) return match;
  }
  return "zh-CN";
}
