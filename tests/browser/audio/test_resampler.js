import { Resampler } from "/web/audio/resampler.js";
import { close, equal } from "/tests/browser/assert.js";

/** A sine through the resampler, in quanta. @param {number} targetHz @param {number} freqHz @param {number} frames */
function through(targetHz, freqHz, frames) {
  const resampler = new Resampler(targetHz);
  const [left, right] = [new Float32Array(128), new Float32Array(128)];
  const made = [];
  let source = 0;
  while (made.length < frames) {
    const wanted = resampler.wants(128);
    const at = resampler.room(wanted);
    for (let i = 0; i < wanted; i += 1, source += 1) {
      resampler.left[at + i] = Math.sin((2 * Math.PI * freqHz * source) / 48000);
      resampler.right[at + i] = 0;
    }
    resampler.make(left, right);
    made.push(...left);
  }
  return { made, source, delay: resampler.taps / 2 + 1 };
}

/** Phase runs on without a seam: every frame is the sine at its own time. */
export function a_sine_comes_out_at_its_own_time() {
  for (const targetHz of [44100, 96000, 22050]) {
    const freqHz = 997;
    const { made, delay } = through(targetHz, freqHz, 20000);
    for (let i = 1000; i < made.length; i += 1) {
      const time = (i * 48000) / targetHz - delay;
      close(made[i], Math.sin((2 * Math.PI * freqHz * time) / 48000), 2e-5);
    }
  }
}

export function takes_as_much_as_the_ratio_says() {
  const { made, source } = through(44100, 440, 44160);
  close(source, (made.length * 48000) / 44100, 40);
}

export function what_the_lower_rate_cannot_carry_is_gone() {
  const { made } = through(22050, 15000, 8000);
  equal(made.slice(1000).every((sample) => Math.abs(sample) < 1e-4), true);
}
