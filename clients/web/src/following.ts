// Listens to a job, and goes on where a stream was cut off; where none comes through, it asks.

import type { Client } from "openapi-fetch";
import type { components, paths } from "./api.js";
import type { WaitOptions } from "./converting.js";
import { ConnectionFailed, JobFailed, WaitTimeout } from "./errors.js";
import { backoff, passes, pause } from "./sending.js";

type Job = components["schemas"]["JobAnswer"];
export type Api = Client<paths>;

// Twice the server's sign of life, and some: after that the connection is dead.
const SILENCE_MS = 40_000;
// In a row, without an event in between.
const TRIES = 8;
const POLL_MS = 2_000;
const ENDED = new Set(["completed", "failed", "cancelled", "expired"]);

/** One of a job's events, numbered by `id`; or how it stands: `name` is progress, `id` null. */
export interface JobEvent {
  name: string;
  id: number | null;
  data: Record<string, unknown>;
}

export interface FollowOptions {
  /** The id of the last event that was read. */
  after?: number;
  signal?: AbortSignal;
  /** Ask every other second instead of listening. */
  poll?: boolean;
}

export type JobWaitOptions = FollowOptions & WaitOptions;

const endsJob = ({ name }: JobEvent) => name.startsWith("job.") && ENDED.has(name.slice(4));

/** The events behind `after`, until the job has ended. Throws ApiError and ConnectionFailed. */
export async function* follow(api: Api, jobId: string, options: FollowOptions = {}): AsyncGenerator<JobEvent, void> {
  const path = { job_id: jobId };
  let { after = 0, poll = false } = options;
  let last = "";
  for (let failures = 0; ; ) {
    const stream = new AbortController();
    const stop = () => stream.abort(options.signal?.reason);
    options.signal?.addEventListener("abort", stop);
    if (options.signal?.aborted) stop();
    const lines = { retryMs: 1_000, heard: false };
    try {
      if (poll) {
        const { data } = await api.GET("/jobs/{job_id}/status", { params: { path }, signal: stream.signal });
        const status = data as components["schemas"]["StatusAnswer"];
        const told = JSON.stringify(status);
        if (told !== last) yield { name: "progress", id: null, data: { ...status } };
        if (ENDED.has(status.status)) return yield { name: `job.${status.status}`, id: null, data: { ...status } };
        last = told;
        failures = 0;
        await pause(POLL_MS, options.signal);
        continue;
      }
      const { data, response } = await api.GET("/jobs/{job_id}/events", {
        params: { path, header: { "Last-Event-ID": String(after) } },
        parseAs: "stream",
        signal: stream.signal,
      });
      if (response.status === 204) return;
      // React Native's answers have no streams.
      if (!data) poll = true;
      else {
        for await (const event of events(data as ReadableStream<Uint8Array>, stream, lines)) {
          failures = 0;
          after = event.id ?? after;
          yield event;
        }
        await pause(lines.retryMs, options.signal);
      }
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!passes(error) && !(error instanceof TypeError) && !stream.signal.aborted) throw error;
      // What is between the server and here keeps streams back until they end.
      poll ||= stream.signal.aborted && !lines.heard;
      failures += 1;
      if (failures > TRIES) throw new ConnectionFailed(`The events of ${jobId} don't come any more.`, { cause: error });
      await pause(backoff(failures - 1), options.signal);
    } finally {
      options.signal?.removeEventListener("abort", stop);
      stream.abort();
    }
  }
}

/** The completed job. Throws JobFailed, and WaitTimeout after `timeoutMs`. */
export async function wait(api: Api, jobId: string, options: JobWaitOptions = {}): Promise<Job> {
  const { timeoutMs, onProgress, ...following } = options;
  const end = timeoutMs === undefined ? null : AbortSignal.timeout(timeoutMs);
  const signals = [following.signal, end].filter((signal) => signal != null);
  let after = following.after ?? 0;
  try {
    for await (const event of follow(api, jobId, { ...following, signal: AbortSignal.any(signals) })) {
      after = event.id ?? after;
      if (event.name === "progress") onProgress?.(Number(event.data["progress"]), String(event.data["message"]));
      if (endsJob(event)) break;
    }
  } catch (error) {
    if (!end?.aborted) throw error;
  }
  const { data } = await api.GET("/jobs/{job_id}", { params: { path: { job_id: jobId } }, ...signalOf(following.signal) });
  const job = data as Job;
  if (job.status === "completed") return job;
  if (!ENDED.has(job.status)) throw new WaitTimeout(jobId, after);
  throw new JobFailed(jobId, job.status, job.error?.code ?? job.status, job.error?.message ?? job.message);
}

const signalOf = (signal: AbortSignal | undefined) => (signal ? { signal } : {});

/** Server-sent events. A stream that is silent for too long is aborted. */
async function* events(
  stream: ReadableStream<Uint8Array>,
  abort: AbortController,
  lines: { retryMs: number; heard: boolean },
): AsyncGenerator<JobEvent, void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  for (;;) {
    const timer = setTimeout(() => abort.abort(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) return;
    lines.heard = true;
    const blocks = (rest + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map<string, string>();
      for (const line of block.split(/\r?\n/)) {
        const [, name, text] = /^(\w+): ?(.*)$/.exec(line) ?? [];
        if (name !== undefined && text !== undefined) {
          const before = name === "data" ? fields.get(name) : undefined;
          fields.set(name, before === undefined ? text : `${before}\n${text}`);
        }
      }
      lines.retryMs = Number(fields.get("retry") ?? lines.retryMs);
      const [data, id] = [fields.get("data"), fields.get("id")];
      if (data === undefined) continue;
      yield { name: fields.get("event") ?? "message", id: id ? Number(id) : null, data: JSON.parse(data) };
    }
  }
}
