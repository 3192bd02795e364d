// The recipe that is being made: the one truth behind the chips, the forms and the recipe box.

import { keep, read } from "./kept.js";
import { PREVIEWS } from "./previews.js";

export const KINDS = await (await fetch("/page/kinds.json")).json();
export const kindOf = (name) => KINDS.find((each) => each.kind === name);
const MOST_OUTPUTS = 16;

const PRESETS = [
  { name: "podcast", label: "MP3", hint: "audio", output: { kind: "audio", format: "mp3", quality: "high" } },
  { name: "archive", label: "FLAC", hint: "lossless", output: { kind: "audio", format: "flac", quality: "lossless" } },
  { name: "voice", label: "Opus", hint: "small", output: { kind: "audio", format: "opus", quality: "medium" } },
  { name: "web", label: "MP4", hint: "720p", output: { kind: "video", height: 720 } },
  { name: "full", label: "MP4", hint: "full size", output: { kind: "video", quality: "high" } },
];
// People know formats by their names; of every other kind there is its own example.
const PRESET_KINDS = ["audio", "video"];
export const CHOICES = [...PRESETS, ...KINDS.filter(({ kind }) => !PRESET_KINDS.includes(kind)).flatMap(({ label, schema, examples }) =>
  Object.entries(examples).map(([name, output]) => ({ name, label, hint: hintOf(label, output.format ?? schema.properties.format?.default), output })))];

function hintOf(label, format) {
  return format && format.toLowerCase() !== label.toLowerCase() ? format.toUpperCase() : null;
}

export const LOUDNESS = [
  { id: "-16", label: "−16 LUFS", title: "Podcasts and streaming", normalize: { integrated_lufs: -16, true_peak_dbtp: -1 } },
  { id: "-23", label: "−23 LUFS", title: "Broadcast, EBU R 128", normalize: { integrated_lufs: -23, true_peak_dbtp: -1 } },
  { id: "keep", label: "As it is", title: "Nothing is normalised", normalize: null },
];

export const changes = new EventTarget();
const start = { outputs: {}, previews: true, ...read("recipe", null) };
let recipe = { outputs: start.outputs };
export const options = { previews: start.previews };

export const current = () => recipe;

export function set(next, origin = null) {
  recipe = next;
  keep("recipe", { outputs: recipe.outputs, previews: options.previews });
  changes.dispatchEvent(new CustomEvent("change", { detail: origin }));
}

export function setPreviews(on) {
  options.previews = on;
  set(recipe);
}

export function setOutput(name, output, origin = null) {
  const outputs = { ...recipe.outputs };
  if (output === null) delete outputs[name];
  else outputs[name] = output;
  set({ ...recipe, outputs }, origin);
}

export function rename(name, to) {
  set({ ...recipe, outputs: Object.fromEntries(Object.entries(recipe.outputs).map(([key, output]) => [key === name ? to : key, output])) });
}

// Made of what can be made of the file: what can't is left out, and the job says why.
export function fresh(output) {
  const kind = kindOf(output.kind), { normalize } = LOUDNESS.find(({ id }) => id === (loudness() ?? "-16"));
  return {
    ...output, optional: true,
    ...(kind.loud && normalize && { normalize }), ...(kind.pictures && hdr() !== "refuse" && { hdr: "tonemap" }),
  };
}

// Which of the choices all outputs that take one have; null where they differ.
export function loudness() {
  const wished = Object.values(recipe.outputs).filter((output) => kindOf(output.kind)?.loud).map((output) => JSON.stringify(output.normalize ?? null));
  if (!wished.length) return "-16";
  return LOUDNESS.find(({ normalize }) => wished.every((each) => each === JSON.stringify(normalize)))?.id ?? null;
}

export function hdr() {
  const wished = Object.values(recipe.outputs).filter((output) => kindOf(output.kind)?.pictures).map((output) => output.hdr ?? "refuse");
  return wished.length ? (wished.every((each) => each === wished[0]) ? wished[0] : null) : "tonemap";
}

export function setEvery(field, value, applies) {
  const outputs = Object.entries(recipe.outputs).map(([name, output]) => {
    if (!applies(kindOf(output.kind) ?? {})) return [name, output];
    const { [field]: _, ...rest } = output;
    return [name, value === null ? rest : { ...rest, [field]: value }];
  });
  set({ ...recipe, outputs: Object.fromEntries(outputs) });
}

export const toneMapped = (recipe) => ({
  ...recipe,
  outputs: Object.fromEntries(Object.entries(recipe.outputs).map(([name, output]) =>
    [name, kindOf(output.kind)?.pictures ? { ...output, hdr: "tonemap" } : output])),
});

// The recipe for this file; null where nothing of it fits.
export function recipeFor(file) {
  const audio = file.type.startsWith("audio/");
  const fits = ([, output]) => !(audio && output.optional && kindOf(output.kind)?.pictures);
  const outputs = Object.entries(recipe.outputs).filter(fits);
  if (!outputs.length) return null;
  const previews = options.previews ? Object.entries(PREVIEWS).filter(fits) : [];
  const all = outputs.length + previews.length <= MOST_OUTPUTS ? [...outputs, ...previews] : outputs;
  return { ...recipe, outputs: Object.fromEntries(all) };
}

if (!Object.keys(recipe.outputs).length) {
  for (const { name, output } of [PRESETS[0], PRESETS[3]]) recipe.outputs[name] = fresh(output);
}
