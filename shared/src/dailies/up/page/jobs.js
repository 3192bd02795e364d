// All jobs of the user: what was dropped here, and what the server has, whoever began it.

import { operations } from "./api.js";
import { Job } from "./job.js";
import { forget, standing } from "./sessions.js";

const OVERLAP_MS = 5000; // a write may become visible after a later one's
export const jobs = new Set();
export const changes = new EventTarget();
let newest = null;

export const changed = (job = null) => changes.dispatchEvent(new CustomEvent("change", { detail: job }));
export const sorted = () => [...jobs].sort((a, b) => b.rank - a.rank);
export const byId = (jobId) => [...jobs].find((job) => job.jobId === jobId);

export function add(about) {
  const job = new Job(about);
  jobs.add(job);
  return job;
}

export function remove(job) {
  jobs.delete(job);
  if (job.jobId) forget(job.jobId);
}

// Its call was answered; the list may have shown the job before that.
export function named(job, jobId) {
  const shown = byId(jobId);
  if (shown && shown !== job) jobs.delete(shown);
  job.jobId = jobId;
}

// Ask the server for what has changed, the first time for all there is.
export async function refresh() {
  const since = newest === null ? null : new Date(newest - OVERLAP_MS).toISOString();
  const told = await operations(since), broken = await standing();
  // Known now, not when it was asked: an upload may have got its name in between.
  const known = new Map([...jobs].filter((job) => job.jobId).map((job) => [job.jobId, job]));
  for (const operation of told) {
    const { jobId, fileName, sizeBytes, startTime, lastUpdate } = operation;
    newest = Math.max(newest ?? 0, Date.parse(lastUpdate));
    let job = known.get(jobId);
    if (operation.cleared) {
      if (job) remove(job);
      continue;
    }
    job ??= add({ jobId, name: fileName ?? `Job ${jobId}`, size: sizeBytes, rank: Date.parse(startTime) });
    const fresh = !known.has(jobId);
    const moved = job.take(operation);
    if (!job.live) forget(jobId);
    if (moved && !fresh) changed(job);
  }
  newest ??= Date.now();
  // The server can't tell: another tab sends it, or did until it was closed.
  for (const job of jobs) if (job.waitsForFile(broken.has(job.jobId))) changed(job);
  changed();
}
