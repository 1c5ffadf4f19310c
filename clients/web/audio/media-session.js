/** Media keys and the lock screen. Sound from a worklet alone has no media session, so a silent element anchors it. */

const ANCHOR_URL = new URL("./silence.wav", import.meta.url).href;

/**
 * @typedef {object} Actions
 * @property {() => void} play
 * @property {() => void} pause
 * @property {() => void} stop
 */

export class MediaAnchor {
  /** @param {Actions} actions */
  constructor(actions) {
    this.element = new Audio(ANCHOR_URL);
    this.element.loop = true;
    this.session = "mediaSession" in navigator ? navigator.mediaSession : null;
    this.session?.setActionHandler("play", actions.play);
    this.session?.setActionHandler("pause", actions.pause);
    this.session?.setActionHandler("stop", actions.stop);
  }

  /** Call inside the gesture. @param {string} title */
  start(title) {
    // without the anchor there are no media keys; the sound itself does not depend on it
    this.element.play().catch(() => {});
    if (this.session) this.session.metadata = new MediaMetadata({ title, artist: "Soundwell" });
    this.show("playing");
  }

  /** @param {MediaSessionPlaybackState} state */
  show(state) {
    if (this.session) this.session.playbackState = state;
  }

  stop() {
    this.element.pause();
    this.show("none");
  }
}
