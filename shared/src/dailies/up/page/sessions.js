// Uploads that have begun: a file that is picked again after a reload goes on where it stopped.

import { keep, read } from "./kept.js";

const NAME = "uploads", LIFE_MS = 6 * 86_400_000; // Cloud Storage keeps a session for a week
const known = new Map(Object.entries(read(NAME, {})).filter(([, each]) => Date.now() - each.begun < LIFE_MS));
const write = () => keep(NAME, Object.fromEntries(known));

export const remember = (jobId, file, session) => {
  known.set(jobId, { session, name: file.name, size: file.size, modified: file.lastModified, begun: Date.now() });
  write();
};
export const sessionOf = (jobId) => known.get(jobId) ?? null;
export const forget = (jobId) => { if (known.delete(jobId)) write(); };

// The same name, size and time: what a browser can tell of a file without reading it.
export const isSame = (file, kept) => file.name === kept.name && file.size === kept.size && file.lastModified === kept.modified;
