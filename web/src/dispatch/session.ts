/** The operator token: taken from the address once, then kept for this tab only. */

const KEY = "peakline_operator_token";

export function readToken(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1)).get("token");
  if (fragment !== null) {
    keepToken(fragment);
    // Out of the address bar, so that a copied or photographed address gives nothing away.
    history.replaceState(history.state, "", location.pathname + location.search);
    return fragment;
  }
  return sessionStorage.getItem(KEY);
}

export function keepToken(token: string): void {
  sessionStorage.setItem(KEY, token);
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
}
