// Whether the server answers. Whoever asks it says so here; whoever waits for it listens.

export const connection = Object.assign(new EventTarget(), { up: true, found: () => set(true), lost: () => set(false) });

function set(up) {
  if (connection.up === up) return;
  connection.up = up;
  connection.dispatchEvent(new Event("change"));
}

// Until it answers again, or for so long.
export function answering(ms, signal) {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      connection.removeEventListener("change", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    connection.addEventListener("change", done);
    signal?.addEventListener("abort", done);
  });
}
