import { close, equal, ok } from "/tests/browser/assert.js";
import { signature } from "/web/ui/signature.js";

const radii = (mode) =>
  [...signature(mode, false).querySelectorAll(".wide circle")].map((ring) => Number(ring.getAttribute("r")));
const steps = (values) => values.slice(1).map((radius, i) => radius - values[i]);

export function each_mode_is_known_by_its_rings() {
  equal(
    ["focus", "relax", "sleep", "meditate"].map((mode) => radii(mode).length),
    [9, 5, 3, 4],
  );
  for (const step of steps(radii("focus"))) close(step, 8.6, 0.11);
  for (const step of steps(radii("relax"))) close(step, 16.5, 0.11);
  for (const step of steps(radii("sleep"))) close(step, 27, 0.11);
}

export function meditation_rings_grow_apart() {
  const [first, second, third] = steps(radii("meditate"));
  ok(first < second && second < third);
}

export function gold_turns_to_purple_within_six_rings() {
  const turns = [...signature("focus", true).querySelectorAll(".wide circle")].map((ring) =>
    ring.style.getPropertyValue("--turn"),
  );
  equal(turns, ["0%", "17%", "33%", "50%", "67%", "83%", "100%", "100%", "100%"]);
  equal(signature("focus", false).querySelector("circle").style.getPropertyValue("--turn"), "100%");
}
