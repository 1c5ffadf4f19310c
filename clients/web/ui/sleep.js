/** @typedef {import("./listening.js").Listening} Listening */

const AFTER_MS = 60_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"];

/**
 * In sleep mode the page goes dark a minute after the last touch: only the time is left, at 30 %.
 * @param {Listening} listening @param {AbortSignal} signal
 */
export function dimInSleep(listening, signal) {
  const root = document.documentElement;
  let timer = 0;
  const isSleep = () => listening.preset?.mode === "sleep" && listening.state.transport === "playing";
  const set = (/** @type {boolean} */ asleep) => {
    if (root.hasAttribute("data-asleep") === asleep) return;
    root.toggleAttribute("data-asleep", asleep);
    listening.dispatchEvent(new Event("change"));
  };
  const arm = () => {
    clearTimeout(timer);
    timer = isSleep() ? setTimeout(() => set(isSleep()), AFTER_MS) : 0;
  };
  const touch = () => {
    set(false);
    arm();
  };
  for (const type of TOUCHES) addEventListener(type, touch, { signal, passive: true, capture: true });
  listening.addEventListener(
    "change",
    () => (isSleep() ? timer || arm() : root.hasAttribute("data-asleep") && set(false)),
    { signal },
  );
}
