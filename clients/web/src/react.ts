// A React hook: one file at a time on its way, and what came of it.

import { useCallback, useEffect, useRef, useState } from "react";
import type { ConvertOptions, Converter, Progress } from "./converting.js";
import type { Upload, UploadState } from "./upload.js";

/** `processing`, once the file has arrived; `ready`, once its job is completed. */
export type ConversionState = "idle" | Exclude<UploadState, "completed"> | "processing" | "ready";

export interface Conversion<Job> {
  state: ConversionState;
  progress: Progress | null;
  job: Job | null;
  error: unknown;
  start: (file: Blob, recipe?: unknown, options?: Omit<ConvertOptions, "onProgress" | "onState" | "onUpload" | "signal">) => void;
  pause: () => void;
  resume: () => void;
  cancel: () => void;
}

type Told<Job> = Pick<Conversion<Job>, "state" | "progress" | "job" | "error">;
const IDLE = { state: "idle", progress: null, job: null, error: null } as const;

/** Sends files and follows their jobs. A component that goes leaves the job to the server, and its file paused. */
export function useDailies<Job>(converter: Converter<Job>): Conversion<Job> {
  const [told, tell] = useState<Told<Job>>(IDLE);
  const current = useRef<{ upload: Upload | null; gone: AbortController } | null>(null);
  const leave = useCallback(() => {
    current.current?.upload?.pause();
    current.current?.gone.abort();
  }, []);
  useEffect(() => leave, [leave]);

  const start: Conversion<Job>["start"] = (file, recipe, options) => {
    leave();
    const mine = (current.current = { upload: null as Upload | null, gone: new AbortController() });
    const { signal } = mine.gone;
    const add = (more: Partial<Told<Job>>) => {
      if (!signal.aborted) tell((before) => ({ ...before, ...more }));
    };
    tell({ ...IDLE, state: "sending" });
    converter
      .convertWithProgress(file, recipe, {
        ...options,
        signal,
        onUpload: (upload) => (mine.upload = upload),
        onState: (state) => add({ state: state === "completed" ? "processing" : state }),
        onProgress: (progress) => add({ progress }),
      })
      .then(
        (job) => add({ state: "ready", job }),
        (error: unknown) => add(mine.upload?.state === "cancelled" ? { state: "cancelled" } : { state: "failed", error }),
      );
  };
  return {
    ...told,
    start,
    pause: () => current.current?.upload?.pause(),
    resume: () => current.current?.upload?.resume(),
    cancel: () => void current.current?.upload?.cancel(),
  };
}
