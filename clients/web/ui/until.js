/**
 * @param {string} clock `18:30` @param {Date} now
 * @returns {number} seconds until the clock next shows that time
 */
export function secondsUntil(clock, now) {
  const [hours, minutes] = clock.split(":").map(Number);
  const then = new Date(now);
  then.setHours(hours, minutes, 0, 0);
  if (then <= now) then.setDate(then.getDate() + 1);
  return (then.getTime() - now.getTime()) / 1000;
}
