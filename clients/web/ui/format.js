/** Times and clocks as people read them. */

/** @param {number} seconds @returns {string} `18:42`, from an hour on `1:02:07` */
export function clockTime(seconds) {
  const whole = Math.max(0, Math.ceil(seconds - 1e-6));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** @param {Date} date @returns {string} `14:32` by the clock of this device */
export function timeOfDay(date) {
  return `${String(date.getHours()).padStart(2, "0")}:${String(date.getMinutes()).padStart(2, "0")}`;
}

/** @param {number} seconds from now @returns {string} */
export function endsAt(seconds) {
  return timeOfDay(new Date(Date.now() + seconds * 1000));
}
