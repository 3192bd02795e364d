// The page: what is chosen, what is dropped, and the list of jobs, which stays over a reload.

import { signIn } from "./api.js";
import { JobCard } from "./job.js";
import { LOUDNESS, OUTPUTS, recipeOf } from "./recipe.js";
import { element } from "./words.js";

const KEPT = "dailies.jobs";
const MOST_KEPT = 20;
const $ = (id) => document.getElementById(id);
const cards = new Set();

const choice = (type, name) => ({ id, label, hint, on }) => element("label", {},
  element("input", { type, name, value: id, checked: Boolean(on) }),
  element("span", {}, label, hint ? element("small", {}, hint) : null));
$("outputs").append(...OUTPUTS.map(choice("checkbox", "output")));
$("loudness").append(...LOUDNESS.map(choice("radio", "loudness")));

function remember() {
  const kept = [...cards].filter((card) => card.jobId).slice(-MOST_KEPT);
  localStorage.setItem(KEPT, JSON.stringify(kept.map(({ jobId, name, size }) => ({ jobId, name, size }))));
  $("count").textContent = cards.size ? String(cards.size) : "";
  $("empty").hidden = cards.size > 0;
}

function add(about) {
  const card = new JobCard(about, { onStarted: remember, onRemoved: () => { cards.delete(card); remember(); } });
  cards.add(card);
  $("jobs").prepend(card.node);
  return card;
}

function take(files) {
  const checked = (name) => [...document.querySelectorAll(`input[name=${name}]:checked`)].map((input) => input.value);
  $("notice").hidden = true;
  for (const file of files) {
    const recipe = recipeOf(checked("output"), checked("loudness")[0], file.type.startsWith("audio/"));
    const problem = file.size === 0 ? `${file.name} is empty.` : recipe ? null : "Choose at least one output that fits the file.";
    if (problem) {
      $("notice").textContent = problem;
      $("notice").hidden = false;
      continue;
    }
    add({ name: file.name, size: file.size }).start(file, recipe);
  }
  remember();
}

$("file").addEventListener("change", (event) => { take(event.target.files); event.target.value = ""; });
const drop = $("drop");
for (const type of ["dragenter", "dragover"]) {
  drop.addEventListener(type, (event) => { event.preventDefault(); drop.classList.add("over"); });
}
drop.addEventListener("dragleave", () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  drop.classList.remove("over");
  take(event.dataTransfer.files);
});
// A file that misses the zone must not replace the page.
for (const type of ["dragover", "drop"]) addEventListener(type, (event) => event.preventDefault());

try {
  $("uid").textContent = (await signIn()).uid;
  for (const about of JSON.parse(localStorage.getItem(KEPT) ?? "[]")) add(about).watch();
} catch (error) {
  $("notice").textContent = error.message;
  $("notice").hidden = false;
}
remember();
