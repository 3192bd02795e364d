// How fast something goes, by its last seconds, and how long the rest takes.

const WINDOW_MS = 8000;

export class Rate {
  #seen = [];

  note(amount, now = performance.now()) {
    this.#seen.push([now, amount]);
    while (this.#seen.length > 2 && this.#seen[0][0] < now - WINDOW_MS) this.#seen.shift();
  }

  // Per second; null while too little was seen.
  get perSecond() {
    if (this.#seen.length < 2) return null;
    const [[began, first], [ended, last]] = [this.#seen[0], this.#seen.at(-1)];
    return ended - began > 400 && last > first ? (1000 * (last - first)) / (ended - began) : null;
  }

  secondsTo(amount) {
    const rate = this.perSecond;
    return rate === null ? Infinity : (amount - this.#seen.at(-1)[1]) / rate;
  }

  forget() { this.#seen = []; }
}
