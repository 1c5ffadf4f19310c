/** What the player tells and takes; there is nothing to run here. */

/** @typedef {"connecting" | "connected" | "buffering" | "reconnecting" | "offline" | "blocked" | "taken-over" | "unsupported"} Connection */
/** @typedef {"idle" | "starting" | "playing" | "paused" | "ended"} TransportState */
/** @typedef {{address: string, value: number | string} & Record<string, unknown>} ParamSpec */
/** @typedef {{spec: ParamSpec | null, value: number | string, sent: boolean, heard: boolean}} Param */

/**
 * @typedef {object} StartOptions
 * @property {string} [preset]
 * @property {Record<string, unknown>} [program] instead of a preset
 * @property {string} [title] on the lock screen
 * @property {number} [duration_s]
 * @property {number} [fade_in_ms]
 * @property {number} [fade_out_ms]
 * @property {Record<string, number | string>} [params] set from the first moment
 * @property {string} [take] session of another device that goes on here
 */

/** @typedef {{code: string, msg: string, sessions?: {session: string, device: string}[], resets_at?: number}} Failure `sessions`: what plays elsewhere */

/**
 * @typedef {object} PlayerState
 * @property {Connection} connection
 * @property {number} attempt
 * @property {TransportState} transport
 * @property {number} position_s played
 * @property {number} remaining_s
 * @property {number} duration_s
 * @property {number} buffered_s
 * @property {number} dropouts
 * @property {{left_s?: number, resets_at?: number} | null} limit
 * @property {Failure | null} error
 * @property {Map<string, Param>} params
 * @property {string | null} session
 * @property {string | null} preset
 */

/**
 * @typedef {object} Ready
 * @property {string} session
 * @property {number} startPos
 * @property {number} endPos
 * @property {number} rev
 * @property {[number, number][]} gainEnv
 * @property {ParamSpec[]} params
 * @property {any} instance
 * @property {boolean} isNew false where a server goes on with what it had forgotten
 */

export {};
