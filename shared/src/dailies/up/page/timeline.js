// Where one is in a recording: its waveform to click on, and the picture that would be seen there.

import { duration, element } from "./words.js";

const STEP_SECONDS = 5, BAR = 3, GAP = 1.5, LEAST = 0.04;

// `peaks` are 0 to 1, `pictures` are {start, end, url, x, y, width, height}; either may be missing.
export function timeline(media, { peaks = null, pictures = [], label }) {
  const canvas = element("canvas", { class: "wave" });
  const picture = element("div", { class: "seek-picture", hidden: !pictures.length }), clock = element("span", { class: "seek-time" });
  const tip = element("div", { class: "seek", hidden: true }, picture, clock);
  const node = element("div", { class: "timeline", role: "slider", tabindex: 0, "aria-label": label, "aria-valuemin": 0 }, canvas, tip);
  const length = () => (Number.isFinite(media.duration) ? media.duration : 0);

  function tell() {
    node.setAttribute("aria-valuemax", Math.round(length()));
    node.setAttribute("aria-valuenow", Math.round(media.currentTime));
    node.setAttribute("aria-valuetext", `${duration(media.currentTime)} of ${duration(length())}`);
    draw(canvas, peaks, length() ? media.currentTime / length() : 0);
  }
  const timeAt = (event) => {
    const { left, width } = canvas.getBoundingClientRect();
    return length() * Math.min(Math.max((event.clientX - left) / width, 0), 1);
  };
  const seek = (seconds) => { media.currentTime = Math.min(Math.max(seconds, 0), length()); tell(); };
  function point(event) {
    const at = timeAt(event), { left, width } = node.getBoundingClientRect();
    const found = pictures.find((each) => at < each.end) ?? pictures.at(-1);
    const half = (found?.width ?? 48) / 2;
    tip.hidden = !length();
    tip.style.left = `${Math.min(Math.max(event.clientX - left, half), Math.max(width - half, half))}px`;
    clock.textContent = duration(at);
    if (found) Object.assign(picture.style, {
      width: `${found.width}px`, height: `${found.height}px`,
      backgroundImage: `url("${found.url}")`, backgroundPosition: `-${found.x}px -${found.y}px`,
    });
  }
  node.addEventListener("pointerdown", (event) => { node.setPointerCapture(event.pointerId); seek(timeAt(event)); });
  node.addEventListener("pointermove", (event) => { point(event); if (event.buttons) seek(timeAt(event)); });
  node.addEventListener("pointerleave", () => { tip.hidden = true; });
  node.addEventListener("keydown", (event) => {
    const to = { ArrowLeft: media.currentTime - STEP_SECONDS, ArrowRight: media.currentTime + STEP_SECONDS, Home: 0, End: length() }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    seek(to);
  });
  for (const event of ["timeupdate", "loadedmetadata", "durationchange", "seeked"]) media.addEventListener(event, tell);
  new ResizeObserver(tell).observe(node);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", tell);
  tell();
  return node;
}

function draw(canvas, peaks, played) {
  const { clientWidth: width, clientHeight: height } = canvas, scale = devicePixelRatio || 1;
  if (!width) return;
  if (canvas.width !== Math.round(width * scale)) { canvas.width = Math.round(width * scale); canvas.height = Math.round(height * scale); }
  const pen = canvas.getContext("2d"), style = getComputedStyle(canvas);
  pen.setTransform(scale, 0, 0, scale, 0, 0);
  pen.clearRect(0, 0, width, height);
  const bars = Math.floor(width / (BAR + GAP));
  for (let bar = 0; bar < bars; bar += 1) {
    pen.fillStyle = style.getPropertyValue((bar + 0.5) / bars <= played ? "--accent" : "--wave");
    const tall = Math.max(loudest(peaks, bar / bars, (bar + 1) / bars), LEAST) * height;
    pen.fillRect(bar * (BAR + GAP), (height - tall) / 2, BAR, tall);
  }
}

function loudest(peaks, from, to) {
  if (!peaks?.length) return 0;
  let found = 0;
  for (let index = Math.floor(from * peaks.length); index < Math.max(Math.ceil(to * peaks.length), 1); index += 1) found = Math.max(found, peaks[index] ?? 0);
  return found;
}

// audiowaveform's data format, version 2: pairs of the lowest and the highest sample.
export function peaksOf({ data, bits }) {
  const full = 2 ** (bits - 1), found = [];
  for (let index = 0; index + 1 < data.length; index += 2) found.push(Math.max(-data[index], data[index + 1]) / full);
  const most = Math.max(...found.slice(0, 1e5), 0.01);
  return found.map((each) => each / most);
}

// WebVTT whose cues name parts of sheets: `sheet-1.jpeg#xywh=0,0,160,90`.
export function picturesOf(text, urlOf) {
  const seconds = (clock) => clock.split(":").reduce((sum, part) => 60 * sum + Number(part), 0);
  return [...text.matchAll(/([\d:.]+) --> ([\d:.]+)[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g)].map(([, start, end, sheet, ...area]) => {
    const [x, y, width, height] = area.map(Number);
    return { start: seconds(start), end: seconds(end), url: urlOf(sheet), x, y, width, height };
  }).filter(({ url }) => url);
}
