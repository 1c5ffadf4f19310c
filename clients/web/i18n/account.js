/** The sentences of having an account: the way in, the mails' links, and everything about oneself. */

import { NBSP, plural } from "./en.js";

export const account = {
  auth: {
    title: "Keep what you made",
    resetTitle: "Set a new password",
    forgotTitle: "A way back in",
    sentTitle: "Check your mail",
    signUp: "Sign up",
    logIn: "Log in",
    tabs: "Sign up or log in",
    email: "E-mail",
    password: "Password",
    newPassword: "New password",
    rule: "8 characters or more",
    longEnough: "Long enough",
    missing: (/** @type {number} */ count) => `${plural(count, "character", "characters")} to go`,
    show: "Show",
    showPassword: "Show the password",
    go: "Continue",
    trial: "7 days of Pro, no card. We write 2 days before it ends.",
    everywhere: "Your sounds are the same on every device.",
    law: "By signing up you agree to our terms and privacy notice.",
    guest: "Stay as guest",
    forgot: "Forgot the password?",
    forgotLead: "Tell us your address. If there is an account, a mail with a link is on its way.",
    sendLink: "Send the link",
    back: "Back to log in",
    resetLead: "Choose a new password. All devices are logged out, and you log in here with it.",
    set: "Set the password",
    wrong: "E-mail or password is not right.",
    code: "Code",
    codeHint: "Six digits of your authenticator, or a recovery code",
    codeWrong: "This code is not right. Wait for the next one, or use a recovery code.",
    sent: (/** @type {string} */ email) => `A mail is on its way to ${email}. Its link confirms that the address is yours.`,
    sentLead: "You need not wait: everything of yours is here, and what plays goes on.",
    again: "Send it again",
    againIn: (/** @type {number} */ seconds) => `Send it again in ${plural(seconds, "s", "s")}`,
    sentAgain: "A new link is on its way.",
    done: "Done",
  },

  /** What comes along, put together from what there is. */
  along: {
    preset: (/** @type {string} */ title) => `preset “${title}”`,
    presets: (/** @type {number} */ count) => `${count} presets`,
    favourites: "favourites",
    session: "this session",
    sentence: (/** @type {string[]} */ owned, /** @type {boolean} */ plays) => alongSentence(owned, plays),
    nothing: "What you save from now on is the same on every device.",
  },

  told: {
    loggedIn: (/** @type {string} */ email) => `You are logged in as ${email}.`,
    loggedOut: "You are logged out. What plays goes on.",
    ended: "This login has ended. You go on as a guest, and what plays goes on.",
    verified: "Thank you, your address is confirmed.",
  },

  links: {
    verify: "Your address",
    verifying: "Confirming your address",
    old: "This link is not valid any more. Links are good once, and not for long.",
    newLink: "Send a new link",
    logInFirst: "Log in, and we send a new one.",
    resetDone: "Your new password is set. Log in with it.",
  },

  menu: {
    open: (/** @type {string} */ email) => `Account of ${email}`,
    account: "Account",
    keys: "Shortcuts",
    logOut: "Log out",
    plan: (/** @type {string} */ plan) => account.plans[plan] ?? plan,
  },
  /** @type {Record<string, string>} */
  plans: { free: "Free", trial: "Trial of Pro", pro: "Pro", studio: "Studio" },

  problems: {
    away: "Soundwell cannot be reached now. Nothing was changed.",
    ours: "Something went wrong on our side. Nothing was changed.",
    fast: (/** @type {number} */ seconds) => `A little too fast. Ready again in ${timeSpan(seconds)}.`,
    request: (/** @type {string} */ id) => `Request ${id}`,
    copy: "Copy",
    copyId: "Copy the request id, for a report",
    copied: "Copied",
    empty: "Please fill this in.",
    /** By field, where a proof is asked for. @type {Record<string, string>} */
    wrong: {
      password: "This password is not right.",
      current_password: "This password is not right.",
      code: "This code is not right. Wait for the next one.",
    },
    /** By the field that the server names. @type {Record<string, string>} */
    fields: {
      email: "Please check this address.",
      password: "8 characters or more, please.",
      new_password: "8 characters or more, please.",
      website: "Begin with https://, please.",
      zone: "Choose one of the list.",
      country: "Two letters, such as DE.",
      language: "Such as en or pt-BR.",
      days: "1 to 3650 days, or empty.",
      scopes: "Choose at least one.",
      name: "Please give it a name.",
    },
  },
};

/** @param {string[]} owned @param {boolean} plays */
function alongSentence(owned, plays) {
  const yours = owned.map((one) => `your ${one}`);
  const parts = plays ? [...yours, account.along.session] : yours;
  if (parts.length === 0) return account.along.nothing;
  const listed = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;
  const isMany = parts.length > 1 || owned.some((one) => one.endsWith("s"));
  return `${listed[0].toUpperCase()}${listed.slice(1)} ${isMany ? "come" : "comes"} along.`;
}

/** @param {number} seconds */
function timeSpan(seconds) {
  return seconds < 90 ? `${seconds}${NBSP}s` : `${Math.ceil(seconds / 60)}${NBSP}min`;
}
