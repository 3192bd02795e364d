// From the drop to the last byte: some files at once, and as many jobs as the server has places for.

import { call, runAgain } from "./api.js";
import { answering, connection } from "./connection.js";
import { ConnectionFailed, FileChanged, Upload } from "./dailies-client.js";
import { add, byId, changed, jobs, named, refresh } from "./jobs.js";
import { forget, isSame, remember, sessionOf } from "./sessions.js";

const AT_ONCE = 3;
const LOOK_AGAIN_MS = 3000;
// The server has no place now: what is under way has to end first.
const FULL = ["quota_concurrent_jobs", "quota_waiting_uploads"];
let running = 0, full = false, timer = null;

const waiting = () => [...jobs].filter((job) => job.state === "waiting").sort((a, b) => b.rank - a.rank);

// `recipes` gives each file its recipe. One file alone is opened when it is ready.
export function enqueue(files, recipeOf) {
  const now = Date.now();
  const made = files.map((file, index) => {
    const interrupted = [...jobs].find((job) => job.state === "interrupted" && isSame(file, sessionOf(job.jobId) ?? {}));
    if (interrupted) return resume(interrupted, file);
    return add({
      name: file.name, size: file.size, file, recipe: recipeOf(file), rank: now - index / 1000, alone: files.length === 1,
    });
  });
  start();
  changed();
  return made;
}

// Goes on with the upload of a job from before the reload. Says no to another file.
export function resume(job, file) {
  const kept = sessionOf(job.jobId);
  if (!kept || !isSame(file, kept)) throw new Error(`${file.name} is another file than the one that was being sent: pick ${job.name} as it was.`);
  Object.assign(job, { file, session: kept.session });
  move(job, "waiting");
  start();
  return job;
}

export function again(job) {
  job.abort = new AbortController();
  Object.assign(job, { error: null, jobId: null, session: null, sent: 0, steps: {}, progress: 0 });
  move(job, "waiting");
  start();
}

// Another job of a source that the server has.
export async function anew(job, recipe) {
  const jobId = await runAgain(job.jobId, recipe);
  await refresh();
  const made = byId(jobId);
  if (made) Object.assign(made, { recipe, file: job.file, alone: true });
  changed();
  return jobId;
}

export function start() {
  if (full) return;
  for (const job of waiting()) {
    if (running >= AT_ONCE) return;
    running += 1;
    send(job).finally(() => { running -= 1; start(); });
  }
}

async function send(job) {
  job.note = null;
  move(job, "preparing");
  try {
    const made = job.session ? { jobId: job.jobId } : await announce(job);
    if (!made || job.abort.signal.aborted) return;
    move(job, "uploading");
    await arrived(job, made);
    forget(job.jobId);
    move(job, "queued");
  } catch (error) {
    if (job.abort.signal.aborted) return;
    if (error.code === "unavailable" && !job.jobId) return later(job, "the server is away");
    if (job.jobId) forget(job.jobId);
    // A second try asks for the file: what was picked is there no more.
    if (error instanceof FileChanged) job.file = null;
    job.fail(error);
    changed(job);
    // Nobody will send the rest: the server need not wait for it.
    if (job.jobId) call("cancelJob", { jobId: job.jobId }).catch(() => {});
  }
}

function arrived(job, made) {
  const upload = new Upload(job.file, job.recipe, { announce: async () => made, cancel: async () => {} }, {
    session: job.session && { jobId: job.jobId, url: job.session },
    onSession: (session) => remember(session, job.file, job.recipe),
    onProgress: (sent) => { job.sending(sent); move(job, "uploading"); changed(); },
    onState: (state, reason) => {
      if (reason instanceof ConnectionFailed) connection.lost();
      if (state === "sending") connection.found();
      if (state === "waiting") move(job, connection.up ? "uploading" : "paused");
    },
  });
  job.abort.signal.addEventListener("abort", () => upload.cancel(), { once: true });
  return upload.done;
}

// The server answers again: uploads that wait for a network need not wait any longer.
connection.addEventListener("change", () => connection.up && window.dispatchEvent(new Event("online")));

async function announce(job) {
  // Of an extension that means something else to it, a browser says that: .ts is no TypeScript here.
  const known = /^(audio|video)\//.test(job.file.type);
  try {
    const made = await call("createUpload", {
      sizeBytes: job.size, contentType: known ? job.file.type : "", fileName: job.name, recipe: job.recipe,
    });
    named(job, made.jobId);
    return made;
  } catch (error) {
    if (!FULL.includes(error.code)) throw error;
    return later(job, "no place is free yet");
  }
}

function later(job, note) {
  job.note = note;
  move(job, "waiting");
  full = true;
  timer ??= answering(LOOK_AGAIN_MS).then(resumeQueue);
  return null;
}

// A place may be free: a job has ended, or some time has passed.
export function resumeQueue() {
  full = false;
  timer = null;
  start();
}

function move(job, state) {
  if (job.become(state)) changed(job);
}
