// What was said, to be read: a line for each sentence, with its time.

import { duration, element } from "./words.js";

const LANGUAGES = new Intl.DisplayNames(undefined, { type: "language" });

// Filled once its file has come; a transcript of an hour is some hundred kilobytes.
export function transcript(name, download) {
  const lines = element("ol", {}, element("li", {}, "Fetching what was said…"));
  const about = element("p", { class: "about" });
  const read = async (answer) => (download.mediaType === "application/json" ? answer.json()
    : { segments: (await answer.text()).split("\n").filter(Boolean).map((text) => ({ text })), engine: "", model: "", remarks: [] });
  fetch(download.url).then(read).then((found) => {
    lines.replaceChildren(...(found.segments.length ? found.segments.map(line) : [element("li", {}, "Nobody speaks in this source.")]));
    about.textContent = [found.language && LANGUAGES.of(found.language), `${found.engine} ${found.model}`.trim(),
      ...found.remarks.map((remark) => remark.message)].filter(Boolean).join(" · ");
  }).catch(() => lines.replaceChildren(element("li", {}, "It can't be shown here: download it.")));
  return element("div", { class: "transcript" },
    element("div", { class: "lines", tabindex: 0, role: "group", "aria-label": `What is said, ${name}` }, lines), about);
}

function line({ start, text, speaker }) {
  return element("li", {}, start === undefined ? null : element("time", {}, duration(start)), element("span", {}, speaker ? element("b", {}, `${speaker}: `) : null, text));
}
