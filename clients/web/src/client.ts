import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";
import { convert, type ConvertOptions, type Converter } from "./converting.js";
import { follow, wait, type Api, type FollowOptions, type JobEvent, type JobWaitOptions } from "./following.js";
import { sender, type Credential } from "./sending.js";
import { Upload, type Announcing, type UploadOptions } from "./upload.js";

/** The models of the server's OpenAPI document: `Schemas["Recipe"]`. */
export type Schemas = components["schemas"];
export type Recipe = Schemas["Recipe"];
type Body<P extends keyof paths> = paths[P] extends { post: { requestBody?: { content: { "application/json": infer B } } } } ? B : never;
type Query<P extends keyof paths> = NonNullable<paths[P] extends { get: { parameters: { query?: infer Q } } } ? Q : never>;
type Source = Body<"/jobs">["source"];

export interface ClientOptions {
  /** How often a call is sent again. */
  retries?: number;
  fetch?: typeof fetch;
}

/** Holds over a restart of your program, where the client's own does not. */
export interface CallOptions {
  idempotencyKey?: string;
}

/** `base` is the API's address, up to and with `/api/v1`. Everything throws ApiError and ConnectionFailed. */
export class Dailies implements Converter<Schemas["JobAnswer"]> {
  /** Any route of the API, typed, with the same retries and errors: `client.api.GET("/keys")`. */
  readonly api: Api;
  readonly jobs: Jobs;
  readonly batches: Batches;
  readonly webhooks: Webhooks;

  constructor(base: string, credential: Credential, { retries = 2, fetch = globalThis.fetch }: ClientOptions = {}) {
    this.api = createClient<paths>({ baseUrl: base, fetch: sender(credential, retries, fetch) });
    this.jobs = new Jobs(this.api);
    this.batches = new Batches(this.api);
    this.webhooks = new Webhooks(this.api);
  }

  /** Begins to send a file; `done` of what it returns is its job's id. */
  upload(file: Blob, recipe?: Recipe | null, options?: UploadOptions): Upload {
    const server: Announcing = {
      announce: async (about) => {
        const made = await told(this.api.POST("/uploads", { body: { ...about, recipe: recipe ?? null } }));
        return { jobId: made.job_id, upload: made.upload };
      },
      cancel: (jobId) => this.jobs.cancel(jobId),
    };
    return new Upload(file, recipe, server, options);
  }

  /** Sends a file and waits for its job. Throws what `upload` and `jobs.wait` do. */
  convertWithProgress(file: Blob, recipe?: Recipe | null, options?: ConvertOptions): Promise<Schemas["JobAnswer"]> {
    return convert((sending) => this.upload(file, recipe, sending), (jobId, waiting) => this.jobs.wait(jobId, waiting), options);
  }

  /** What a recipe would take and cost. */
  plan(source: Body<"/plan">["source"], recipe?: Recipe | null): Promise<Schemas["PlanAnswer"]> {
    return told(this.api.POST("/plan", { body: { source, recipe: recipe ?? null } }));
  }
}

class Jobs {
  constructor(private readonly api: Api) {}

  /** Makes a job of a URL, an object or another job's output. */
  create(source: Source, recipe?: Recipe | null, options?: CallOptions): Promise<Schemas["NewJob"]> {
    return told(this.api.POST("/jobs", { body: { source, recipe: recipe ?? null }, ...keyed(options) }));
  }

  /** All jobs that hold, newest first; pages are fetched as they are needed. */
  async *list(query: Omit<Query<"/jobs">, "cursor"> = {}): AsyncGenerator<Schemas["JobBrief"], void> {
    for (let cursor: string | null = null; ; ) {
      const asked: Query<"/jobs"> = cursor === null ? query : { ...query, cursor };
      const page: Schemas["JobPageAnswer"] = await told(this.api.GET("/jobs", { params: { query: asked } }));
      yield* page.jobs;
      cursor = page.next_cursor;
      if (cursor === null) return;
    }
  }

  /** All of a job. */
  get(jobId: string): Promise<Schemas["JobAnswer"]> {
    return told(this.api.GET("/jobs/{job_id}", path(jobId))) as Promise<Schemas["JobAnswer"]>;
  }

  status(jobId: string): Promise<Schemas["StatusAnswer"]> {
    return told(this.api.GET("/jobs/{job_id}/status", path(jobId)));
  }

  /** What its source is, once a worker has looked at it. */
  source(jobId: string): Promise<Schemas["SourceAnswer"]> {
    return told(this.api.GET("/jobs/{job_id}/source", path(jobId)));
  }

  /** What would suit its source, and why: each recipe is one for `retry`. */
  advice(jobId: string): Promise<Schemas["AdviceAnswer"]> {
    return told(this.api.GET("/jobs/{job_id}/advice", path(jobId)));
  }

