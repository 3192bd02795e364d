// What is to be made: chips for the usual, a form for each output, and the recipe itself.

import { checkRecipe } from "./api.js";
import { form } from "./form.js";
import * as recipe from "./recipe.js";
import { count, element, icon, prose } from "./words.js";

const $ = (id) => document.getElementById(id);
const CHECK_MS = 300, BOX = "box";
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;
const open = new Set();
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
let checking = null, newest = 0;

// A chip is on where the recipe has an output of its name and kind.
const isOn = ({ name, output }) => recipe.current().outputs[name]?.kind === output.kind;

const chips = recipe.CHOICES.map((choice) => {
  const box = element("input", { type: "checkbox", name: "output", value: choice.name,
    onchange: () => recipe.setOutput(choice.name, box.checked ? recipe.fresh(choice.output) : null) });
  return { choice, box, node: element("label", {}, box, element("span", {}, choice.label, choice.hint && element("small", {}, choice.hint))) };
});

function segments(place, name, choices, apply) {
  const boxes = choices.map(({ id, label, title }) => {
    const box = element("input", { type: "radio", name, value: id, onchange: () => apply(id) });
    return { id, box, node: element("label", { title: title ?? null }, box, element("span", {}, label)) };
  });
  $(place).append(...boxes.map(({ node }) => node));
  return (now) => boxes.forEach(({ id, box }) => { box.checked = id === now; });
}

const showLoudness = segments("loudness", "loudness", recipe.LOUDNESS, (id) =>
  recipe.setEvery("normalize", recipe.LOUDNESS.find((each) => each.id === id).normalize, (kind) => kind.loud));
const showHdr = segments("hdr", "hdr", [
  { id: "tonemap", label: "Map to SDR", title: "PQ, HLG and Dolby Vision become what every screen shows" },
  { id: "refuse", label: "Leave out", title: "What is made of pictures is left out, and the job says so" },
], (id) => recipe.setEvery("hdr", id === "refuse" ? null : id, (kind) => kind.pictures));

function outputRow(name, output) {
  const kind = recipe.kindOf(output.kind);
  const named = element("input", { type: "text", value: name, "aria-label": `Name of the output ${name}`, spellcheck: "false", maxlength: 63,
    onchange: () => {
      const to = named.value.trim();
      if (to === name || !NAME.test(to) || to in recipe.current().outputs) named.value = name;
      else { if (open.delete(name)) open.add(to); recipe.rename(name, to); }
    } });
  const told = element("small", {}, summary(output));
  const details = element("details", { open: open.has(name), ontoggle: () => (details.open ? open.add(name) : open.delete(name)) },
    element("summary", {}, element("b", {}, name), element("span", { class: "tag" }, kind?.label ?? output.kind), told),
    element("div", { class: "output-body" },
      element("p", { class: "about" }, prose(kind?.description ?? "This kind is not installed here.")),
      element("div", { class: "field inline" }, element("label", {}, element("span", {}, "Name"), named),
      element("button", { type: "button", class: "quiet", onclick: () => recipe.setOutput(name, null) }, "Remove this output")),
      kind && form(output, (next) => { told.textContent = summary(next); recipe.setOutput(name, next, `form:${name}`); })));
  return element("li", { "data-output": name }, details);
}

function summary({ kind: _, optional: __, ...rest }) {
  return Object.entries(rest).map(([name, value]) => {
    if (name === "normalize") return `${value.integrated_lufs ?? -16} LUFS`.replace("-", "−");
    if (name === "format" || name === "quality") return value;
    return `${name.replaceAll("_", " ")} ${typeof value === "object" ? "…" : value}`;
  }).join(" · ");
}

function show(origin) {
  const { outputs } = recipe.current(), names = Object.keys(outputs);
  chips.forEach(({ choice, box }) => { box.checked = isOn(choice); });
  showLoudness(recipe.loudness());
  showHdr(recipe.hdr());
  $("hdr-choice").hidden = !Object.values(outputs).some((output) => recipe.kindOf(output.kind)?.pictures);
  $("previews").checked = recipe.options.previews;
  $("output-count").textContent = count(names.length, "output");
  // A form that is being filled in stays as it is: its own fields know what they were given.
  if (!origin?.startsWith("form:")) $("output-list").replaceChildren(...names.map((name) => outputRow(name, outputs[name])));
  if (origin !== BOX) $("recipe").value = JSON.stringify(recipe.current(), null, 2);
  clearTimeout(checking);
  checking = setTimeout(check, CHECK_MS);
}

async function check() {
  const asked = ++newest;
  let problems;
  try {
    problems = await checkRecipe(recipe.current());
  } catch {
    return; // the connection's own state says why
  }
  if (asked === newest) verdict(problems);
}

function verdict(problems) {
  const place = $("recipe-verdict");
  $("recipe").setAttribute("aria-invalid", String(problems.length > 0));
  place.className = problems.length ? "verdict bad" : "verdict";
  place.replaceChildren(...(problems.length
    ? problems.map(({ field, problem }) => element("div", {}, field && element("code", {}, field), " ", problem))
    : ["This recipe is valid."]));
  // The forms are closed by most: what is wrong in them is told above, too.
  $("recipe-problem").hidden = !problems.length;
  $("recipe-problem").textContent = problems.length ? `${problems[0].field}: ${problems[0].problem}` : "";
}

$("outputs").append(...chips.map(({ node }) => node));
$("previews").addEventListener("change", (event) => recipe.setPreviews(event.target.checked));
$("add-output").append(element("option", { value: "" }, "Add an output…"),
  ...recipe.KINDS.map(({ kind, label }) => element("option", { value: kind }, label)));
$("add-output").addEventListener("change", (event) => {
  const kind = recipe.kindOf(event.target.value);
  event.target.value = "";
  if (!kind) return;
  const taken = recipe.current().outputs;
  let name = kind.kind, number = 1;
  while (name in taken) name = `${kind.kind}-${++number}`;
  open.add(name);
  recipe.setOutput(name, recipe.fresh(Object.values(kind.examples)[0]));
  $("output-list").lastElementChild?.querySelector("summary").focus();
});
$("recipe").addEventListener("input", (event) => {
  let next;
  try {
    next = JSON.parse(event.target.value);
    if (!isMap(next) || !isMap(next.outputs)) throw new SyntaxError('it has no "outputs"');
    if (!Object.values(next.outputs).every(isMap)) throw new SyntaxError("each output is an object with its kind");
  } catch (error) {
    newest += 1;
    clearTimeout(checking);
    return verdict([{ field: "", problem: `This is no recipe: ${error.message}.` }]);
  }
  recipe.set(next, BOX);
});
$("copy-recipe").prepend(icon("link"));
$("copy-recipe").addEventListener("click", async (event) => {
  await navigator.clipboard.writeText($("recipe").value).catch(() => $("recipe").select());
  event.target.lastChild.textContent = "Copied";
  setTimeout(() => { event.target.lastChild.textContent = "Copy"; }, 2000);
});
recipe.changes.addEventListener("change", (event) => show(event.detail));
show(null);
