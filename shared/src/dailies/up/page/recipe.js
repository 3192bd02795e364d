// What can be chosen, and the recipe it makes. Presets for sound and film; of every other kind the server has an example.

const PRESETS = [
  { id: "podcast", label: "MP3", hint: "audio", on: true, output: { kind: "audio", format: "mp3", quality: "high" } },
  { id: "archive", label: "FLAC", hint: "lossless", output: { kind: "audio", format: "flac", quality: "lossless" } },
  { id: "voice", label: "Opus", hint: "small", output: { kind: "audio", format: "opus", quality: "medium" } },
  { id: "web", label: "MP4 720p", hint: "video", video: true, on: true, output: { kind: "video", height: 720 } },
  { id: "full", label: "MP4", hint: "full size", video: true, output: { kind: "video", quality: "high" } },
];

export const OUTPUTS = [
  ...PRESETS.map((preset) => ({ ...preset, loud: true })),
  ...await (await fetch("/page/kinds.json")).json(),
];

export const LOUDNESS = [
  { id: "-16", label: "−16 LUFS", on: true, normalize: { integrated_lufs: -16, true_peak_dbtp: -1 } },
  { id: "-23", label: "−23 LUFS", normalize: { integrated_lufs: -23, true_peak_dbtp: -1 } },
  { id: "keep", label: "As it is", normalize: null },
];

export function recipeOf(outputIds, loudnessId, isAudio) {
  const { normalize } = LOUDNESS.find((choice) => choice.id === loudnessId);
  const chosen = OUTPUTS.filter((choice) => outputIds.includes(choice.id) && !(isAudio && choice.video));
  // Optional: what can be made of the file is delivered, and the card says what can't.
  const outputs = chosen.map(({ id, output, loud }) =>
    [id, { ...output, optional: true, ...(normalize && loud && { normalize }) }]);
  return outputs.length ? { outputs: Object.fromEntries(outputs) } : null;
}
