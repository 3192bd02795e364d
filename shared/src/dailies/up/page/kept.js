// What this browser keeps over a reload. A browser that keeps nothing is no reason to fail.

export function read(name, otherwise) {
  try { return JSON.parse(localStorage.getItem(`dailies.${name}`)) ?? otherwise; } catch { return otherwise; }
}

export function keep(name, value) {
  try { localStorage.setItem(`dailies.${name}`, JSON.stringify(value)); } catch { /* private, or full: it is not kept */ }
}
