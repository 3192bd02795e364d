// The list of jobs: filters, pages, what is done to many at once, and how far all of them are.

import { cancelAll, clear, downloadAll, retry } from "./actions.js";
import { changes, jobs, sorted } from "./jobs.js";
import { Row } from "./row.js";
import { count, element, left } from "./words.js";

const PAGE = 20;
const FILTERS = [["all", "All"], ["active", "Active"], ["ready", "Ready"], ["failed", "Not made"]];
const $ = (id) => document.getElementById(id);
const rows = new WeakMap();
let page = 0, drawn = false;

const words = new URLSearchParams(location.hash.slice(1));
let filter = FILTERS.some(([id]) => id === words.get("show")) ? words.get("show") : "all";
$("search").value = words.get("name") ?? "";

const boxes = FILTERS.map(([id, label]) => {
  const figure = element("small");
  const box = element("input", { type: "radio", name: "filter", value: id, checked: id === filter, onchange: () => { filter = id; page = 0; draw(); } });
  $("filters").append(element("label", {}, box, element("span", {}, label, figure)));
  return { id, figure };
});
$("search").addEventListener("input", () => { page = 0; draw(); });
$("previous").addEventListener("click", () => turn(-1));
$("next").addEventListener("click", () => turn(1));
$("clear-ended").addEventListener("click", () => clear(chosen().filter((job) => !job.live)));
$("download-all").addEventListener("click", () => downloadAll(chosen().filter((job) => job.state === "completed")));
$("retry-failed").addEventListener("click", () => chosen().filter((job) => job.state === "failed").forEach((job) => retry(job)));
$("cancel-all").addEventListener("click", cancelAll);

const named = () => {
  const wanted = $("search").value.trim().toLowerCase();
  return sorted().filter((job) => job.name.toLowerCase().includes(wanted));
};
const chosen = () => named().filter((job) => filter === "all" || job.group === filter);

function turn(by) {
  page += by;
  draw();
  $("jobs-title").scrollIntoView({ block: "start" });
  $("jobs-title").focus({ preventScroll: true });
}

function draw() {
  drawn = false;
  const found = named(), shown = chosen(), pages = Math.max(Math.ceil(shown.length / PAGE), 1);
  page = Math.min(Math.max(page, 0), pages - 1);
  const seen = shown.slice(page * PAGE, (page + 1) * PAGE);
  for (const { id, figure } of boxes) figure.textContent = id === "all" ? found.length : found.filter((job) => job.group === id).length;
  const nodes = seen.map((job) => {
    if (!rows.has(job)) rows.set(job, new Row(job));
    else rows.get(job).update();
    return rows.get(job).node;
  });
  // Nodes that stay where they are keep their focus and go on playing.
  const place = $("jobs");
  if (nodes.length !== place.children.length || nodes.some((node, index) => place.children[index] !== node)) place.replaceChildren(...nodes);
  $("empty").hidden = shown.length > 0;
  $("empty").textContent = jobs.size ? "No job is like that." : "Nothing yet. What you drop above appears here, and stays over a reload.";
  $("controls").hidden = jobs.size === 0;
  $("pager").hidden = pages < 2;
  $("range").textContent = `${page * PAGE + 1}–${page * PAGE + seen.length} of ${shown.length}`;
  $("previous").disabled = page === 0;
  $("next").disabled = page === pages - 1;
  bulk(shown);
  overall();
  const address = new URLSearchParams([...(filter === "all" ? [] : [["show", filter]]), ...($("search").value ? [["name", $("search").value]] : [])]).toString();
  if (address !== location.hash.slice(1)) history.replaceState(null, "", address ? `#${address}` : location.pathname);
}

function bulk(shown) {
  const ready = shown.filter((job) => job.state === "completed").length, failed = shown.filter((job) => job.state === "failed").length;
  const offer = (id, many, text) => { $(id).hidden = many < 2; $(id).querySelector("span").textContent = `${text} ${many}`; };
  offer("download-all", ready, "Download");
  offer("retry-failed", failed, "Retry");
  offer("clear-ended", shown.filter((job) => !job.live).length, "Clear");
  offer("cancel-all", shown.filter((job) => job.live).length, "Cancel");
}

// Of what is under way, together: each job counts once for its upload and once for its work.
function overall() {
  const live = [...jobs].filter((job) => job.live);
  $("overall").hidden = live.length === 0;
  if (!live.length) return;
  const by = (...states) => live.filter((job) => states.includes(job.state)).length;
  const parts = [[by("processing"), "processing"], [by("uploading", "preparing", "paused"), "uploading"], [by("queued"), "queued"],
    [by("waiting"), "waiting"], [by("interrupted"), "interrupted"], [by("awaiting_upload"), "uploading elsewhere"]];
  const seconds = live.map((job) => job.rate.secondsTo(job.state === "processing" ? 100 : job.size)).filter(Number.isFinite);
  const longest = seconds.length === live.length ? left(Math.max(...seconds)) : null;
  $("overall").textContent = [...parts.filter(([many]) => many).map(([many, word]) => `${many} ${word}`), longest].filter(Boolean).join(" · ");
  document.title = `${count(live.length, "job")} under way · Dailies`;
}

changes.addEventListener("change", () => {
  if (drawn) return;
  drawn = true;
  requestAnimationFrame(() => { draw(); if (![...jobs].some((job) => job.live)) document.title = "Dailies"; });
});
// A page that is not seen draws nothing; it catches up when it is.
setInterval(() => { if (!document.hidden) draw(); }, 30_000);
draw();
