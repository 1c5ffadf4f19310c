/**
 * A Player without a server, for the states that a healthy server never shows on demand.
 * The tests call `pose({...})` to put it into a state; `calls` lists what the page asked for.
 */
export class Player extends EventTarget {
  volume = 0.7;
  muted = false;
  context = null;
  tap = null;
  analyser = null;
  log = [];
  /** @type {[string, ...any[]][]} */
  calls = [];
  state = {
    connection: "connected",
    attempt: 0,
    transport: "idle",
    position_s: 0,
    remaining_s: 0,
    duration_s: 0,
    buffered_s: 0,
    dropouts: 0,
    limit: { left_s: 1800, resets_at: null },
    error: null,
    params: new Map(),
    session: null,
    preset: null,
  };

  connect() {}

  /** @param {string} change */
  become(change) {
    this.calls.push(["become", change]);
  }

  prepare() {}

  /** @param {object} change */
  pose(change) {
    this.state = { ...this.state, ...change };
    if (this.state.transport !== "idle") this.analyser ??= new StillAnalyser();
    this.dispatchEvent(new Event("state"));
  }

  /** @param {{preset: string, duration_s: number, params?: Record<string, number>}} options */
  async start(options) {
    this.calls.push(["start", options]);
    this.state.params = new Map(
      Object.entries(options.params ?? {}).map(([address, value]) => [address, { spec: null, value }]),
    );
    const { duration_s } = options;
    this.pose({
      transport: "playing",
      position_s: 0,
      remaining_s: duration_s,
      duration_s,
      buffered_s: 10,
      preset: options.preset ?? null,
      session: "5f0c8a8e-0000-4000-8000-000000000001",
    });
  }

  /** @param {string} address @param {number | string} value */
  set(address, value) {
    this.calls.push(["set", address, value]);
    this.state.params.set(address, { spec: this.state.params.get(address)?.spec ?? null, value });
  }

  toggle() {
    this.calls.push(["toggle"]);
    this.pose({ transport: this.state.transport === "paused" ? "playing" : "paused" });
  }

  /** @param {number} seconds */
  extend(seconds) {
    this.calls.push(["extend", seconds]);
    this.pose({ duration_s: this.state.duration_s + seconds, remaining_s: this.state.remaining_s + seconds });
  }

  /** @param {number} fade_ms */
  finish(fade_ms) {
    this.calls.push(["finish", fade_ms]);
    this.end("stopped");
  }

  /** @param {string} reason */
  end(reason) {
    const { position_s } = this.state;
    this.pose({ transport: "ended" });
    this.dispatchEvent(new CustomEvent("ended", { detail: { reason, heard_s: position_s, played_s: position_s } }));
  }

  gestureEnd() {
    this.calls.push(["gestureEnd"]);
  }

  instance() {
    return null;
  }
}

/** A steady spectrum with a few hills, the same in every picture. */
class StillAnalyser {
  fftSize = 2048;
  smoothingTimeConstant = 0;
  context = { sampleRate: 48000 };

  /** @param {Float32Array} bins */
  getFloatFrequencyData(bins) {
    for (let i = 0; i < bins.length; i += 1) {
      const octave = Math.log2(((i + 0.5) * 48000) / (2 * bins.length) / 60);
      bins[i] =
        -48 - 7.5 * octave + 6 * Math.sin(octave * 2.3) + 4 * Math.sin(octave * 5.3 + 1) + 2 * Math.sin(octave * 11);
    }
  }

  /** @param {Float32Array} samples */
  getFloatTimeDomainData(samples) {
    for (let i = 0; i < samples.length; i += 1) samples[i] = 0.12 * Math.sin(i * 0.05);
  }
}
