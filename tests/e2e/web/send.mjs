// node send.mjs CLIENT CONFIG: sends a file in small pieces, from its beginning or where config.session goes on, and listens.

import { openAsBlob } from "node:fs";

const { Dailies } = await import(process.argv[2]);
const config = JSON.parse(process.argv[3]);
const client = new Dailies(config.base, config.key);
const say = (told) => console.log(JSON.stringify(told));
const upload = client.upload(await openAsBlob(config.source), { outputs: { a: { kind: "audio", format: "mp3" } } }, {
  fileName: "talk.mp4", pieceBytes: 256 * 1024, session: config.session, onSession: say, onProgress: (sent) => say({ sent }),
});
for await (const { id, name } of client.jobs.events(await upload.done)) say({ id, name });
