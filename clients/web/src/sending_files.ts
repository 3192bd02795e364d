// What sends files, without the rest of the API: the page of `dailies up` has this.

export { ConnectionFailed, FileChanged } from "./errors.js";
export { isSame, lockOf, Sessions } from "./sessions.js";
export { Upload } from "./upload.js";
