// The flow map: trips between areas as tapered strokes, thick where they start and thin where they end (the form whose
// direction readers tell best: Holten and van Wijk 2009), and as dots where they stay inside one area.

class FlowMap {
  constructor(entries) {
    this.entries = entries;
    this.area = document.getElementById("flows-area");
    this.period = document.getElementById("flows-period");
    this.most = document.getElementById("flows-most");
    this.inside = document.getElementById("flows-inside");
    this.legend = document.getElementById("flows-legend");
    this.detail = document.getElementById("flows-detail");
    this.way = "from";
    this.chosen = -1;
    this.bar = new TimeBar("flows-time", () => this.show());
    this.view = new MapView(document.getElementById("flows-map"), {
      paint: (context, view) => this.paint(context, view),
      hover: (px, py) => this.hover(px, py),
      pick: (px, py) => this.pick(px, py),
      key: (key) => this.key(key),
      busy: () => this.busyBox(),
    });
    this.area.addEventListener("change", () => this.changeArea());
    this.period.addEventListener("change", () => this.load());
    for (const control of [this.most, this.inside]) control.addEventListener("change", () => this.show());
    for (const radio of document.getElementsByName("flows-way")) {
      radio.addEventListener("change", () => {
        this.way = radio.value;
        this.show();
      });
    }
  }

  async start() {
    const resolutions = [...new Set(this.entries.map((entry) => entry.resolution))];
    fillSelect(this.area, resolutions.map((value) => ({ value, label: areaText(value) })), telling(this.entries, (entry) => entry.slots.length === 1));
    this.fillPeriods();
    await this.load();
    this.view.fit(this.busyBox());
  }

  fillPeriods() {
    const here = this.entries.filter((entry) => String(entry.resolution) === this.area.value);
    fillSelect(this.period, here.map((entry) => ({ value: entry.period, label: entry.periodLabel.split(" (")[0] })), this.period.value || (here.find((entry) => entry.slots.length === 1) ?? here.at(-1)).period);
  }

  async changeArea() {
    this.fillPeriods();
    await this.load();
  }

  async load() {
    const find = () => this.entries.find((one) => one.resolution === Number(this.area.value) && one.period === this.period.value);
    const entry = find();
    const [flows, cells] = await Promise.all([openFlows(entry), Cells.open(entry.resolution)]);
    if (entry !== find()) return;
    const place = this.chosen >= 0 ? this.cells.centre(this.chosen) : null;
    Object.assign(this, { entry, flows, cells });
    this.chosen = place ? cells.at(...place) : -1;
    this.bar.load(entry.slots, flows.length ? flows[0].slot : 0);
    this.show();
  }

  /** Flows of this moment and, if one is chosen, of one area; the largest first. */
  matching() {
    return this.flows.filter((flow) => flow.slot === this.bar.slot && (this.chosen < 0 || flow[this.way] === this.chosen));
  }

  show() {
    const all = this.matching();
    this.shown = all.filter((flow) => this.inside.checked || flow.from !== flow.to).slice(0, Number(this.most.value));
    const between = this.shown.filter((flow) => flow.from !== flow.to), within = this.shown.filter((flow) => flow.from === flow.to);
    this.largest = Math.max(1e-9, ...between.map((flow) => flow.value));
    this.largestInside = Math.max(1e-9, ...within.map((flow) => flow.value));
    const values = between.map((flow) => flow.value);
    this.limits = values.length ? classLimits(Math.min(...values), Math.max(...values), 4) : [];
    // The palest colours are lost in thin strokes.
    this.colours = classColours(this.limits.length + 1, model.ramp.slice(2));
    this.view.draw();
    this.showLegend(between.length, within.length);
    this.showDetail(all);
  }

  paint(context, view) {
    paintGround(context, view);
    paintEdge(context, view);
    if (this.cells) {
      const used = new Set(this.shown.flatMap((flow) => [flow.from, flow.to]));
      if (this.cells.reach * view.scale > 7) this.cells.paint(context, view, [...used], { fill: "rgb(255 255 255 / 0.55)", stroke: QUIET.missing, width: 0.6 });
      for (const flow of [...this.shown].reverse()) if (flow.from === flow.to) this.paintDot(context, view, flow);
      for (const flow of [...this.shown].reverse()) if (flow.from !== flow.to) this.paintStroke(context, view, flow);
      if (this.chosen >= 0) {
        this.cells.paint(context, view, [this.chosen], { stroke: "#ffffff", width: 5 });
        this.cells.paint(context, view, [this.chosen], { stroke: "#d9480f", width: 2.5 });
      }
    }
    paintTowns(context, view);
    paintScale(context, view);
  }

