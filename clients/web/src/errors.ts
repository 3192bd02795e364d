// Every error of the client.
//
//   DailiesClientError
//   ├── ApiError                 the server refused: its problem document, by status and code
//   │   ├── BadRequest           400, 405, 413, 415, 422: another call is needed
//   │   ├── Unauthenticated      401
//   │   ├── OverBudget           402
//   │   ├── Forbidden            403
//   │   ├── NotFound             404
//   │   ├── Conflict             409
//   │   ├── TooManyRequests      429: `retryAfter` says when to ask again
//   │   └── ServerError          5xx
//   ├── ConnectionFailed         no answer came, after all retries
//   ├── JobFailed                a job ended without a result: failed, cancelled or expired
//   ├── WaitTimeout              a job goes on; `jobId` and `after` are where to wait again
//   ├── UploadFailed             a file didn't arrive; `session` is where it can go on
//   │   └── FileChanged          it was changed or removed while it was sent
//   └── InvalidSignature         a webhook that is not the server's, or too old

/** Where a file goes: kept, it lets another page or process go on. `url` is a secret. */
export interface UploadSession {
  jobId: string;
  url: string;
}

/** Root of the tree; never thrown itself. */
export class DailiesClientError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The server's refusal. `code` is stable; `details` are the further fields of the problem document. */
export class ApiError extends DailiesClientError {
  readonly code: string;
  readonly request: string | null;
  readonly details: Record<string, unknown>;

  /** `retryAfter` is in seconds. */
  constructor(
    readonly status: number,
    problem: Record<string, unknown>,
    readonly retryAfter: number | null = null,
  ) {
    const { type, title, status: told, detail, code, instance, ...details } = problem;
    super(typeof detail === "string" ? detail : `The server answered ${status}.`);
    this.code = typeof code === "string" ? code : "unknown";
    this.request = typeof instance === "string" ? instance : null;
    this.details = details;
  }
}

export class BadRequest extends ApiError {}
export class Unauthenticated extends ApiError {}
export class OverBudget extends ApiError {}
export class Forbidden extends ApiError {}
export class NotFound extends ApiError {}
export class Conflict extends ApiError {}
export class TooManyRequests extends ApiError {}
export class ServerError extends ApiError {}

export class ConnectionFailed extends DailiesClientError {}

/** A job that ended without a result. */
export class JobFailed extends DailiesClientError {
  constructor(
    readonly jobId: string,
    readonly status: string,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The time is over and the job goes on: `client.jobs.wait(error.jobId, { after: error.after })` waits again. */
export class WaitTimeout extends DailiesClientError {
  constructor(
    readonly jobId: string,
    readonly after: number,
  ) {
    super(`Job ${jobId} has not ended yet: wait for it again by its id.`);
  }
}

/** The file did not arrive: `client.upload(file, recipe, { session: error.session })` goes on where it stopped. */
export class UploadFailed extends DailiesClientError {
  constructor(
    readonly session: UploadSession,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export class FileChanged extends UploadFailed {}

export class InvalidSignature extends DailiesClientError {}

const BY_STATUS: Record<number, typeof ApiError> = {
  401: Unauthenticated,
  402: OverBudget,
  403: Forbidden,
  404: NotFound,
  409: Conflict,
  429: TooManyRequests,
};

/** The error of an answer's status and text. */
export function refusal(status: number, text: string, retryAfter: string | null): ApiError {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    found = null; // a proxy's page, say: it is told by its status
  }
  const told = isObject(found) ? found : {};
  // Cloud Storage's form, of which only the sentence is for people.
  const problem = isObject(told["error"]) ? { code: told["error"]["code"], detail: told["error"]["message"] } : told;
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  return apiError(status, problem, seconds);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

export function apiError(status: number, problem: Record<string, unknown>, retryAfter: number | null = null): ApiError {
  const Kind = BY_STATUS[status] ?? (status >= 500 ? ServerError : BadRequest);
  return new Kind(status, problem, retryAfter);
}
