// The controls of a replay, which come with one: pause, go on, how fast. They tell the server, and show what its status says.

/** @import { Translate } from "./i18n.js" */
/** @import { Status } from "./types.js" */

import { element, show, write } from "./dom.js";
import { fields } from "./protocol.js";

/** @typedef {NonNullable<Status["replay"]>} Replay */

const SPEEDS = [1, 2, 5, 10, 20, 50, 100];
const DEADLINE_MS = 8_000;

class Controls {
  /** @param {HTMLElement} root the banner they stand in */
  constructor(root) {
    this.pause = /** @type {HTMLButtonElement} */ (element("button", ""));
    this.speed = /** @type {HTMLSelectElement} */ (element("select", ""));
    this.said = element("span", "said");
    this.said.setAttribute("role", "status");
    for (const speed of SPEEDS) this.speed.append(new Option(`${speed}×`, String(speed)));
    root.append(this.pause, this.speed, this.said);
    this.paused = false;
    this.pause.onclick = () => this.ask({ paused: !this.paused });
    this.speed.onchange = () => this.ask({ speed: Number(this.speed.value) });
  }

  /** @param {Replay} replay @param {Translate} t */
  render({ state, speed }, t) {
    this.paused = state === "paused";
    write(this.pause, t(this.paused ? "replay_go" : "replay_pause"));
    this.speed.setAttribute("aria-label", t("replay_speed"));
    if (document.activeElement !== this.speed) this.choose(speed);
    for (const control of [this.pause, this.speed]) show(control, state !== "ended");
  }

  /** Whatever it is: another page, or its operator, may have told it one that is not on the list. @param {number} speed */
  choose(speed) {
    if (![...this.speed.options].some(({ value }) => Number(value) === speed)) this.speed.append(new Option(`${speed}×`, String(speed)));
    this.speed.value = String(speed);
  }

  /** A refusal in the server's words, until the next wish; answered, the select shows again what is. @param {{paused?: boolean, speed?: number}} wish */
  async ask(wish) {
    write(this.said, "");
    try {
      const how = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(wish), signal: AbortSignal.timeout(DEADLINE_MS) };
      const answer = await fetch("/api/v1/replay", how);
      if (!answer.ok) throw new Error(String(fields(await answer.json().catch(() => null)).detail ?? answer.status));
    } catch (error) {
      write(this.said, error instanceof Error ? error.message : String(error));
    }
    this.speed.blur();
  }
}

/** @type {Controls | undefined} */
let controls;

/** @param {Replay} replay @param {Translate} t */
export function render(replay, t) {
  controls ??= new Controls(/** @type {HTMLElement} */ (document.querySelector(".replay")));
  controls.render(replay, t);
}
