// An app's code, with Firebase's own web SDK: sign in, createUpload, resumable upload, onSnapshot, download.
// Runs in Node and in a browser; `sdk` has the modules app, auth, firestore and functions.

const PIECE = 256 * 1024;

export async function uploadAndWait(sdk, config, file) {
  const seen = { uploaded: [], states: [] };
  const app = sdk.initializeApp({ apiKey: "none", projectId: config.project }, config.name);
  const auth = sdk.getAuth(app);
  sdk.connectAuthEmulator(auth, `http://${config.auth}`, { disableWarnings: true });
  const account = [`${config.name}@example.com`, "correct horse"];
  await sdk.createUserWithEmailAndPassword(auth, ...account);
  await sdk.signOut(auth);
  const functions = sdk.getFunctions(app, "europe-west1");
  sdk.connectFunctionsEmulator(functions, ...endpoint(config.functions));
  const call = async (name, data) => (await sdk.httpsCallable(functions, name)(data)).data;
  const wish = { sizeBytes: file.size, contentType: "audio/wav", recipe: config.recipe };
  seen.signedOut = await refusal(call("createUpload", wish));
  const { user } = await sdk.signInWithEmailAndPassword(auth, ...account);
  seen.wrongType = await refusal(call("createUpload", { ...wish, contentType: "text/html" }));

  const ticket = await call("createUpload", wish);
  const firestore = sdk.getFirestore(app, ticket.database);
  sdk.connectFirestoreEmulator(firestore, ...endpoint(config.firestore));
  const ended = new Promise((resolve, reject) => {
    sdk.onSnapshot(sdk.doc(firestore, ticket.operationPath), (snapshot) => {
      if (!snapshot.exists()) return; // not reached yet
      const { status, progress, error } = snapshot.data();
      seen.states.push([status, progress]);
      if (error) reject(new Error(`${error.code}: ${error.message}`));
      if (status === "completed") resolve();
    }, reject);
  });
  seen.owned = ticket.operationPath === `users/${user.uid}/operations/${ticket.jobId}`;
  seen.foreign = await sdk.getDoc(sdk.doc(firestore, `jobs/${ticket.jobId}`)).then(() => "read", (error) => error.code);

  if (config.simple) await sendWhole(ticket.simpleUpload, file);
  else await send(ticket.upload, file, (bytes) => seen.uploaded.push(bytes));
  await ended;
  const { downloads, result } = await call("getResult", { jobId: ticket.jobId });
  const download = downloads.podcast;
  const answer = await fetch(download.url, { method: download.method, headers: download.headers });
  seen.type = answer.headers.get("content-type");
  seen.bytes = result.outputs.podcast.bytes;
  await sdk.terminate(firestore);
  await sdk.deleteApp(app);
  return { seen, file: new Uint8Array(await answer.arrayBuffer()) };
}

async function sendWhole(request, file) {
  const answer = await fetch(request.url, { method: request.method, headers: request.headers, body: file });
  if (answer.status !== 200) throw new Error(`The upload was refused: ${answer.status} ${await answer.text()}`);
}

// Every second piece is sent only after asking where to go on, as after a lost connection.
async function send(request, file, onProgress) {
  const session = request.url; // the server has started it
  const put = (body, range) => fetch(session, { method: "PUT", headers: { "Content-Range": range }, body });
  let sent = 0, pieces = 0;
  while (sent < file.size) {
    if (++pieces % 2 === 0) sent = arrived(await put(null, `bytes */${file.size}`));
    const end = Math.min(sent + PIECE, file.size);
    const answer = await put(file.slice(sent, end), `bytes ${sent}-${end - 1}/${file.size}`);
    if (answer.status !== 200 && answer.status !== 308) throw new Error(`Refused: ${answer.status} ${await answer.text()}`);
    sent = answer.status === 308 ? arrived(answer) : file.size;
    onProgress(sent);
  }
}

function arrived(answer) {
  const last = answer.headers.get("Range")?.match(/-(\d+)$/)?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

const refusal = (promise) => promise.then(() => "accepted", (error) => [error.code, error.details?.code]);

const endpoint = (address) => [address.split(":")[0], Number(address.split(":")[1])];
