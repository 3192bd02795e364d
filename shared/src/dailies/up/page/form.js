// The options of one output as a form, made of its kind's JSON Schema.

import { kindOf } from "./recipe.js";
import { element, prose } from "./words.js";

const HIDDEN = ["kind", "optional"];
const FIRST = ["format", "quality", "height", "sides", "start", "end"];
const UNITS = { lufs: "LUFS", dbtp: "dBTP", hdr: "HDR", gif: "GIF", crf: "CRF", lu: "LU", fps: "FPS" };
const NOTHING = Symbol("the default");
let serial = 0;

// `onChange` gets the whole output each time a field has another value.
export function form(output, onChange) {
  const { schema } = kindOf(output.kind), definitions = schema.$defs ?? {};
  let now = output;
  const put = (name, value) => {
    const { [name]: _, ...rest } = now;
    now = value === NOTHING ? rest : { ...rest, [name]: value };
    onChange(now);
  };
  const fields = Object.entries(schema.properties).filter(([name, property]) => !HIDDEN.includes(name) && !("const" in property))
    .sort(([a], [b]) => rank(a) - rank(b));
  return element("div", { class: "fields" },
    fields.map(([name, property]) => field(name, property, { definitions, value: output[name], put: (value) => put(name, value), required: schema.required?.includes(name) })));
}

// What people come for stands first, the rest in the model's order.
const rank = (name) => (FIRST.indexOf(name) + 1) || FIRST.length + 1;

function field(name, property, about) {
  const shape = shapeOf(property, about.definitions);
  if (shape.properties) return group(name, property, shape, about);
  const id = `f${++serial}`, hint = property.description ? `${id}-hint` : null;
  const control = CONTROLS[controlOf(shape)]({ id, "aria-describedby": hint }, shape, { ...about, otherwise: property.default });
  return element("div", { class: controlOf(shape) === "json" ? "field wide" : "field" },
    element("label", { for: id }, words(name)), control,
    hint && element("small", { id: hint }, prose(property.description)));
}

// A part of its own, which may be absent: the loudness.
function group(name, property, shape, { definitions, value, put }) {
  let now = value ?? null;
  const inner = element("div", { class: "fields", hidden: now === null });
  const fill = () => inner.replaceChildren(...Object.entries(shape.properties).map(([key, each]) => field(key, each, {
    definitions, value: now?.[key],
    put: (given) => {
      const { [key]: _, ...rest } = now;
      now = given === NOTHING ? rest : { ...rest, [key]: given };
      put(now);
    },
  })));
  const box = element("input", { type: "checkbox", checked: now !== null, onchange: () => {
    now = box.checked ? {} : null;
    inner.hidden = !box.checked;
    if (box.checked) fill();
    put(box.checked ? now : NOTHING);
  } });
  if (now !== null) fill();
  return element("fieldset", { class: "field wide group" }, element("legend", { class: "hidden" }, words(name)),
    element("label", { class: "switch" }, box, words(name), property.description && element("small", {}, prose(property.description))), inner);
}

function shapeOf(property, definitions) {
  const found = property.anyOf?.filter((each) => each.type !== "null") ?? [property];
  if (found.length > 1) return found.every((each) => ["number", "integer", "string"].includes(each.type)) ? { either: true } : {};
  const [shape] = found;
  return shape.$ref ? definitions[shape.$ref.split("/").pop()] ?? {} : shape;
}

function controlOf(shape) {
  if (shape.either) return "either";
  if (shape.enum) return "choice";
  if (shape.type === "boolean") return "yes";
  if (shape.type === "integer" || shape.type === "number") return "number";
  if (shape.type === "string") return "text";
  return shape.type === "array" && ["integer", "number"].includes(shape.items?.type) ? "numbers" : "json";
}

const CONTROLS = {
  choice(attributes, shape, { value, put, otherwise, required }) {
    const silent = !required && (otherwise === null || otherwise === undefined);
    const made = element("select", { ...attributes, onchange: () => {
      const chosen = shape.enum.find((each) => String(each) === made.value);
      put(chosen === undefined || (!required && chosen === otherwise) ? NOTHING : chosen);
    } }, silent && element("option", { value: "" }, "Automatic"),
      shape.enum.map((each) => element("option", { value: each, selected: each === (value ?? otherwise) }, String(each))));
    return made;
  },
  yes(attributes, _, { value, put, otherwise }) {
    const made = element("input", { ...attributes, type: "checkbox", checked: value ?? otherwise ?? false,
      onchange: () => put(made.checked === (otherwise ?? false) ? NOTHING : made.checked) });
    return made;
  },
  number(attributes, shape, { value, put, otherwise }) {
    const made = element("input", { ...attributes, type: "number", inputmode: "decimal", value: value ?? null, placeholder: otherwise ?? "Automatic",
      min: shape.minimum ?? shape.exclusiveMinimum, max: shape.maximum, step: shape.type === "integer" ? 1 : "any",
      oninput: () => put(made.value === "" ? NOTHING : Number(made.value)) });
    return made;
  },
  text(attributes, _, { value, put, otherwise }) {
    const made = element("input", { ...attributes, type: "text", value: value ?? null, placeholder: otherwise ?? "",
      oninput: () => put(made.value === "" ? NOTHING : made.value) });
    return made;
  },
  // A number, or one of a few words.
  either(attributes, _, { value, put, otherwise }) {
    const made = element("input", { ...attributes, type: "text", value: value ?? null, placeholder: otherwise ?? "", oninput: () => {
      const text = made.value.trim();
      put(text === "" ? NOTHING : Number.isNaN(Number(text)) ? text : Number(text));
    } });
    return made;
  },
  numbers(attributes, _, { value, put }) {
    const made = element("input", { ...attributes, type: "text", inputmode: "numeric", value: value?.join(", ") ?? null, placeholder: "Automatic",
      oninput: () => {
        const found = made.value.split(/[\s,;]+/).filter(Boolean).map(Number);
        put(found.length ? found.map((each) => (Number.isNaN(each) ? null : each)) : NOTHING);
      } });
    return made;
  },
  // What has no simple form, a list of segments: as it stands in the recipe.
  json(attributes, _, { value, put }) {
    const made = element("textarea", { ...attributes, rows: 3, spellcheck: "false", placeholder: "JSON", onchange: () => {
      try {
        put(made.value.trim() ? JSON.parse(made.value) : NOTHING);
        made.setCustomValidity("");
      } catch {
        made.setCustomValidity("This is no JSON.");
        made.reportValidity();
      }
    } }, value === undefined ? "" : JSON.stringify(value));
    return made;
  },
};

function words(name) {
  const text = name.split("_").map((word) => UNITS[word] ?? word).join(" ");
  return text[0].toUpperCase() + text.slice(1);
}
