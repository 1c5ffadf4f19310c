/** The icons of what the first page does not show. */

import { addIcons } from "./icons.js";

addIcons({
  up: '<path d="M6 14.5l6-6 6 6"/>',
  pen: '<path d="M4.5 19.5l1-4L16.3 4.7a1.8 1.8 0 0 1 2.6 0l.4.4a1.8 1.8 0 0 1 0 2.6L8.5 18.5l-4 1ZM14.5 6.5l3 3"/>',
  link: '<path d="M10 14a4 4 0 0 0 5.7 0l3-3A4 4 0 0 0 13 5.300l-1 1M14 10a4 4 0 0 0-5.700 0l-3 3A4 4 0 0 0 11 18.700l1-1"/>',
  eye: '<path d="M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12Z"/><circle cx="12" cy="12" r="2.8"/>',
  back: '<path d="M15 6l-6 6 6 6"/>',
  keys: '<rect x="3" y="6.5" width="18" height="11" rx="2.5"/><path d="M7 10.5h.1M11 10.5h.1M15 10.5h.1M8.5 14h7"/>',
  leave: '<path d="M14 4.5H7.5A2 2 0 0 0 5.5 6.5v11a2 2 0 0 0 2 2H14M11 12h9.5M17 8.5l3.5 3.5-3.5 3.5"/>',
});
