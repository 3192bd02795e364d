// Other outputs of a source that is there already: its recipe is taken up above, and runs without an upload.

import { ask } from "./api.js";
import { anew } from "./queue.js";
import * as recipe from "./recipe.js";
import { isPreview } from "./previews.js";
import { toast } from "./say.js";

const $ = (id) => document.getElementById(id);
let target = null;

export async function editOutputs(job) {
  try {
    const { outputs } = job.recipe ?? await ask(`/operations/${job.jobId}/recipe`);
    recipe.set({ outputs: Object.fromEntries(Object.entries(outputs).filter(([name]) => !isPreview(name))) });
  } catch (error) {
    return toast(error.message);
  }
  target = job;
  $("again-name").textContent = job.name;
  $("again").hidden = false;
  $("drop").hidden = true;
  $("again-run").focus();
  $("again").scrollIntoView({ block: "center", behavior: "smooth" });
}

function leave() {
  target = null;
  $("again").hidden = true;
  $("drop").hidden = false;
}

$("again-run").addEventListener("click", async () => {
  const wished = recipe.recipeFor({ type: "" });
  if (!wished) return toast("Choose at least one output.");
  $("again-run").disabled = true;
  try {
    await anew(target, wished);
    leave();
  } catch (error) {
    toast(error.code === "source_gone" ? "The server has this file no more: drop it again." : error.message);
  } finally {
    $("again-run").disabled = false;
  }
});
$("again-leave").addEventListener("click", leave);
