const query = matchMedia("(prefers-reduced-motion: reduce)");

/** Whether the person asked for less motion: markers jump then instead of gliding. */
export function prefersReducedMotion(): boolean {
  return query.matches;
}
