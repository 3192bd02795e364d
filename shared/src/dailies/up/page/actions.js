// What can be done with a job, from wherever it is shown.

import { archiveUrl, ask, call, clearJobs } from "./api.js";
import { changed, jobs, refresh, remove } from "./jobs.js";
import { isPreview } from "./previews.js";
import { again, anew, resume } from "./queue.js";
import { toneMapped } from "./recipe.js";
import { toast } from "./say.js";
import { count, element } from "./words.js";

export async function cancel(job) {
  job.abort.abort();
  try {
    if (job.jobId) await call("cancelJob", { jobId: job.jobId });
    job.become("cancelled");
    changed(job);
  } catch (error) {
    // It ended in that moment: the list says how.
    if (error.code !== "job_state") toast(error.message);
  }
}

// Once more, from the file that is still here, from the server's copy, or from the file picked again.
export async function retry(job, change = (recipe) => recipe) {
  try {
    const recipe = change(job.recipe ?? (job.jobId ? await ask(`/operations/${job.jobId}/recipe`) : null));
    if (job.jobId) {
      try {
        await anew(job, recipe);
        if (job.state !== "completed") clear([job], { quiet: true });
        return;
      } catch (error) {
        if (error.code !== "source_gone") throw error;
      }
    }
    job.recipe = recipe;
    if (job.file) again(job);
    else pick(job, (file) => { Object.assign(job, { file, name: file.name, size: file.size }); again(job); });
  } catch (error) {
    toast(error.message);
  }
}

export const toneMap = (job) => retry(job, toneMapped);

export function goOn(job) {
  pick(job, (file) => {
    try { resume(job, file); } catch (error) { toast(error.message); }
  });
}

function pick(job, use) {
  const input = element("input", { type: "file", onchange: () => input.files[0] && use(input.files[0]) });
  input.click();
}

export async function resultOf(job) {
  // A page stays open for days, its addresses are good for hours.
  if (job.resultEnds < Date.now()) job.result = null;
  job.result ??= call("getResult", { jobId: job.jobId }).then((found) => {
    job.resultEnds = Math.min(...Object.values(found.downloads).map(({ expiresAt }) => Date.parse(expiresAt)));
    return found;
  }).catch((error) => { job.result = null; throw error; });
  return job.result;
}

export async function download(job) {
  try {
    const { result, downloads } = await resultOf(job);
    const names = Object.keys(result.outputs).filter((name) => !isPreview(name));
    const [first] = names;
    if (names.length === 1 && !result.outputs[first].files.length) save(`${downloads[first].url}&attachment`, downloads[first].fileName);
    else await downloadAll([job]);
  } catch (error) {
    toast(error.message);
  }
}

export async function downloadAll(chosen) {
  save(await archiveUrl(chosen.map((job) => job.jobId)), "dailies.zip");
}

function save(href, name) {
  const link = element("a", { href, download: name });
  document.body.append(link);
  link.click();
  link.remove();
}

// Off the list, here and on the server; what was never there is only taken off here.
export async function clear(chosen, { quiet = false } = {}) {
  const ended = chosen.filter((job) => !job.live), ids = ended.map((job) => job.jobId).filter(Boolean);
  try {
    if (ids.length) await clearJobs(ids);
  } catch (error) {
    return toast(error.message);
  }
  ended.forEach(remove);
  changed();
  if (quiet) return;
  toast(`${count(ended.length, "job")} cleared from the list`, ids.length ? { label: "Undo", run: () => putBack(ids) } : null);
}

async function putBack(ids) {
  await clearJobs(ids, false).catch((error) => toast(error.message));
  await refresh().catch(() => {});
}

export const cancelAll = () => [...jobs].filter((job) => job.live).forEach(cancel);
