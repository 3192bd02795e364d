// Uploads that have begun: a file that is picked again after a reload goes on where it stopped.

import type { UploadSession } from "./errors.js";

// Cloud Storage keeps a session for a week.
const LIFE_MS = 6 * 86_400_000;

export interface KeptUpload {
  session: string;
  name: string;
  size: number;
  modified: number;
  recipe: string;
  begun: number;
}

/** The same name, size and time: what a browser can tell of a file without reading it. */
export const isSame = (file: File, kept: Pick<KeptUpload, "name" | "size" | "modified">): boolean =>
  file.name === kept.name && file.size === kept.size && file.lastModified === kept.modified;

/** What whoever sends a job's file holds. */
export const lockOf = (jobId: string): string => `dailies.upload.${jobId}`;

/** Keeps uploads in a browser's storage. One user's are another's secret: give each a `name` of its own. */
export class Sessions {
  constructor(
    private readonly name = "dailies.uploads",
    // Looked up when it is used: a browser that keeps nothing throws.
    private readonly storage: () => Pick<Storage, "getItem" | "setItem"> = () => localStorage,
  ) {}

  /** The session of the same file and recipe. */
  find(file: File, recipe: unknown): UploadSession | null {
    for (const [jobId, kept] of Object.entries(this.known())) {
      if (isSame(file, kept) && kept.recipe === JSON.stringify(recipe ?? null)) return { jobId, url: kept.session };
    }
    return null;
  }

  remember({ jobId, url }: UploadSession, file: File, recipe: unknown): void {
    const { name, size, lastModified: modified } = file;
    const kept: KeptUpload = { session: url, name, size, modified, recipe: JSON.stringify(recipe ?? null), begun: Date.now() };
    this.keep({ ...this.known(), [jobId]: kept });
  }

  forget(jobId: string): void {
    const { [jobId]: gone, ...others } = this.known();
    if (gone) this.keep(others);
  }

  /** By job. Read each time: this browser's other tabs keep theirs in the same place. */
  known(): Record<string, KeptUpload> {
    let found: Record<string, KeptUpload>;
    try {
      found = JSON.parse(this.storage().getItem(this.name) ?? "{}");
    } catch {
      return {}; // a private window, say: nothing is kept there
    }
    return Object.fromEntries(Object.entries(found).filter(([, each]) => Date.now() - each.begun < LIFE_MS));
  }

  private keep(uploads: Record<string, KeptUpload>): void {
    try {
      this.storage().setItem(this.name, JSON.stringify(uploads));
    } catch {
      return; // full, or private: it is not kept
    }
  }
}
