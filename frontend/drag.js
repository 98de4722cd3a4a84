// Rows of a list that are put elsewhere by hand: mouse, pen or finger.

export class Drag {
  /** @param {HTMLElement} list @param {() => void} onDrop the list's rows have another order */
  constructor(list, onDrop) {
    this.list = list;
    this.onDrop = onDrop;
  }

  /** @param {HTMLElement} row @param {PointerEvent} event */
  begin(row, event) {
    event.preventDefault();
    const before = [...this.list.children];
    const ended = new AbortController();
    const { signal } = ended;
    row.toggleAttribute("data-dragged", true);
    document.addEventListener("pointermove", (move) => this.follow(row, move.clientY), { signal });
    const end = () => {
      ended.abort();
      row.removeAttribute("data-dragged");
      if ([...this.list.children].some((child, at) => child !== before[at])) this.onDrop();
    };
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) document.addEventListener(name, end, { signal });
  }

  /** The row goes before the first whose middle is below the pointer. @param {HTMLElement} row @param {number} y */
  follow(row, y) {
    const others = [...this.list.children].filter((child) => child !== row);
    const below = others.find((child) => {
      const { top, height } = child.getBoundingClientRect();
      return y < top + height / 2;
    });
    if (row.nextElementSibling !== (below ?? null)) this.list.insertBefore(row, below ?? null);
  }
}
