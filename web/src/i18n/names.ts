import type { Language } from "./choose";

/** `兰汀粥铺 Lanting Congee`: a Chinese name followed by its translation. */
const BILINGUAL = /^(\p{Script=Han}[^A-Za-z]*?)\s+([A-Za-z].*)$/u;

/** The part of a two-language name that fits; any other name as it is. */
export function localName(name: string, language: Language): string {
  const parts = BILINGUAL.exec(name);
  if (parts === null) return name;
  return language === "en" ? parts[2]! : parts[1]!;
}

/** Whether a rider's short name is only a family name, which nobody is called by in Chinese. */
export function isFamilyName(name: string): boolean {
  return /^\p{Script=Han}$/u.test(name);
}

/** `order-52` beside a word that already says what it is: `52`. */
export function shortId(id: string): string {
  return id.replace(/^[a-z]+-(?=\d+$)/, "");
}
