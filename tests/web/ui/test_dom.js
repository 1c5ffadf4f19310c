import { equal, ok } from "/tests/browser/assert.js";
import { h, mark, write } from "/web/ui/dom.js";

export function strings_become_text_and_never_markup() {
  const line = h("p", {}, "<b>bold</b>", 7, null, false);
  equal(line.textContent, "<b>bold</b>7");
  equal(line.childElementCount, 0);
}

export function functions_listen_booleans_toggle_and_the_rest_are_attributes() {
  let presses = 0;
  const button = h("button", {
    onclick: () => (presses += 1),
    hidden: true,
    disabled: false,
    "aria-label": "Play",
    title: undefined,
  });
  button.click();
  equal(presses, 1);
  ok(button.hidden && !button.disabled && !button.hasAttribute("title"));
  equal(button.getAttribute("aria-label"), "Play");
}

export function what_is_there_already_is_not_written_again() {
  const line = h("p", {}, "18:42");
  const [text] = line.childNodes;
  write(line, "18:42");
  ok(line.firstChild === text);
  write(line, "18:41");
  equal(line.textContent, "18:41");
}

export function false_and_null_take_an_attribute_away() {
  const line = h("p", {});
  mark(line, "hidden", true);
  equal(line.getAttribute("hidden"), "");
  mark(line, "hidden", false);
  mark(line, "data-view", null);
  equal(line.getAttributeNames(), []);
}
