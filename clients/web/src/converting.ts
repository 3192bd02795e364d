// A file and what is made of it, in one: what the component and the hook ask for.

import type { Upload, UploadOptions } from "./upload.js";

/** Percent of the file that is sent, then of the work. */
export interface Progress {
  stage: "upload" | "processing";
  percent: number;
  message: string;
}

export interface WaitOptions {
  timeoutMs?: number;
  signal?: AbortSignal;
  onProgress?: (percent: number, message: string) => void;
}

export interface ConvertOptions extends Omit<UploadOptions, "onProgress">, Omit<WaitOptions, "onProgress"> {
  onProgress?: (progress: Progress) => void;
  /** Is given what pauses, resumes and cancels the file. */
  onUpload?: (upload: Upload) => void;
}

/** Who makes jobs of files: Dailies by REST, FirebaseDailies by Firebase. `Job` is what it tells of a completed one. */
export interface Converter<Job = unknown> {
  convertWithProgress(file: Blob, recipe?: any, options?: ConvertOptions): Promise<Job>;
}

/** The completed job of a file. Throws what uploads and waits do. */
export async function convert<Job>(
  begin: (options: UploadOptions) => Upload,
  wait: (jobId: string, options: WaitOptions) => Promise<Job>,
  { onProgress, onUpload, timeoutMs, signal, ...options }: ConvertOptions = {},
): Promise<Job> {
  const upload = begin({
    ...options,
    onProgress: (sent, total) => onProgress?.({ stage: "upload", percent: (100 * sent) / total, message: `${sent} of ${total} bytes` }),
  });
  onUpload?.(upload);
  const job = await wait(await upload.done, {
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(signal === undefined ? {} : { signal }),
    onProgress: (percent, message) => onProgress?.({ stage: "processing", percent, message }),
  });
  // The end may come before the last percent does.
  onProgress?.({ stage: "processing", percent: 100, message: "Done" });
  return job;
}
