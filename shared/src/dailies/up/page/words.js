// Numbers as people read them, and elements without innerHTML: file names are strangers' text.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

const SVG = "http://www.w3.org/2000/svg";
const ICONS = {
  chevron: "M9 5l7 7-7 7", close: "M6 6l12 12M18 6L6 18", download: "M12 4v11m0 0l-4.5-4.5M12 15l4.5-4.5M5 20h14",
  again: "M20 11a8 8 0 1 0-2.3 5.7M20 4v7h-7", share: "M10 14l10-10m0 0h-6m6 0v6M18 14v4a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V8a2 2 0 0 1 2-2h4",
  play: "M8 5v14l11-7z", pause: "M8 5v14M16 5v14", sound: "M4 10v4M8 6v12M12 9v6M16 4v16M20 10v4",
  film: "M4 6h16v12H4zM10 9.5v5l4-2.5z", sliders: "M4 8h10m4 0h2M4 16h2m4 0h10M14 6v4M6 14v4",
  link: "M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1", plus: "M12 5v14M5 12h14",
};

export function icon(name) {
  const drawing = document.createElementNS(SVG, "svg"), path = document.createElementNS(SVG, "path");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.classList.add("icon", `icon-${name}`);
  path.setAttribute("d", ICONS[name]);
  drawing.append(path);
  return drawing;
}

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB"];
  let power = 0;
  while (count >= 1000 && power < units.length - 1) { count /= 1000; power += 1; }
  return `${count.toFixed(power && count < 100 ? 1 : 0)} ${units[power]}`;
}

export function duration(seconds) {
  const whole = Math.round(seconds), pad = (part) => String(part).padStart(2, "0");
  const hours = Math.floor(whole / 3600), minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${pad(minutes)}:${pad(whole % 60)}` : `${minutes}:${pad(whole % 60)}`;
}

export function left(seconds) {
  if (!Number.isFinite(seconds)) return null;
  return seconds < 3 ? "a moment left" : `${seconds < 90 ? `${Math.round(seconds)} s` : seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`} left`;
}

export function ago(time, now = Date.now()) {
  const seconds = Math.max(0, (now - time) / 1000);
  if (seconds < 60) return "just now";
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ago`;
  return new Date(time).toLocaleDateString(undefined, { day: "numeric", month: "short", year: "numeric" });
}

// Names in a description are marked as code, which a page shows as the rest.
export const prose = (text) => text.replaceAll("``", "");
export const count = (number, word) => `${number} ${word}${number === 1 ? "" : "s"}`;
export const signed = (value, digits = 1) => (value === null || value === undefined ? "–" : value.toFixed(digits).replace("-", "−"));
