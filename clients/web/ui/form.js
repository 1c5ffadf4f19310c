import { account } from "../i18n/account.js";
import { RestError } from "../net/rest.js";
import { h, mark } from "./dom.js";
import { icon } from "./icons.js";
import { Outcome } from "./outcome.js";

/** @typedef {import("./dom.js").Child} Child */
/** @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Control */

const { auth, problems } = account;
export const LEAST_PASSWORD = 8;

/** A label, a control, and room for one line below: a hint, or what is wrong. */
export class Field {
  /**
   * @param {string} id also the name under which the server speaks of it, behind the form's prefix
   * @param {string} label @param {Control} control @param {{hint?: string, aside?: Child}} [more]
   */
  constructor(id, label, control, { hint = "", aside } = {}) {
    this.name = id.slice(id.indexOf("-") + 1).replaceAll("-", "_");
    this.control = control;
    this.hint = hint;
    this.note = h("p", { class: "field-note", id: `${id}-note` });
    control.id = id;
    mark(control, "aria-describedby", this.note.id);
    control.addEventListener("input", () => this.calm());
    this.element = h(
      "div",
      { class: "field" },
      h("div", { class: "field-head" }, h("label", { class: "label", for: id }, label), aside),
      control,
      this.note,
    );
    this.calm();
  }

  get value() {
    return this.control.value;
  }

  empty() {
    this.control.value = "";
    this.calm();
  }

  /** @param {string} sentence what to do about it */
  complain(sentence) {
    mark(this.control, "aria-invalid", "true");
    mark(this.note, "data-kind", "wrong");
    this.note.replaceChildren(icon("warning", 14), sentence);
  }

  calm() {
    mark(this.control, "aria-invalid", null);
    mark(this.note, "data-kind", null);
    this.note.replaceChildren(this.hint);
  }
}

/** @param {string} id @param {string} label @param {Record<string, any>} [props] @param {{hint?: string, aside?: Child}} [more] */
export function textField(id, label, props = {}, more = {}) {
  return new Field(id, label, h("input", { type: "text", ...props }), more);
}

/** A password that can be shown; a new one says how long it is, in words. */
export class PasswordField extends Field {
  /** @param {string} id @param {string} label @param {boolean} isNew */
  constructor(id, label, isNew) {
    const rule = h("span", { class: "label softer" }, isNew ? auth.rule : "");
    const autocomplete = isNew ? "new-password" : "current-password";
    const input = h("input", { type: "password", autocomplete, maxlength: 128, required: true });
    super(id, label, input, { aside: rule });
    this.input = input;
    this.rule = rule;
    this.isNew = isNew;
    const shown = h("button", { class: "show", type: "button", "aria-label": auth.showPassword, "aria-pressed": "false" });
    shown.append(icon("eye", 18), auth.show);
    shown.addEventListener("click", () => {
      input.type = input.type === "password" ? "text" : "password";
      mark(shown, "aria-pressed", String(input.type === "text"));
    });
    const holder = h("div", { class: "password" });
    input.replaceWith(holder);
    holder.append(input, shown);
  }

  /** @param {boolean} isNew */
  expect(isNew) {
    this.isNew = isNew;
    this.input.autocomplete = isNew ? "new-password" : "current-password";
    this.rule.replaceChildren(isNew ? auth.rule : "");
    this.calm();
  }

  calm() {
    super.calm();
    const missing = LEAST_PASSWORD - this.value.length;
    if (!this.isNew || this.value === "") return;
    mark(this.note, "data-kind", missing > 0 ? null : "good");
    this.note.replaceChildren(...(missing > 0 ? [auth.missing(missing)] : [icon("check", 14), auth.longEnough]));
  }
}

/**
 * A form that does one thing and says what became of it: at the field that the server names, else below.
 * @param {{class?: string, kind?: "primary" | "danger" | "", fields: Field[], submit: string, deed: () => Promise<string | void>, before?: Child[], after?: Child[]}} made
 *   kind of the button
 */
export function formOf({ class: className = "", kind = "primary", fields, submit, deed, before = [], after = [] }) {
  const outcome = new Outcome();
  const button = h("button", { class: `button submit ${kind}`, type: "submit" }, submit);
  const form = h(
    "form",
    { class: `form ${className}`, novalidate: true },
    ...before,
    ...fields.map(({ element }) => element),
    button,
    outcome.element,
    ...after,
  );
  outcome.element.addEventListener("ready", () => mark(button, "aria-disabled", null));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.hasAttribute("aria-disabled") || !areFilled(fields)) return;
    await attempt(button, outcome, fields, deed);
  });
  return { form, button, outcome };
}

/**
 * @param {HTMLButtonElement} button busy meanwhile @param {Outcome} outcome @param {Field[]} fields
 * @param {() => Promise<string | void>} deed what it returns is said
 */
export async function attempt(button, outcome, fields, deed) {
  outcome.clear();
  for (const field of fields) field.calm();
  mark(button, "aria-disabled", "true");
  mark(button, "data-busy", true);
  try {
    const done = await deed();
    if (done) outcome.done(done);
  } catch (error) {
    if (!tellAtField(error, fields)) outcome.fail(error);
  }
  mark(button, "data-busy", null);
  mark(button, "aria-disabled", outcome.isWaiting ? "true" : null);
}

/** @param {Field[]} fields */
function areFilled(fields) {
  const wrong = fields.filter((field) => field.element.isConnected && problemOf(field));
  for (const field of wrong) field.complain(problemOf(field));
  wrong[0]?.control.focus();
  return wrong.length === 0;
}

/** @param {Field} field */
function problemOf(field) {
  const { control, name } = field;
  const isShort = field instanceof PasswordField && field.isNew && control.value.length < LEAST_PASSWORD;
  if (control.required && control.value.trim() === "") return problems.empty;
  const isNoAddress = control.type === "email" && !/^\S+@\S+\.\S+$/.test(control.value);
  return isShort || isNoAddress ? problems.fields[name] : "";
}

/** @param {unknown} error @param {Field[]} fields */
function tellAtField(error, fields) {
  if (!(error instanceof RestError)) return false;
  const isWrong = error.code === "wrong_credentials";
  const name = String(error.details.field ?? (isWrong ? fields[0]?.name : "")).split(".").at(-1);
  const field = fields.find((one) => one.name === name && one.element.isConnected);
  if (!field) return false;
  const ours = isWrong ? problems.wrong[field.name] : error.code === "invalid_param" ? problems.fields[field.name] : null;
  field.complain(ours ?? error.message);
  field.control.focus();
  return true;
}
