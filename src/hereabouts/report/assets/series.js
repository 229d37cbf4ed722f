// Time: the slider with its buttons, and the chart of figures over time with their intervals.

const calm = window.matchMedia("(prefers-reduced-motion: reduce)");

/** A slider over a level's slots, with play, back and on. */
class TimeBar {
  constructor(id, changed) {
    this.root = document.getElementById(id);
    this.changed = changed;
    [this.slider, this.play, this.back, this.on, this.now] = [".slider", ".play", ".back", ".on", ".now"].map((part) => this.root.querySelector(part));
    this.slider.addEventListener("input", () => this.go(Number(this.slider.value)));
    this.play.addEventListener("click", () => (this.timer ? this.stop() : this.start()));
    this.back.addEventListener("click", () => this.step(-1));
    this.on.addEventListener("click", () => this.step(1));
  }

  load(labels, slot) {
    this.stop();
    this.labels = labels;
    this.root.hidden = labels.length < 2;
    this.slider.max = labels.length - 1;
    this.show(Math.max(0, Math.min(labels.length - 1, slot)));
  }

  show(slot) {
    this.slot = slot;
    this.slider.value = slot;
    this.slider.setAttribute("aria-valuetext", this.labels[slot]);
    this.now.textContent = this.labels[slot];
  }

  go(slot) {
    this.show(slot);
    this.changed(slot);
  }

  step(by) {
    this.go((this.slot + by + this.labels.length) % this.labels.length);
  }

  start() {
    this.timer = setInterval(() => this.step(1), calm.matches ? 1500 : 450);
    this.playing("Pause");
  }

  stop() {
    clearInterval(this.timer);
    this.timer = 0;
    this.playing("Play");
  }

  playing(word) {
    this.play.textContent = word;
    this.play.setAttribute("aria-pressed", String(word === "Pause"));
    // What plays is not read out at each step.
    const live = word === "Pause" ? "off" : "polite";
    this.now.setAttribute("aria-live", live);
    this.root.closest(".stage").querySelector(".detail").setAttribute("aria-live", live);
  }
}

const CHART = { left: 50, right: 10, top: 10, bottom: 24 };

/** A line of values with the band of their intervals; gaps where nothing is published. */
class Chart {
  constructor(svg, picked) {
    this.svg = svg;
    this.picked = picked;
    svg.addEventListener("click", (event) => {
      if (this.figures?.length) picked(this.pickedSlot(event));
    });
    new ResizeObserver(() => this.draw()).observe(svg);
  }

  pickedSlot(event) {
    const { left } = this.svg.getBoundingClientRect();
    const at = Math.round(((event.clientX - left - CHART.left) / this.inner) * (this.figures.length - 1));
    return Math.max(0, Math.min(this.figures.length - 1, at));
  }

  load(figures, ticks, slot) {
    Object.assign(this, { figures, ticks, slot });
    this.draw();
  }

  /** Moves the cursor to a slot; null hides it, where the map shows another kind of moment. */
  mark(slot) {
    this.slot = slot;
    this.cursor?.setAttribute("visibility", slot === null ? "hidden" : "visible");
    for (const name of ["x1", "x2"]) this.cursor?.setAttribute(name, this.x(slot ?? 0));
  }

  x(slot) {
    return CHART.left + (this.figures.length < 2 ? this.inner / 2 : (slot / (this.figures.length - 1)) * this.inner);
  }

  draw() {
    const width = this.svg.clientWidth, height = this.svg.clientHeight;
    if (!width || !this.figures) return;
    this.inner = width - CHART.left - CHART.right;
    const most = Math.max(1e-9, ...this.figures.map((one) => (one ? one.high : 0)));
    const floor = height - CHART.bottom;
    const y = (value) => floor - (Math.max(0, value) / most) * (floor - CHART.top);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.replaceChildren(...this.axes(width, floor, most, y), ...this.marks(this.figures, y, floor));
    this.cursor = svgElement("line", { class: "cursor", y1: CHART.top - 6, y2: floor });
    this.svg.append(this.cursor);
    this.mark(this.slot);
  }

  axes(width, floor, most, y) {
    const power = 10 ** Math.floor(Math.log10(most / 2));
    const gap = [5, 2, 1].map((digit) => digit * power).find((step) => step * 2 <= most) ?? power;
    const parts = [];
    for (let value = 0; value <= most; value += gap) {
      parts.push(svgElement("line", { class: "axis", x1: CHART.left, x2: width - CHART.right, y1: y(value), y2: y(value) }));
      parts.push(svgElement("text", { x: CHART.left - 7, y: y(value) + 4, "text-anchor": "end" }, figureText(value)));
    }
    let free = -Infinity;
    this.ticks.forEach((tick, slot) => {
      if (!tick) return;
      const x = this.x(slot);
      parts.push(svgElement("line", { class: "axis", x1: x, x2: x, y1: CHART.top, y2: floor + 5 }));
      if (x < free || x + 7 * tick.length > width) return;
      parts.push(svgElement("text", { x: x + 3, y: floor + 17 }, tick));
      free = x + 7 * tick.length + 8;
    });
    return parts;
  }

  /** Runs of published figures become a band and a line, lonely ones a bar and a dot, missing ones a grey mark. */
  marks(figures, y, floor, look = "") {
    const parts = [];
    let run = [];
    const finish = () => {
      if (run.length) parts.push(...(run.length === 1 ? this.lonely(run[0], y, look) : this.run(run, y, look)));
      run = [];
    };
    figures.forEach((figure, slot) => {
      if (figure) return run.push({ ...figure, slot });
      finish();
      const half = Math.max(1, this.inner / figures.length / 2 - 0.5);
      parts.push(svgElement("line", { class: "none", x1: Math.max(CHART.left, this.x(slot) - half), x2: this.x(slot) + half, y1: floor - 2, y2: floor - 2 }));
    });
    finish();
    return parts;
  }

  run(points, y, look) {
    const along = (some, part) => some.map((one) => `${this.x(one.slot).toFixed(1)} ${y(one[part]).toFixed(1)}`).join("L");
    return [
      svgElement("path", { class: `band ${look}`, d: `M${along(points, "high")}L${along([...points].reverse(), "low")}Z` }),
      svgElement("path", { class: `line ${look}`, d: `M${along(points, "value")}` }),
    ];
  }

  lonely(point, y, look) {
    const x = this.x(point.slot), top = y(point.high);
    return [
      svgElement("rect", { class: `band ${look}`, x: x - 2, width: 4, y: top, height: Math.max(0.5, y(point.low) - top) }),
      svgElement("circle", { class: `dot ${look}`, cx: x, cy: y(point.value), r: 2.2 }),
    ];
  }
}
