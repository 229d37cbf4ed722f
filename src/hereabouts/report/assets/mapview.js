// A map on a canvas: web Mercator, fitted to a box, zoomed by buttons, pinch, wheel with Ctrl and keys, moved by dragging.
// It knows nothing of what is painted: `paint(context, view)` does that, `hover` and `pick` hear of places.

function mercator(lon, lat) {
  const sine = Math.sin((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180);
  return [(lon + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
}

function fromMercator(x, y) {
  return [x * 360 - 180, (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI];
}

const CLOSEST = 512 * 2 ** 14;

class MapView {
  constructor(frame, { paint, hover, pick, key, busy }) {
    this.frame = frame;
    this.canvas = frame.querySelector("canvas");
    this.tip = frame.querySelector(".tip");
    Object.assign(this, { paint, hover, pick, key, busy });
    this.width = this.height = 0;
    this.box = this.whole = model.view;
    this.pointers = new Map();
    this.listen();
    new ResizeObserver(() => this.resize()).observe(frame);
  }

  resize() {
    const { clientWidth, clientHeight } = this.frame;
    if (!clientWidth || (clientWidth === this.width && clientHeight === this.height)) return;
    const grown = this.width ? clientWidth / this.width : 0;
    [this.width, this.height] = [clientWidth, clientHeight];
    this.density = Math.min(2, window.devicePixelRatio || 1);
    this.canvas.width = Math.round(clientWidth * this.density);
    this.canvas.height = Math.round(clientHeight * this.density);
    if (!grown) return this.fit(this.box);
    // What was looked at stays in sight.
    this.scale *= grown;
    this.settle();
  }

  /** Looks at a box of degrees: west, south, east, north. */
  fit(box) {
    this.box = box;
    if (!this.width) return;
    const [left, bottom] = mercator(box[0], box[1]), [right, top] = mercator(box[2], box[3]);
    const margin = 0.94;
    this.scale = Math.min(CLOSEST, Math.min(this.width / (right - left), this.height / (bottom - top)) * margin);
    this.x = (left + right) / 2;
    this.y = (top + bottom) / 2;
    this.settle();
  }

  /** Keeps the view on the region and draws soon. */
  settle() {
    const [left, bottom] = mercator(this.whole[0], this.whole[1]), [right, top] = mercator(this.whole[2], this.whole[3]);
    this.furthest = Math.min(this.width / (right - left), this.height / (bottom - top)) * 0.94;
    this.scale = Math.max(this.furthest, Math.min(CLOSEST, this.scale));
    this.x = Math.max(left, Math.min(right, this.x));
    this.y = Math.max(top, Math.min(bottom, this.y));
    // Zoomed out, a finger scrolls the page; zoomed in, it moves the map.
    this.frame.classList.toggle("moved", this.scale > this.furthest * 1.05);
    this.draw();
  }

  draw() {
    if (this.waiting || !this.width) return;
    this.waiting = requestAnimationFrame(() => {
      this.waiting = 0;
      const context = this.canvas.getContext("2d");
      context.setTransform(this.density, 0, 0, this.density, 0, 0);
      context.clearRect(0, 0, this.width, this.height);
      this.paint(context, this);
    });
  }

  toScreen(x, y) {
    return [(x - this.x) * this.scale + this.width / 2, (y - this.y) * this.scale + this.height / 2];
  }

  toWorld(px, py) {
    return [(px - this.width / 2) / this.scale + this.x, (py - this.height / 2) / this.scale + this.y];
  }

  zoom(factor, px = this.width / 2, py = this.height / 2) {
    const [x, y] = this.toWorld(px, py);
    this.scale = Math.max(this.furthest, Math.min(CLOSEST, this.scale * factor));
    this.x = x - (px - this.width / 2) / this.scale;
    this.y = y - (py - this.height / 2) / this.scale;
    this.settle();
  }

  /** Moves the view just enough to show a place. */
  reveal(x, y) {
    const [px, py] = this.toScreen(x, y), margin = 60;
    const shift = (at, size) => (at < margin ? at - margin : at > size - margin ? at - size + margin : 0);
    this.x += shift(px, this.width) / this.scale;
    this.y += shift(py, this.height) / this.scale;
    this.settle();
  }

  /** Shows lines of text at a place on the map; none hides it. */
  showTip(lines, px, py) {
    this.tip.hidden = !lines;
    if (!lines) return;
    this.tip.replaceChildren(...lines.map((line, i) => element("div", i === 1 ? element("strong", line) : line)));
    const { offsetWidth, offsetHeight } = this.tip;
    const left = px + 16 + offsetWidth > this.width ? px - 16 - offsetWidth : px + 16;
    const top = py + 16 + offsetHeight > this.height ? py - 12 - offsetHeight : py + 16;
    this.tip.style.transform = `translate(${Math.max(4, Math.round(left))}px, ${Math.max(4, Math.round(top))}px)`;
  }

  at(event) {
    const { left, top } = this.canvas.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  }

  listen() {
    const { canvas } = this;
    canvas.addEventListener("pointerdown", (event) => this.press(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    canvas.addEventListener("pointerup", (event) => this.release(event));
    canvas.addEventListener("pointercancel", (event) => this.pointers.delete(event.pointerId));
    canvas.addEventListener("pointerleave", () => this.showTip(null));
    canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoom(2 ** (-event.deltaY / 200), ...this.at(event));
    }, { passive: false });
    canvas.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "+" || event.key === "=") this.zoom(1.5);
      else if (event.key === "-") this.zoom(1 / 1.5);
      else if (!this.key(event.key)) return;
      event.preventDefault();
    });
    const acts = { in: () => this.zoom(1.6), out: () => this.zoom(1 / 1.6), busy: () => this.fit(this.busy()), whole: () => this.fit(this.whole) };
    for (const button of this.frame.querySelectorAll("button")) button.addEventListener("click", acts[button.dataset.do]);
  }

  press(event) {
    this.pointers.set(event.pointerId, this.at(event));
    if (this.pointers.size === 1) this.dragged = 0;
    this.canvas.setPointerCapture(event.pointerId);
  }

  move(event) {
    const now = this.at(event), before = this.pointers.get(event.pointerId);
    if (!before) {
      if (event.pointerType === "mouse") this.hover(...now);
      return;
    }
    if (this.pointers.size === 2) {
      const other = [...this.pointers].find(([id]) => id !== event.pointerId)[1];
      const spread = (point) => Math.hypot(point[0] - other[0], point[1] - other[1]) || 1;
      this.zoom(spread(now) / spread(before), (now[0] + other[0]) / 2, (now[1] + other[1]) / 2);
      this.dragged = Infinity;
    } else {
      this.dragged += Math.hypot(now[0] - before[0], now[1] - before[1]);
      if (this.dragged > 4 && (event.pointerType === "mouse" || this.frame.classList.contains("moved"))) {
        this.x -= (now[0] - before[0]) / this.scale;
        this.y -= (now[1] - before[1]) / this.scale;
        this.showTip(null);
        this.settle();
      }
    }
    this.pointers.set(event.pointerId, now);
  }

  release(event) {
    const tapped = this.pointers.delete(event.pointerId) && this.dragged <= 6;
    if (tapped) this.pick(...this.at(event));
  }
}