  /** A link to its result for people without an account, good for so long. */
  share(jobId: string, seconds = 86_400): Promise<Schemas["LinkAnswer"]> {
    return told(this.api.POST("/jobs/{job_id}/share", { ...path(jobId), body: { seconds } }));
  }

  cancel(jobId: string): Promise<Schemas["CancelAnswer"]> {
    return told(this.api.DELETE("/jobs/{job_id}", path(jobId)));
  }

  /** Tries its source again, or makes something else of it. */
  retry(jobId: string, recipe?: Recipe | null, options?: CallOptions): Promise<Schemas["CancelAnswer"]> {
    const { params } = path(jobId);
    return told(this.api.POST("/jobs/{job_id}/retry", { params: { ...params, ...keyed(options).params }, body: { recipe: recipe ?? null } }));
  }

  /** What happens to it, until it ends: also over connections that are lost. */
  events(jobId: string, options?: FollowOptions): AsyncGenerator<JobEvent, void> {
    return follow(this.api, jobId, options);
  }

  /** The job, once it is completed. Throws also JobFailed, and WaitTimeout after `timeoutMs`. */
  wait(jobId: string, options?: JobWaitOptions): Promise<Schemas["JobAnswer"]> {
    return wait(this.api, jobId, options);
  }

  /** What it has made; `output` names which, where there are several. The body is a stream, the rest of the answer's own. */
  async download(jobId: string, query: Query<"/jobs/{job_id}/download"> = {}): Promise<Response> {
    const { response } = await this.api.GET("/jobs/{job_id}/download", { params: { ...path(jobId).params, query }, parseAs: "stream" });
    return response;
  }
}

class Batches {
  constructor(private readonly api: Api) {}

  /** Makes many jobs. `of`: items, or the jobs or objects that a filter finds. */
  create(body: Body<"/batches">, options?: CallOptions): Promise<Schemas["BatchAnswer"]> {
    return told(this.api.POST("/batches", { body, ...keyed(options) }));
  }

  get(batchId: string): Promise<Schemas["BatchAnswer"]> {
    return told(this.api.GET("/batches/{batch_id}", { params: { path: { batch_id: batchId } } }));
  }

  /** All its items, and what came of each; pages are fetched as they are needed. */
  async *items(batchId: string): AsyncGenerator<Schemas["BatchItemAnswer"], void> {
    for (let page: number | null = 0; page !== null; ) {
      const params = { path: { batch_id: batchId }, query: { page } };
      const found: Schemas["BatchItemsAnswer"] = await told(this.api.GET("/batches/{batch_id}/items", { params }));
      yield* found.items;
      page = found.next_page;
    }
  }

  /** Ends it, and its jobs under way. */
  cancel(batchId: string): Promise<Schemas["BatchAnswer"]> {
    return told(this.api.DELETE("/batches/{batch_id}", { params: { path: { batch_id: batchId } } }));
  }
}

/** Endpoints that are told of events: for keys with the scope `webhooks`. */
class Webhooks {
  constructor(private readonly api: Api) {}

  /** The only answer that has its secret. */
  create(body: Body<"/webhooks">, options?: CallOptions): Promise<Schemas["NewWebhookAnswer"]> {
    return told(this.api.POST("/webhooks", { body, ...keyed(options) }));
  }

  async list(): Promise<Schemas["WebhookAnswer"][]> {
    return (await told(this.api.GET("/webhooks"))).webhooks;
  }

  /** Removes an endpoint. */
  delete(webhookId: string): Promise<Schemas["WebhookAnswer"]> {
    return told(this.api.DELETE("/webhooks/{webhook_id}", { params: { path: { webhook_id: webhookId } } }));
  }

  /** What was sent, and what came of it. */
  async deliveries(query: Query<"/webhooks/deliveries"> = {}): Promise<Schemas["DeliveryAnswer"][]> {
    return (await told(this.api.GET("/webhooks/deliveries", { params: { query } }))).deliveries;
  }

  /** Sends a message anew. */
  replay(deliveryId: string): Promise<Schemas["DeliveryAnswer"]> {
    return told(this.api.POST("/webhooks/deliveries/{delivery_id}/replay", { params: { path: { delivery_id: deliveryId } } }));
  }
}

const path = (jobId: string) => ({ params: { path: { job_id: jobId } } });
const keyed = ({ idempotencyKey }: CallOptions = {}) =>
  idempotencyKey === undefined ? {} : { params: { header: { "Idempotency-Key": idempotencyKey } } };

/** The answer's document: refusals were thrown before. */
async function told<T>(answer: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  return (await answer).data as NonNullable<T>;
}
