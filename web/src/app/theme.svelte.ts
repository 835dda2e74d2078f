export type Theme = "light" | "dark";

const KEY = "peakline_theme";
const system = matchMedia("(prefers-color-scheme: dark)");

const stored = read();
let chosen = $state<Theme | null>(stored);
let systemDark = $state(system.matches);
system.addEventListener("change", (event) => (systemDark = event.matches));
if (stored !== null) document.documentElement.dataset.theme = stored;

/** The theme shown now: the person's choice, else the system's. */
export function theme(): Theme {
  return chosen ?? (systemDark ? "dark" : "light");
}

export function toggleTheme(): void {
  chosen = theme() === "dark" ? "light" : "dark";
  document.documentElement.dataset.theme = chosen;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Storage is blocked: the choice lasts for this visit.
  }
}

function read(): Theme | null {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : null;
  } catch {
    return null;
  }
}
