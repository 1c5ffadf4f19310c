/** What tests measure inside the page. */

/** Where everything that can be seen stands. @returns {string[]} */
export function places() {
  return [...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility())
    .map((one) => {
      const { x, y, width, height } = one.getBoundingClientRect();
      return [one.tagName, x, y, width, height].join(" ");
    });
}

/** Controls that a finger would miss. @returns {string[]} */
export function small() {
  return [...document.querySelectorAll("button, input, label.chip, label.segment")]
    .filter((one) => one.checkVisibility() && !one.matches(".visually-hidden, .segment input"))
    .filter((one) => Math.min(one.getBoundingClientRect().width, one.getBoundingClientRect().height) < 43.5)
    .map((one) => one.outerHTML.slice(0, 80));
}

/** Which of these pairs lie on each other. @param {[string, string][]} pairs */
export function overlapping(pairs) {
  return pairs.filter(([first, second]) => {
    const [a, b] = [first, second].map((selector) => document.querySelector(selector)?.getBoundingClientRect());
    if (!a?.width || !b?.width) return false;
    return a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
  });
}

/** How the dot of the connection looks. */
export function signal() {
  const { backgroundImage, backgroundColor, borderWidth, borderColor } = getComputedStyle(
    document.querySelector(".signal"),
  );
  return [backgroundImage, backgroundColor, borderWidth, borderColor].join();
}

/** Waits for so many frames of the browser. @param {number} count */
export async function frames(count) {
  for (let i = 0; i < count; i += 1) await new Promise((done) => requestAnimationFrame(done));
}

/** Lines drawn on any canvas during half a second of frames. */
export async function strokes() {
  let count = 0;
  const { prototype } = CanvasRenderingContext2D;
  const { stroke } = prototype;
  prototype.stroke = function (...path) {
    count += 1;
    return stroke.apply(this, path);
  };
  await frames(30);
  prototype.stroke = stroke;
  return count;
}

/** Waits until so much was played. @param {number} seconds */
export function played(seconds) {
  const { player } = document.querySelector("sw-shell");
  return new Promise((done) => {
    player.addEventListener("state", () => player.state.position_s > seconds && done(undefined));
  });
}

/** What the moving canvases show. */
export function pictures() {
  return [...document.querySelectorAll("canvas.rings, canvas.shore")].map((canvas) => canvas.toDataURL());
}

/** As when another tab lies over this one, or no longer does. */
export function hide(isHidden = true) {
  Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

/** What axe-core finds that is serious or critical. @returns {Promise<string[]>} */
export async function serious() {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .map((node) => node.html)
          .join(" | ")
          .slice(0, 400)}`,
    );
}

/** Waits for entrances and exits to be over. */
export async function settled() {
  await Promise.all(document.getAnimations().map((one) => one.finished.catch(() => {})));
}
