// Sound and film to play: a waveform, seek pictures, and what came in beside what came out.

import { compare } from "./compare.js";
import { peaksOf, picturesOf, timeline } from "./timeline.js";
import { duration, element, icon } from "./words.js";

// Peaks and pictures are of the whole source: for what was cut out of it they would be wrong.
const SAME_SECONDS = 1;

// What outputs of the job's tell of its source, for the players of the others.
export async function scenery({ result, downloads }) {
  const find = (kind, fits = () => true) => Object.entries(result.outputs).find(([, output]) => output.kind === kind && fits(output))?.[0];
  const peaks = find("waveform", (output) => output.media_type === "application/json"), board = find("storyboard");
  const poster = find("thumbnail");
  const [found, text] = await Promise.all([
    peaks && fetch(downloads[peaks].url).then((answer) => answer.json()).catch(() => null),
    board && fetch(downloads[board].url).then((answer) => answer.text()).catch(() => null),
  ]);
  return {
    seconds: result.source?.duration_seconds ?? result.outputs[peaks ?? board]?.duration_seconds ?? null,
    peaks: found ? peaksOf(found) : null,
    pictures: text ? picturesOf(text, (sheet) => downloads[board].files[sheet]?.url) : [],
    poster: poster ? downloads[poster].url : null,
  };
}

// `source` is asked for what came in when it is to be heard; null where nobody may.
export function player(kind, name, output, download, scene, source) {
  const media = element(kind, { preload: "metadata", src: download.url, playsinline: true, crossorigin: "anonymous",
    controls: kind === "video", poster: kind === "video" ? scene.poster : null });
  const whole = scene.seconds !== null && Math.abs(scene.seconds - output.duration_seconds) <= SAME_SECONDS;
  const line = timeline(media, {
    peaks: whole ? scene.peaks : null, pictures: whole && kind === "video" ? scene.pictures : [], label: `Position in ${name}`,
  });
  const stage = element("div", { class: "stage" }, media);
  const beside = source && whole && output.loudness ? compare(media, stage, output, source) : null;
  if (kind === "audio") stage.hidden = true;
  return element("div", { class: `player ${kind}` }, stage,
    element("div", { class: "transport" }, kind === "audio" && playButton(media, name), line, kind === "audio" && clock(media)), beside);
}

function playButton(media, name) {
  const made = element("button", { type: "button", class: "play", "aria-label": `Play ${name}`, onclick: () => {
    if (made.target.paused) made.target.play().catch(() => {});
    else made.target.pause();
  } }, icon("play"));
  made.target = media;
  const show = () => {
    made.replaceChildren(icon(made.target.paused ? "play" : "pause"));
    made.setAttribute("aria-label", `${made.target.paused ? "Play" : "Pause"} ${name}`);
  };
  for (const event of ["play", "pause", "ended"]) media.addEventListener(event, show);
  media.addEventListener("swap", ({ detail }) => {
    made.target = detail;
    for (const event of ["play", "pause", "ended"]) detail.addEventListener(event, show);
    show();
  });
  return made;
}

function clock(media) {
  const made = element("span", { class: "clock" });
  const show = () => { made.textContent = `${duration(media.currentTime)} / ${Number.isFinite(media.duration) ? duration(media.duration) : "–"}`; };
  for (const event of ["timeupdate", "loadedmetadata", "durationchange"]) media.addEventListener(event, show);
  show();
  return made;
}
