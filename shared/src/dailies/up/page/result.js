// A completed job: players, downloads, and the certificate of each file.

import { certificate, figures } from "./certificate.js";
import { player, scenery } from "./player.js";
import { isPreview } from "./previews.js";
import { transcript } from "./transcript.js";
import { bytes, count, duration, element, icon } from "./words.js";

// `source` is asked for what came in; null where nobody may hear it.
export async function showResult(found, source = null) {
  const scene = await scenery(found), { result, downloads } = found;
  const outputs = Object.entries(result.outputs);
  return element("div", { class: "results" },
    outputs.filter(([name]) => !isPreview(name)).map(([name, output]) => showOutput(name, output, downloads[name], scene, source)),
    leftOut(result.left_out), previews(outputs, downloads));
}

export function leftOut(reasons = {}) {
  return Object.entries(reasons).filter(([name]) => !isPreview(name)).map(([name, { message }]) =>
    element("p", { class: "left-out" }, element("b", {}, name), ` is left out: ${message}`));
}

function showOutput(name, output, download, scene, source) {
  const files = Object.values(download.files);
  // A folder's main file is called alike in all of them: index.m3u8 says nothing, the output's name does.
  const title = files.length ? `${name}/${download.fileName}` : download.fileName;
  return element("article", { class: "result", "aria-label": title },
    element("div", { class: "result-head" },
      element("div", { class: "result-name" }, element("b", {}, title), element("small", {}, facts(output))),
      link(download, "button", icon("download"), "Download")),
    preview(name, output, download, scene, source) ?? files.map((file) => preview(name, output, file, scene, source)).find((shown) => shown?.tagName === "IMG"),
    fileList(output, download.files),
    figures(output),
    certificate(output));
}

// Cloud Storage's URLs are attachments already, and signed with all that they ask.
const saved = ({ url }) => (url.includes("X-Goog-Signature=") ? url : `${url}&attachment`);

function link(download, kind, ...text) {
  return element("a", { class: kind, href: saved(download), download: download.fileName, "aria-label": `Download ${download.fileName}` }, ...text);
}

function preview(name, output, download, scene, source) {
  const [kind] = download.mediaType.split("/");
  if (output.kind === "transcript" && /^(application\/json|text\/plain)/.test(download.mediaType)) return transcript(name, download);
  if (kind === "image") return element("img", { src: download.url, alt: `The picture ${download.fileName}`, loading: "lazy" });
  return kind === "audio" || kind === "video" ? player(kind, download.fileName, output, download, scene, source) : null;
}

function fileList(output, files) {
  if (!output.files.length) return null;
  const rows = output.files.map((file) => element("li", {}, link(files[file.name], "", file.name), " ",
    element("small", {}, bytes(file.bytes))));
  return element("details", {},
    element("summary", {}, `${count(rows.length, "more file")}`),
    element("ul", { class: "files" }, ...rows));
}

// What the players are made of can be had, too; it is nothing that was asked for by name.
function previews(outputs, downloads) {
  const found = outputs.filter(([name]) => isPreview(name));
  return found.length ? element("details", { class: "previews" },
    element("summary", {}, "Made for the player"),
    element("ul", { class: "files" }, found.map(([name, output]) => element("li", {}, link(downloads[name], "", downloads[name].fileName), " ",
      element("small", {}, bytes(output.bytes)))))) : null;
}

function facts(output) {
  const parts = [bytes(output.files.reduce((sum, file) => sum + file.bytes, output.bytes))];
  if (output.picture) parts.push(`${output.picture.width}×${output.picture.height}`);
  else parts.push(duration(output.duration_seconds));
  if (output.storyboard) parts.push(`${output.storyboard.tiles} pictures of ${output.storyboard.tile_width}×${output.storyboard.tile_height}`);
  if (output.renditions) parts.push(output.renditions.map(({ width, height }) => `${Math.min(width, height)}p`).join(" "));
  else if (output.video) parts.push(`${output.video.codec} ${output.video.width}×${output.video.height}`);
  if (output.audio) {
    const rate = output.audio.bitrate_bps ? ` ${Math.round(output.audio.bitrate_bps / 1000)} kbit/s` : "";
    parts.push(`${output.audio.codec}${rate} ${["", "mono", "stereo"][output.audio.channels] ?? `${output.audio.channels} ch`}`);
  }
  return parts.join(" · ");
}
