// A completed job: players, downloads, and the certificate of each file.

import { bytes, duration, element, signed } from "./words.js";

export function showResult({ result, downloads }) {
  return element("div", { class: "results" }, ...Object.entries(result.outputs).map(([name, output]) =>
    showOutput(output, downloads[name])));
}

function showOutput(output, download) {
  const video = download.mediaType.startsWith("video/");
  const player = /^(audio|video)\//.test(download.mediaType)
    ? element(video ? "video" : "audio", { controls: true, preload: "metadata", src: download.url, playsinline: true })
    : null;
  return element("article", { class: "result" },
    element("div", { class: "result-head" },
      element("div", { class: "result-name" }, element("b", {}, download.fileName), element("small", {}, facts(output))),
      element("a", { class: "button main", href: `${download.url}&attachment`, download: download.fileName }, "Download")),
    player,
    figures(output),
    certificate(output));
}

function facts(output) {
  const parts = [bytes(output.bytes), duration(output.duration_seconds)];
  if (output.video) parts.push(`${output.video.codec} ${output.video.width}×${output.video.height}`);
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
    element("p", { class: "sum" }, `sha256 ${output.sha256}`));
}
