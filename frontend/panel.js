// A panel beside the chart: one at a time, closed by Escape, and then the focus is where it was.

import { byId, show, write } from "./dom.js";

export class Panel {
  constructor() {
    this.root = byId("panel");
    this.body = byId("panel-body");
    /** @type {Element | null} */
    this.before = null;
    this.asked = new AbortController();
    byId("panel-close").onclick = () => this.close();
    this.root.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      this.close();
    });
  }

  get isOpen() {
    return !this.root.hidden;
  }

  /** Shows a title over `content`, which comes later: what was asked for before is of no use any more. @param {string} title @param {(signal: AbortSignal) => Promise<Node[]>} content @param {string} failed */
  async open(title, content, failed) {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    write(byId("panel-title"), title);
    if (!this.isOpen) this.enter();
    this.root.setAttribute("aria-busy", "true");
    const nodes = await content(signal).catch(() => [document.createTextNode(failed)]);
    if (signal.aborted) return;
    this.body.replaceChildren(...nodes);
    this.root.removeAttribute("aria-busy");
  }

  enter() {
    this.before = document.activeElement;
    this.body.replaceChildren();
    show(this.root, true);
    this.root.focus({ preventScroll: true });
  }

  close() {
    if (!this.isOpen) return;
    this.asked.abort();
    show(this.root, false);
    if (this.before instanceof HTMLElement) this.before.focus({ preventScroll: true });
  }
}