  dotRadius(flow, view) {
    return Math.max(2.5, Math.min(18, 0.62 * this.cells.reach * view.scale) * Math.sqrt(flow.value / this.largestInside));
  }

  paintDot(context, view, flow) {
    const [x, y] = view.toScreen(...this.cells.centre(flow.from));
    context.beginPath();
    context.arc(x, y, this.dotRadius(flow, view), 0, 7);
    context.fillStyle = unsureness(flow) > 0.5 ? "rgb(217 130 43 / 0.12)" : "rgb(217 130 43 / 0.42)";
    context.fill();
    context.strokeStyle = "#a8560c";
    context.lineWidth = 1;
    context.stroke();
  }

  width(flow) {
    return Math.max(1.6, 13 * (flow.value / this.largest));
  }

  /** Both ends and the middle of the bend, which is to the right of the way: there and back do not cover each other. */
  bend(view, flow) {
    const [x0, y0] = view.toScreen(...this.cells.centre(flow.from)), [x1, y1] = view.toScreen(...this.cells.centre(flow.to));
    return { x0, y0, x1, y1, mx: (x0 + x1) / 2 - (y1 - y0) * 0.16, my: (y0 + y1) / 2 + (x1 - x0) * 0.16 };
  }

  paintStroke(context, view, flow) {
    const { x0, y0, x1, y1, mx, my } = this.bend(view, flow);
    const length = Math.hypot(x1 - x0, y1 - y0) || 1, half = Math.min(this.width(flow) / 2, Math.max(1.5, length * 0.14));
    const ax = (-(my - y0) / (length / 2)) * half, ay = ((mx - x0) / (length / 2)) * half;
    const bx = (-(y1 - y0) / length) * half * 0.6, by = ((x1 - x0) / length) * half * 0.6;
    context.beginPath();
    context.moveTo(x0 + ax, y0 + ay);
    context.quadraticCurveTo(mx + bx, my + by, x1, y1);
    context.quadraticCurveTo(mx - bx, my - by, x0 - ax, y0 - ay);
    context.closePath();
    const colour = this.colours[classOf(flow.value, this.limits)];
    context.fillStyle = unsureness(flow) > 0.5 ? "rgb(255 255 255 / 0.7)" : colour;
    context.strokeStyle = unsureness(flow) > 0.5 ? colour : "rgb(255 255 255 / 0.6)";
    context.lineWidth = unsureness(flow) > 0.5 ? 1 : 0.6;
    context.fill();
    context.stroke();
  }

  showLegend(between, within) {
    const rows = classLabels(this.limits, model.minimum).map((label, at) => element("li", [swatch({ fill: this.colours[at] }), element("span", label)])).reverse();
    rows.push(element("li", [this.strokeSign(), element("span", "thick end: from; thin end: to")]));
    if (within) rows.push(element("li", [this.dotSign(), element("span", "inside one area (own scale)")]));
    if (this.shown.some((flow) => unsureness(flow) > 0.5)) rows.push(element("li", [swatch({ fill: "#ffffff", stroke: this.colours.at(-1) }), element("span", "hollow: less sure than ±50\u00a0%")]));
    const count = `${grouped.format(between)} flows between areas${within ? `, ${grouped.format(within)} inside one` : ""}`;
    this.legend.replaceChildren(element("h3", `Trips (${count})`), element("ul", rows));
  }

  strokeSign() {
    const sign = svgElement("svg", { viewBox: "0 0 26 18", "aria-hidden": "true" });
    sign.append(svgElement("path", { d: "M1 5Q14 7 25 9Q14 11 1 13Z", fill: model.ramp[4] }));
    return sign;
  }

