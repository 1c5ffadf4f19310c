import { equal, ok } from "/tests/browser/assert.js";
import { css, mix, readPalette } from "/web/draw/palette.js";

export function colours_mix_by_share() {
  equal(mix([0, 0, 0], [255, 100, 11], 0.5), [128, 50, 6]);
  equal(css([1, 2, 3], 0.5), "rgb(1 2 3 / 0.5)");
}

export async function the_theme_is_read_through_light_dark() {
  const sheet = new CSSStyleSheet();
  await sheet.replace(await (await fetch("/web/css/tokens.css")).text());
  document.adoptedStyleSheets = [sheet];
  document.documentElement.dataset.theme = "dark";
  const night = readPalette(document.body);
  document.documentElement.dataset.theme = "light";
  const dusk = readPalette(document.body);
  document.adoptedStyleSheets = [];
  equal(night.purple, [169, 139, 255]);
  equal(dusk.purple, [91, 60, 196]);
  ok(night.night && !dusk.night);
}
