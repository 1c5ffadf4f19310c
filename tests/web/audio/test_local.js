import { close, ok } from "/tests/browser/assert.js";

const FRAMES = 96000;

export async function the_noise_of_this_device_is_soft_stereo_and_falls_towards_the_highs() {
  const context = new OfflineAudioContext(2, FRAMES, 48000);
  await context.audioWorklet.addModule("/web/audio/local-worklet.js");
  new AudioWorkletNode(context, "soundwell-local", { numberOfInputs: 0, outputChannelCount: [2] }).connect(context.destination);
  const sound = await context.startRendering();
  const [left, right] = [0, 1].map((ear) => sound.getChannelData(ear));
  const rms = (/** @type {ArrayLike<number>} */ samples) => Math.sqrt(Array.from(samples).reduce((sum, one) => sum + one * one, 0) / samples.length);
  for (const ear of [left, right]) close(20 * Math.log10(rms(ear)), -24, 2);
  const both = left.reduce((sum, one, i) => sum + one * right[i], 0) / FRAMES / (rms(left) * rms(right));
  ok(Math.abs(both) < 0.2, `the ears are alike: ${both}`);
  const steps = left.map((one, i) => one - (left[i - 1] ?? 0));
  ok(rms(steps) < rms(left) / 4, "it is not brown");
}
