// node readme.mjs CONFIG, beside podcast.mjs and node_modules: signs in on the emulators, and calls the README's own
// function as an app would.

import { openAsBlob, writeFileSync } from "node:fs";
import { initializeApp } from "firebase/app";
import { connectAuthEmulator, createUserWithEmailAndPassword, getAuth } from "firebase/auth";
import { connectFirestoreEmulator, getFirestore } from "firebase/firestore";
import { connectFunctionsEmulator, getFunctions } from "firebase/functions";
import { makePodcast } from "./podcast.mjs";

const config = JSON.parse(process.argv[2]);
const endpoint = (address) => [address.split(":")[0], Number(address.split(":")[1])];

const app = initializeApp({ apiKey: "none", projectId: config.project }, config.name);
const auth = getAuth(app);
connectAuthEmulator(auth, `http://${config.auth}`, { disableWarnings: true });
connectFirestoreEmulator(getFirestore(app, config.database), ...endpoint(config.firestore));
connectFunctionsEmulator(getFunctions(app, "europe-west1"), ...endpoint(config.functions));
await createUserWithEmailAndPassword(auth, `${config.name}@example.com`, "correct horse");

const file = new File([await openAsBlob(config.source)], "talk.wav", { type: "audio/wav" });
const seen = [];
const url = await makePodcast(app, file, (progress, message) => seen.push([progress, message]));
writeFileSync(config.output, new Uint8Array(await (await fetch(url)).arrayBuffer()));
console.log(JSON.stringify(seen));
process.exit(0);
