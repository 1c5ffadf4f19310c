import { equal } from "/tests/browser/assert.js";
import { remember, remembered } from "/web/ui/settings.js";

export function what_was_kept_comes_back() {
  equal(remembered("unit", 0.7), 0.7);
  remember("unit", { volume: 0.4 });
  equal(remembered("unit", 0.7), { volume: 0.4 });
}

export function nonsense_in_the_store_is_as_good_as_nothing() {
  localStorage.setItem("soundwell.broken", "{");
  equal(remembered("broken", 30), 30);
}
