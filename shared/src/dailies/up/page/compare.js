// What came in against what came out, at the same moment and the same loudness: louder alone sounds better.

import { element, signed } from "./words.js";

let serial = 0;

// `source` answers {url, integratedLufs}. The louder of the two is turned down: turned up, it could clip.
export function compare(after, stage, output, source) {
  const name = `side-${++serial}`, note = element("small", { class: "compare-note" });
  let before = null, now = after;

  async function load() {
    const { url, integratedLufs } = await source();
    before = element(after.localName, { src: url, crossorigin: "anonymous", preload: "auto", playsinline: true, controls: after.controls, hidden: true });
    stage.append(before);
    const louder = output.loudness.integrated_lufs !== null && integratedLufs !== null ? output.loudness.integrated_lufs - integratedLufs : 0;
    after.volume = Math.min(1, 10 ** (-louder / 20));
    before.volume = Math.min(1, 10 ** (louder / 20));
    // Until one of them ends, both are where the one that is heard is.
    before.addEventListener("timeupdate", () => { if (now === before && Math.abs(after.currentTime - before.currentTime) > 0.3) after.currentTime = before.currentTime; });
    after.addEventListener("seeking", () => { if (now === before && Math.abs(after.currentTime - before.currentTime) > 0.5) before.currentTime = after.currentTime; });
    await new Promise((resolve, reject) => {
      before.addEventListener("loadedmetadata", resolve, { once: true });
      before.addEventListener("error", () => reject(new Error("This browser can't play the source's format.")), { once: true });
    });
    note.textContent = louder
      ? `Both at ${signed(Math.min(integratedLufs, output.loudness.integrated_lufs))} LUFS: the ${louder > 0 ? "result" : "source"} is turned down by ${Math.abs(louder).toFixed(1)} dB.`
      : "The source's loudness was not measured: both play as they are.";
  }

  async function turn(to) {
    try {
      if (to === "before" && !before) await load();
    } catch (error) {
      note.textContent = error.message;
      boxes.after.checked = true;
      return;
    }
    const next = to === "before" ? before : after, playing = !now.paused;
    if (!next || next === now) return;
    now.pause();
    next.currentTime = now.currentTime;
    [now.hidden, next.hidden] = [true, false];
    now = next;
    after.dispatchEvent(new CustomEvent("swap", { detail: now }));
    if (playing) now.play().catch(() => {});
  }

  const boxes = {};
  const side = (id, label) => {
    boxes[id] = element("input", { type: "radio", name, value: id, checked: id === "after", onchange: () => turn(id) });
    return element("label", {}, boxes[id], element("span", {}, label));
  };
  return element("div", { class: "compare" },
    element("div", { class: "segments", role: "radiogroup", "aria-label": "What is heard" }, side("before", "Before"), side("after", "After")), note);
}
