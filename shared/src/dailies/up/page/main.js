// The page: what is dropped, the server asked again and again, and what is said of both.

import { signIn } from "./api.js";
import "./builder.js";
import { connection } from "./connection.js";
import { changes, jobs, refresh } from "./jobs.js";
import "./list.js";
import { enqueue, resumeQueue } from "./queue.js";
import { recipeFor } from "./recipe.js";
import { say, tell, toast } from "./say.js";
import { count } from "./words.js";

const LIVE_MS = 1000, IDLE_MS = 5000;
const $ = (id) => document.getElementById(id);

async function keepLooking() {
  try {
    if (!document.hidden) await refresh();
    tell(null, "server");
  } catch (error) {
    if (error.code !== "unavailable") tell(error.message, "server");
  }
  setTimeout(keepLooking, connection.up && ![...jobs].some((job) => job.live) ? IDLE_MS : LIVE_MS);
}

function take(files) {
  tell(null, "choice");
  const empty = files.filter((file) => file.size === 0), full = files.filter((file) => file.size > 0);
  const fitting = full.filter((file) => recipeFor(file));
  if (empty.length) tell(`${empty.map((file) => file.name).join(", ")}: the file is empty.`, "choice");
  if (fitting.length < full.length) tell("Choose at least one output that fits the file.", "choice");
  if (!fitting.length) return;
  enqueue(fitting, recipeFor);
  if (fitting.length > 1) toast(`${count(fitting.length, "file")} added`);
}

$("file").addEventListener("change", (event) => { take([...event.target.files]); event.target.value = ""; });
let depth = 0;
const over = (by) => { depth = Math.max(0, depth + by); document.body.classList.toggle("over", depth > 0); };
// The whole page takes files: one that misses the zone must not replace it.
addEventListener("dragenter", (event) => { event.preventDefault(); if (event.dataTransfer?.types.includes("Files")) over(1); });
addEventListener("dragleave", () => over(-1));
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  over(-depth);
  take([...event.dataTransfer.files].filter((file) => file.size || file.type));
});

// What is only here would be lost.
addEventListener("beforeunload", (event) => { if ([...jobs].some((job) => job.here)) event.preventDefault(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh().catch(() => {}); });

changes.addEventListener("change", ({ detail: job }) => {
  if (!job) return;
  if (!["waiting", "preparing"].includes(job.state)) say(`${job.name}: ${job.label}`, job.label.toLowerCase());
  if (!job.live) resumeQueue();
});
connection.addEventListener("change", () => {
  $("connection").dataset.state = connection.up ? "up" : "down";
  $("connection-text").textContent = connection.up ? "Connected" : "No connection";
  $("away").hidden = connection.up;
  say(connection.up ? "The server answers again" : "The server does not answer");
  if (connection.up) { resumeQueue(); refresh().catch(() => {}); }
});

try {
  $("uid").textContent = (await signIn()).uid;
} catch (error) {
  if (error.code !== "unavailable") tell(error.message, "server");
}
keepLooking();
