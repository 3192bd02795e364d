// What the player needs beside the deliverables: peaks, seek pictures, a poster.

export const PREVIEWS = {
  "preview-peaks": { kind: "waveform", format: "json", points_per_second: 10, optional: true },
  "preview-board": { kind: "storyboard", width: 192, hdr: "tonemap", optional: true },
  "preview-poster": { kind: "thumbnail", height: 360, hdr: "tonemap", optional: true },
};

export const isPreview = (name) => Object.hasOwn(PREVIEWS, name);
