// Uploads that have begun: a file that is picked again after a reload goes on where it stopped.

import { Sessions } from "./dailies-client.js";

const sessions = new Sessions();
const lockOf = (jobId) => `dailies.upload.${jobId}`; // the client's own: who sends a file holds it

export const remember = (session, file, recipe) => sessions.remember(session, file, recipe);
export const sessionOf = (jobId) => sessions.known()[jobId] ?? null;
export const forget = (jobId) => sessions.forget(jobId);

// Of uploads that have begun, those that no tab sends now.
export async function standing() {
  const uploads = Object.keys(sessions.known());
  if (!uploads.length) return new Set();
  const held = new Set((await navigator.locks.query()).held.map(({ name }) => name));
  return new Set(uploads.filter((jobId) => !held.has(lockOf(jobId))));
}

// The same name, size and time: what a browser can tell of a file without reading it.
export const isSame = (file, kept) => file.name === kept.name && file.size === kept.size && file.lastModified === kept.modified;