  dotSign() {
    const sign = svgElement("svg", { viewBox: "0 0 26 18", "aria-hidden": "true" });
    sign.append(svgElement("circle", { cx: 13, cy: 9, r: 7, fill: "#d9822b", "fill-opacity": 0.42, stroke: "#a8560c" }));
    return sign;
  }

  /** The sum of what matches, and its largest flows in words. */
  showDetail(all) {
    const { chosen, cells, entry } = this;
    const sum = all.reduce((total, flow) => ({ value: total.value + flow.value, low: total.low + flow.low, high: total.high + flow.high }), { value: 0, low: 0, high: 0 });
    const name = chosen >= 0 ? cells.name(chosen) : "";
    const about = chosen < 0 ? "All flows on this page" : this.way === "from" ? `Leaving ${name}` : `Arriving at ${name}`;
    const parts = [element("h3", entry.slots[this.bar.slot]), element("p", element("strong", about))];
    if (all.length) {
      parts.push(element("p", `${figureText(sum.value)} trips`, { class: "big" }), element("p", `${entry.counted.includes(", ") ? `${entry.counted.split(", ")[1]}, ` : ""}in ${grouped.format(all.length)} published flows (${intervalText(sum)}, their intervals added up). The largest:`));
      parts.push(element("ol", all.slice(0, 6).map((flow) => element("li", `${this.line(flow)}: ${figureText(flow.value)} (${intervalText(flow)})`))));
    } else parts.push(element("p", "No flow is published here at this level. That is not zero: small or unsure flows are counted in larger areas."));
    if (chosen >= 0) parts.push(element("p", element("code", cells.id(chosen))));
    this.detail.replaceChildren(...parts);
  }

  line(flow) {
    const { cells, chosen, way } = this;
    if (flow.from === flow.to) return `inside ${cells.name(flow.from)}`;
    if (chosen < 0) return `${cells.name(flow.from)} → ${cells.name(flow.to)}`;
    return way === "from" ? `→ ${cells.name(flow.to)}` : `${cells.name(flow.from)} →`;
  }

  choose(cell) {
    this.chosen = cell;
    this.show();
  }

  pick(px, py) {
    const cell = this.cells ? this.cells.at(...this.view.toWorld(px, py)) : -1;
    this.choose(cell === this.chosen ? -1 : cell);
  }

  /** The flow whose stroke or dot is nearest to the pointer, within a few pixels. */
  hover(px, py) {
    let best = null, least = 7;
    for (const flow of this.shown ?? []) {
      const away = flow.from === flow.to ? this.fromDot(flow, px, py) : this.fromStroke(flow, px, py);
      if (away < least) [best, least] = [flow, away];
    }
    const lines = best && [this.line(best), `${figureText(best.value)} trips`, `${intervalText(best)} (${surenessText(best)})`];
    this.view.showTip(lines, px, py);
  }

  fromDot(flow, px, py) {
    const [x, y] = this.view.toScreen(...this.cells.centre(flow.from));
    return Math.max(0, Math.hypot(px - x, py - y) - this.dotRadius(flow, this.view)) + 2;
  }

  fromStroke(flow, px, py) {
    const { x0, y0, x1, y1, mx, my } = this.bend(this.view, flow), steps = 16;
    let least = Infinity;
    for (let i = 0; i <= steps; i++) {
      const t = i / steps, u = 1 - t;
      least = Math.min(least, Math.hypot(u * u * x0 + 2 * u * t * mx + t * t * x1 - px, u * u * y0 + 2 * u * t * my + t * t * y1 - py));
    }
    return least;
  }

  key(key) {
    if (key === "Escape") this.choose(-1);
    else if (key.startsWith("Arrow")) {
      const known = new Set(this.flows.flatMap((flow) => [flow.from, flow.to]));
      const next = this.chosen < 0 ? this.flows[0]?.from : this.cells.beside(this.chosen, key, (cell) => known.has(cell));
      if (next >= 0) {
        this.choose(next);
        this.view.reveal(...this.cells.centre(next));
      }
    } else return false;
    return true;
  }

  busyBox() {
    const weight = new Float64Array(this.cells.count);
    for (const flow of this.flows) for (const end of [flow.from, flow.to]) weight[end] += Math.max(0, flow.low);
    return busyBox(this.cells, weight, 2);
  }
}
