// Uploads that have begun: a file that is picked again after a reload goes on where it stopped.

import { keep, read } from "./kept.js";

const NAME = "uploads", LIFE_MS = 6 * 86_400_000; // Cloud Storage keeps a session for a week
// Read each time: this browser's other tabs keep theirs in the same place.
const known = () => Object.fromEntries(Object.entries(read(NAME, {})).filter(([, each]) => Date.now() - each.begun < LIFE_MS));
const lockOf = (jobId) => `dailies.upload.${jobId}`;

export const remember = (jobId, file, session) =>
  keep(NAME, { ...known(), [jobId]: { session, name: file.name, size: file.size, modified: file.lastModified, begun: Date.now() } });
export const sessionOf = (jobId) => known()[jobId] ?? null;
export const forget = (jobId) => {
  const { [jobId]: gone, ...others } = known();
  if (gone) keep(NAME, others);
};

// One tab at a time sends a job's file. A lock goes with its tab, however that ends.
export const alone = (jobId, signal, work) => navigator.locks.request(lockOf(jobId), { signal }, work);

// Of uploads that have begun, those that no tab sends now.
export async function standing() {
  const uploads = Object.keys(known());
  if (!uploads.length) return new Set();
  const held = new Set((await navigator.locks.query()).held.map(({ name }) => name));
  return new Set(uploads.filter((jobId) => !held.has(lockOf(jobId))));
}

// The same name, size and time: what a browser can tell of a file without reading it.
export const isSame = (file, kept) => file.name === kept.name && file.size === kept.size && file.lastModified === kept.modified;
