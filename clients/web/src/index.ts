// A client of Dailies: uploads that resume, progress as it happens, typed errors.

export type { components, paths } from "./api.js";
export { Dailies, type CallOptions, type ClientOptions, type Recipe, type Schemas } from "./client.js";
export type { ConvertOptions, Converter, Progress, WaitOptions } from "./converting.js";
export {
  ApiError,
  BadRequest,
  Conflict,
  ConnectionFailed,
  DailiesClientError,
  FileChanged,
  Forbidden,
  InvalidSignature,
  JobFailed,
  NotFound,
  OverBudget,
  ServerError,
  TooManyRequests,
  Unauthenticated,
  UploadFailed,
  WaitTimeout,
  type UploadSession,
} from "./errors.js";
export type { FollowOptions, JobEvent, JobWaitOptions } from "./following.js";
export type { Credential } from "./sending.js";
export { Sessions, type KeptUpload } from "./sessions.js";
export { Upload, type Announcement, type Announcing, type Signed, type Ticket, type UploadOptions, type UploadState } from "./upload.js";
export { unwrap } from "./webhooks.js";
