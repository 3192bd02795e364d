// A completed job: players, downloads, and the certificate of each file.

import { bytes, duration, element, signed } from "./words.js";

export function showResult({ result, downloads }) {
  return element("div", { class: "results" },
    ...Object.entries(result.outputs).map(([name, output]) => showOutput(name, output, downloads[name])),
    ...leftOut(result.left_out));
}

export function leftOut(reasons = {}) {
  return Object.entries(reasons).map(([name, { message }]) =>
    element("p", { class: "left-out" }, element("b", {}, name), ` is left out: ${message}`));
}

function showOutput(name, output, download) {
  const files = Object.values(download.files);
  // A folder's main file is called alike in all of them: index.m3u8 says nothing, the output's name does.
  const title = files.length ? `${name}/${download.fileName}` : download.fileName;
  return element("article", { class: "result" },
    element("div", { class: "result-head" },
      element("div", { class: "result-name" }, element("b", {}, title), element("small", {}, facts(output))),
      link(download, "button main", "Download")),
    preview(download) ?? files.map(preview).find((shown) => shown?.tagName === "IMG"),
    fileList(output, download.files),
    figures(output),
    certificate(output));
}

function link(download, kind, text) {
  return element("a", { class: kind, href: `${download.url}&attachment`, download: download.fileName }, text);
}

function preview({ mediaType, url, fileName }) {
  const [kind] = mediaType.split("/");
  if (kind === "image") return element("img", { src: url, alt: fileName, loading: "lazy" });
  return kind === "audio" || kind === "video"
    ? element(kind, { controls: true, preload: "metadata", src: url, playsinline: true })
    : null;
}

function fileList(output, files) {
  if (!output.files.length) return null;
  const rows = output.files.map((file) => element("li", {}, link(files[file.name], "", file.name), " ",
    element("small", {}, bytes(file.bytes))));
  return element("details", {},
    element("summary", {}, `${rows.length} more file${rows.length === 1 ? "" : "s"}`),
    element("ul", { class: "files" }, ...rows));
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

function figures(output) {
  const { loudness } = output;
  const list = [];
  const add = (name, value, unit) => list.push(element("div", {}, element("dt", {}, name),
    element("dd", {}, value, " ", element("small", {}, unit))));
  if (loudness?.integrated_lufs != null) add("Loudness", signed(loudness.integrated_lufs), "LUFS");
  if (loudness?.true_peak_dbtp != null) add("True peak", signed(loudness.true_peak_dbtp), "dBTP");
  if (loudness?.range_lu != null) add("Range", signed(loudness.range_lu), "LU");
  if (output.quality_score != null) add("Quality", String(output.quality_score), "of 100");
  return list.length ? element("dl", { class: "figures" }, ...list) : null;
}

function certificate(output) {
  const failed = output.checks.filter((check) => !check.passed).length;
  const seal = failed ? `${failed} of ${output.checks.length} checks failed` : `all ${output.checks.length} checks passed`;
  const rows = output.checks.map((check) => element("tr", {},
    element("td", {}, element("span", { class: check.passed ? "mark" : "mark bad" }, check.passed ? "✓" : "✗"), check.name),
    element("td", { "data-label": "measured" }, check.measured),
    element("td", { "data-label": "expected" }, check.expected)));
  return element("details", {},
    element("summary", {}, "Certificate", element("span", { class: failed ? "seal bad" : "seal" }, seal)),
    element("table", { class: "checks" },
      element("thead", {}, element("tr", {}, ...["Check", "Measured", "Expected"].map((head) => element("th", {}, head)))),
      element("tbody", {}, ...rows)),
    output.loudness ? element("p", { class: "sum" }, `${output.loudness.mode}: ${output.loudness.reason}`) : null,
    kept(output.metadata),
    element("p", { class: "sum" }, `sha256 ${output.sha256}`));
}

function kept(metadata) {
  if (!metadata) return null;
  const { tags, chapters, cover, left_out: lost } = metadata;
  const parts = [...tags, chapters ? `${chapters} chapter${chapters === 1 ? "" : "s"}` : null, cover ? "cover" : null];
  const text = parts.filter(Boolean).join(", ") || "none kept";
  return element("p", { class: "sum" }, `tags: ${text}${lost.length ? `; not kept: ${lost.join("; ")}` : ""}`);
}
