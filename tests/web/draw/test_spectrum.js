import { close, equal, ok } from "/tests/browser/assert.js";
import { Spectrum } from "/web/draw/spectrum.js";

const FRAME_S = 1 / 60;

/** An analyser that hears `bins(i, time_s)` dB and samples of one level. */
function analyser(bins, sample = 0) {
  const heard = {
    fftSize: 2048,
    time_s: 0,
    context: { sampleRate: 48000 },
    getFloatFrequencyData: (into) => into.forEach((_, i) => (into[i] = bins(i, heard.time_s))),
    getFloatTimeDomainData: (into) => into.fill(sample),
  };
  return heard;
}

/** Reads for some seconds and returns what one band did. */
function watch(spectrum, heard, seconds, band = 30) {
  const seen = [];
  for (let time_s = 0; time_s < seconds; time_s += FRAME_S) {
    heard.time_s += FRAME_S;
    spectrum.read(heard, FRAME_S);
    seen.push(spectrum.levels[band]);
  }
  return seen;
}

export function the_picture_does_not_know_the_modulation() {
  for (const rate_hz of [4, 10, 16, 40]) {
    const beating = analyser((_, time_s) => -60 + 12 * Math.sin(2 * Math.PI * rate_hz * time_s));
    const spectrum = new Spectrum();
    watch(spectrum, beating, 10);
    const seen = watch(spectrum, beating, 10);
    const swing = Math.max(...seen) - Math.min(...seen);
    ok(swing < 0.05, `${rate_hz} Hz swings ${swing}`);
  }
}

export function it_rises_within_400_ms_and_falls_within_1600() {
  const spectrum = new Spectrum();
  const loud = analyser(() => -30);
  const rise = watch(spectrum, loud, 0.4);
  const top = watch(spectrum, loud, 10).at(-1);
  close(rise.at(-1) / top, 1 - Math.exp(-1), 0.02);
  const fall = watch(
    spectrum,
    analyser(() => -200),
    1.6,
  );
  close(fall.at(-1) / top, Math.exp(-1), 0.02);
}

export function a_tone_stands_in_its_band() {
  const bin_hz = 48000 / 8192;
  const spectrum = new Spectrum();
  spectrum.read(
    analyser((i) => (Math.abs(i * bin_hz - 1000) < 8 ? -20 : -200)),
    Infinity,
  );
  const loudest = spectrum.levels.indexOf(Math.max(...spectrum.levels));
  close(110 * (12000 / 110) ** ((loudest + 0.5) / 64), 1000, 60);
}

export function the_level_is_the_mean_square_of_what_is_heard() {
  const spectrum = new Spectrum();
  equal(spectrum.level_db, -Infinity);
  spectrum.read(
    analyser(() => -200, 0.1),
    Infinity,
  );
  close(spectrum.level_db, -20, 0.001);
}

export function without_an_analyser_there_is_silence() {
  const spectrum = new Spectrum();
  spectrum.read(null, 1);
  equal(Math.max(...spectrum.levels), 0);
}
