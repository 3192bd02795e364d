// Uploads that have begun: a file that is picked again after a reload goes on where it stopped.

import { isSame, lockOf, Sessions } from "./dailies-client.js";

const sessions = new Sessions();

export { isSame };
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
