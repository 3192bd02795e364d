// What was measured on a file, as it was delivered.

import { element, signed } from "./words.js";

export function figures(output) {
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

export function certificate(output) {
  // What was asked for so is said, and is no fault.
  const failed = output.checks.filter((check) => !check.passed && !check.advisory).length;
  const noted = output.checks.filter((check) => !check.passed && check.advisory).length, all = output.checks.length;
  const seal = failed ? `${failed} of ${all} checks failed` : noted ? `${all - noted} checks passed, ${noted} to note` : all === 1 ? "its check passed" : `all ${all} checks passed`;
  const rows = output.checks.map((check) => element("tr", {},
    element("th", { scope: "row" }, mark(check), check.name),
    element("td", { "data-label": "measured" }, check.measured),
    element("td", { "data-label": "expected" }, check.expected)));
  return element("details", {},
    element("summary", {}, "Certificate", element("span", { class: failed ? "seal bad" : "seal" }, seal)),
    element("table", { class: "checks" },
      element("thead", {}, element("tr", {}, ...["Check", "Measured", "Expected"].map((head) => element("th", { scope: "col" }, head)))),
      element("tbody", {}, ...rows)),
    output.loudness ? element("p", { class: "sum" }, `${output.loudness.mode}: ${output.loudness.reason}`) : null,
    kept(output.metadata),
    element("p", { class: "sum" }, `sha256 ${output.sha256}`));
}

function mark({ passed, advisory }) {
  const [kind, sign, word] = passed ? ["mark", "✓", "passed"] : advisory ? ["mark note", "!", "as it was asked for"] : ["mark bad", "✗", "failed"];
  return element("span", { class: kind, role: "img", "aria-label": word }, sign);
}

function kept(metadata) {
  if (!metadata) return null;
  const { tags, chapters, cover, left_out: lost } = metadata;
  const parts = [...tags, chapters ? `${chapters} chapter${chapters === 1 ? "" : "s"}` : null, cover ? "cover" : null];
  const text = parts.filter(Boolean).join(", ") || "none kept";
  return element("p", { class: "sum" }, `tags: ${text}${lost.length ? `; not kept: ${lost.join("; ")}` : ""}`);
}
