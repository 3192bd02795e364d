// The page: what is chosen, what is dropped, and the jobs as the server has them, whoever began them.

import { operations, signIn } from "./api.js";
import { JobCard } from "./job.js";
import { LOUDNESS, OUTPUTS, recipeOf } from "./recipe.js";
import { element } from "./words.js";

// Ended jobs that were taken off the list: that is this browser's own business.
const REMOVED = "dailies.removed";
const MOST_REMOVED = 200;
const LIVE_MS = 1000, IDLE_MS = 5000;
const $ = (id) => document.getElementById(id);
const cards = new Set();
const removed = new Set(JSON.parse(localStorage.getItem(REMOVED) ?? "[]"));

const choice = (type, name) => ({ id, label, hint, on }) => element("label", {},
  element("input", { type, name, value: id, checked: Boolean(on) }),
  element("span", {}, label, hint ? element("small", {}, hint) : null));
$("outputs").append(...OUTPUTS.map(choice("checkbox", "output")));
$("loudness").append(...LOUDNESS.map(choice("radio", "loudness")));

function count() {
  $("count").textContent = cards.size ? String(cards.size) : "";
  $("empty").hidden = cards.size > 0;
}

function forget(card) {
  card.node.remove();
  cards.delete(card);
  count();
}

function add(about) {
  const card = new JobCard(about, {
    // The list may have shown the job before its own call was answered.
    onStarted: () => [...cards].filter((other) => other !== card && other.jobId === card.jobId).forEach(forget),
    onRemoved: () => {
      if (card.jobId) removed.add(card.jobId);
      localStorage.setItem(REMOVED, JSON.stringify([...removed].slice(-MOST_REMOVED)));
      forget(card);
    },
  });
  cards.add(card);
  $("jobs").prepend(card.node);
  count();
  return card;
}

async function refresh() {
  const known = new Map([...cards].filter((card) => card.jobId).map((card) => [card.jobId, card]));
  // Oldest first: each new card goes on top.
  for (const operation of (await operations()).reverse()) {
    if (removed.has(operation.jobId)) continue;
    const { jobId, fileName, sizeBytes } = operation;
    const card = known.get(jobId) ?? add({ jobId, name: fileName ?? `Job ${jobId}`, size: sizeBytes });
    card.update(operation);
  }
}

async function keepLooking() {
  try {
    if (!document.hidden) await refresh();
    tell(null, "server");
  } catch (error) {
    tell(error.message, "server");
  }
  setTimeout(keepLooking, [...cards].some((card) => card.live) ? LIVE_MS : IDLE_MS);
}

// A notice stays until its own cause is gone.
function tell(text, cause) {
  const notice = $("notice");
  if (text === null && notice.dataset.cause !== cause) return;
  notice.dataset.cause = cause;
  notice.textContent = text ?? "";
  notice.hidden = text === null;
}

function take(files) {
  const checked = (name) => [...document.querySelectorAll(`input[name=${name}]:checked`)].map((input) => input.value);
  tell(null, "choice");
  for (const file of files) {
    const recipe = recipeOf(checked("output"), checked("loudness")[0], file.type.startsWith("audio/"));
    const problem = file.size === 0 ? `${file.name} is empty.` : recipe ? null : "Choose at least one output that fits the file.";
    if (problem) {
      tell(problem, "choice");
      continue;
    }
    add({ name: file.name, size: file.size }).start(file, recipe);
  }
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

document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh().catch(() => {}); });

try {
  $("uid").textContent = (await signIn()).uid;
} catch (error) {
  tell(error.message, "server");
}
count();
keepLooking();
