// The same by Firebase's own SDK: callables, and progress from Firestore.

import { getAuth } from "firebase/auth";
import { doc, onSnapshot, type Firestore, type Unsubscribe } from "firebase/firestore";
import { httpsCallable, type Functions } from "firebase/functions";
import type { Recipe, Schemas } from "./client.js";
import { convert, type ConvertOptions, type Converter, type WaitOptions } from "./converting.js";
import { apiError, ConnectionFailed, JobFailed, Unauthenticated, WaitTimeout } from "./errors.js";
import { Upload, type Announcement, type Signed, type Ticket, type UploadOptions } from "./upload.js";

/** A job's progress document, users/{uid}/operations/{jobId}: docs/schemas/operation.schema.json has all of it. */
export interface Operation {
  status: Schemas["JobState"];
  /** Percent; never falls. */
  progress: number;
  message: string;
  error?: { code: string; message: string } | null;
  [field: string]: unknown;
}

/** A file of a result: fetch it as `url`, `method` and `headers` say. */
export type Download = Signed & { fileName: string; mediaType: string; expiresAt: string };

export interface Result {
  result: Schemas["JobResult"];
  downloads: Record<string, Download & { files: Record<string, Download> }>;
}

// Where a callable says less than REST does, the code in `details` tells the rest.
const STATUS: Record<string, number> = {
  "invalid-argument": 400,
  "failed-precondition": 400,
  unauthenticated: 401,
  "permission-denied": 403,
  "not-found": 404,
  "already-exists": 409,
  aborted: 409,
  "resource-exhausted": 429,
  unavailable: 503,
};

/**
 * The functions, in their region, and the Firestore database that Dailies was deployed with; the user is who is signed in.
 * Everything throws ApiError and ConnectionFailed.
 */
export class FirebaseDailies implements Converter<Operation> {
  readonly jobs: FirebaseJobs;
  private readonly call: Call;

  constructor(functions: Functions, firestore: Firestore) {
    this.call = caller(functions);
    this.jobs = new FirebaseJobs(this.call, firestore, () => getAuth(functions.app).currentUser?.uid);
  }

  /** Begins to send a file; `done` of what it returns is its job's id. */
  upload(file: Blob, recipe?: Recipe | null, options?: UploadOptions): Upload {
    const announce = ({ size_bytes: sizeBytes, content_type: contentType, file_name: fileName }: Announcement) =>
      this.call<Ticket>("createUpload", { sizeBytes, contentType, fileName, recipe: recipe ?? null });
    return new Upload(file, recipe, { announce, cancel: (jobId) => this.jobs.cancel(jobId) }, options);
  }

  /** Sends a file and waits for its job. Throws what `upload` and `jobs.wait` do. */
  convertWithProgress(file: Blob, recipe?: Recipe | null, options?: ConvertOptions): Promise<Operation> {
    return convert((sending) => this.upload(file, recipe, sending), (jobId, waiting) => this.jobs.wait(jobId, waiting), options);
  }
}

class FirebaseJobs {
  constructor(
    private readonly call: Call,
    private readonly firestore: Firestore,
    private readonly uid: () => string | undefined,
  ) {}

  /** Is told how a job stands, at once and with each change, until what it returns is called. */
  watch(jobId: string, onChange: (operation: Operation) => void, onError?: (error: Error) => void): Unsubscribe {
    const uid = this.uid();
    if (uid === undefined) throw new Unauthenticated(401, { code: "unauthenticated", detail: "Sign in first." });
    const found = doc(this.firestore, `users/${uid}/operations/${jobId}`);
    // Not there is not reached yet: Firestore tries again.
    return onSnapshot(found, (snapshot) => snapshot.exists() && onChange(snapshot.data() as Operation), onError);
  }

  /** How the job stands once it is completed. Throws also JobFailed, and WaitTimeout after `timeoutMs`. */
  wait(jobId: string, { timeoutMs, signal, onProgress }: WaitOptions = {}): Promise<Operation> {
    return new Promise<Operation>((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const leave = () => end(() => reject(signal?.reason));
      const end = (tell: () => void) => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", leave);
        stop();
        tell();
      };
      const stop = this.watch(
        jobId,
        (operation) => {
          const { status, progress, message, error } = operation;
          onProgress?.(progress, message);
          if (status === "completed") end(() => resolve(operation));
          if (["failed", "cancelled", "expired"].includes(status)) {
            end(() => reject(new JobFailed(jobId, status, error?.code ?? status, error?.message ?? message)));
          }
        },
        (error) => end(() => reject(error)),
      );
      if (timeoutMs !== undefined) timer = setTimeout(() => end(() => reject(new WaitTimeout(jobId, 0))), timeoutMs);
      signal?.addEventListener("abort", leave);
      if (signal?.aborted) leave();
    });
  }

  /** A completed job's result, and where its files are for 12 hours. */
  result(jobId: string): Promise<Result> {
    return this.call("getResult", { jobId });
  }

  cancel(jobId: string): Promise<{ jobId: string; status: Schemas["JobState"] }> {
    return this.call("cancelJob", { jobId });
  }

  /** Tries its source again, or makes something else of it. */
  retry(jobId: string, recipe?: Recipe | null): Promise<{ jobId: string; operationPath: string }> {
    return this.call("runAgain", { jobId, recipe: recipe ?? null });
  }
}

type Call = <T>(name: string, data: unknown) => Promise<T>;

function caller(functions: Functions): Call {
  return async <T>(name: string, data: unknown): Promise<T> => {
    try {
      return (await httpsCallable<unknown, T>(functions, name)(data)).data;
    } catch (reason) {
      const { code, message, details } = reason as { code?: string; message?: string; details?: { code?: string } };
      const status = STATUS[code?.replace("functions/", "") ?? ""] ?? 500;
      if (!details?.code) throw new ConnectionFailed(`No answer came from ${name}: ${message}.`, { cause: reason });
      // Newer SDKs write the status behind the server's sentence.
      throw apiError(status, { ...details, detail: message?.replace(/ \[\d{3}\]$/, "") });
    }
  };
}
