// The map of devices present, or of visitors: hexagons by moment, how many or how sure, with the course over time of one
// area or of all, and its rhythm in a typical week.

const QUIET = { none: "#ecefee", noneEdge: "#c2cacf", missing: "#b9c2c8" };

class PresenceMap {
  constructor(entries) {
    this.all = entries;
    this.what = document.getElementById("presence-what");
    this.area = document.getElementById("presence-area");
    this.period = document.getElementById("presence-period");
    this.hatchLimit = document.getElementById("presence-hatch");
    this.legend = document.getElementById("presence-legend");
    this.detail = document.getElementById("presence-detail");
    this.mode = "many";
    this.chosen = -1;
    this.bar = new TimeBar("presence-time", (slot) => this.moment(slot));
    this.chart = new Chart(document.getElementById("presence-series"), (slot) => this.pickMoment(slot));
    this.rhythm = new RhythmChart(document.getElementById("presence-rhythm"), (hour) => this.pickHour(hour));
    this.view = new MapView(document.getElementById("presence-map"), {
      paint: (context, view) => this.paint(context, view),
      hover: (px, py) => this.hover(px, py),
      pick: (px, py) => this.pick(px, py),
      key: (key) => this.key(key),
      busy: () => this.busyBox(),
    });
    this.what.addEventListener("change", () => this.changeWhat());
    this.area.addEventListener("change", () => this.changeArea());
    this.period.addEventListener("change", () => this.changePeriod());
    this.hatchLimit.addEventListener("change", () => this.show());
    for (const radio of document.getElementsByName("presence-mode")) {
      radio.addEventListener("change", () => {
        this.mode = radio.value;
        this.hatchLimit.disabled = this.mode === "sure";
        this.show();
      });
    }
    document.getElementById("presence-clear").addEventListener("click", () => this.choose(-1));
  }

  /** Starts with the finest areas that hold enough, hour by hour if there are hours, at the busiest moment. */
  async start() {
    const names = { presence: "devices present", visitors: "visitors" };
    const held = ["presence", "visitors"].filter((name) => this.all.some((entry) => entry.statistic === name));
    fillSelect(this.what, held.map((value) => ({ value, label: names[value] })), held[0]);
    this.fillAreas(telling(this.entries, (entry) => entry.period === "PT1H"));
    this.fillPeriods("PT1H");
    await this.load(null);
    this.view.fit(this.busyBox());
  }

  /** The levels of what is chosen: devices present, or visitors. */
  get entries() {
    return this.all.filter((entry) => entry.statistic === this.what.value);
  }

  get counted() {
    return this.what.value === "visitors" ? "visitors" : "devices";
  }

  fillAreas(wanted) {
    const resolutions = [...new Set(this.entries.map((entry) => entry.resolution))];
    const nearest = resolutions.includes(wanted) ? wanted : resolutions.at(-1);
    fillSelect(this.area, resolutions.map((value) => ({ value, label: areaText(value) })), nearest);
  }

  async changeWhat() {
    const before = this.chosen >= 0 ? this.cells.centre(this.chosen) : null;
    const { resolution, period } = this.level.entry;
    this.fillAreas(resolution);
    this.fillPeriods(period);
    await this.load(null, before);
  }

  fillPeriods(wanted) {
    const here = this.entries.filter((entry) => String(entry.resolution) === this.area.value);
    fillSelect(this.period, here.map((entry) => ({ value: entry.period, label: entry.periodLabel.split(" (")[0] })), wanted);
  }

  async changeArea() {
    const before = this.chosen >= 0 ? this.cells.centre(this.chosen) : null;
    this.fillPeriods(this.level.entry.period);
    await this.load(this.bar.slot, before);
    // A view in which a single cell fills a third of the map shows nothing.
    if (6 * this.cells.reach * this.view.scale > Math.min(this.view.width, this.view.height)) this.view.fit(this.busyBox());
  }

  async changePeriod() {
    await this.load(null, this.chosen >= 0 ? this.cells.centre(this.chosen) : null);
  }

  entry(resolution, period) {
    return this.entries.find((one) => one.resolution === Number(resolution) && one.period === period);
  }

  /** Opens the level chosen; keeps the slot if one is given, and the area around a place that was chosen. */
  async load(slot, place = null) {
    const entry = this.entry(this.area.value, this.period.value);
    const [level, cells] = await Promise.all([PresenceLevel.open(entry), Cells.open(entry.resolution)]);
    if (entry !== this.entry(this.area.value, this.period.value)) return;
    Object.assign(this, { level, cells });
    const [least, most] = level.range();
    this.limits = classLimits(least, most);
    this.colours = classColours(this.limits.length + 1);
    this.chosen = place ? cells.at(...place) : -1;
    const totals = entry.slots.map((_, at) => level.total(at)?.value ?? 0);
    this.bar.load(entry.slots, slot ?? totals.indexOf(Math.max(...totals)));
    this.show();
    await this.showSeries();
  }

  moment(slot) {
    this.show();
    if (this.seriesPeriod === this.level.entry.period) this.chart.mark(slot);
    if (this.rhythmEntry === this.level.entry) this.showRhythm();
  }

  pickMoment(slot) {
    if (this.seriesPeriod === this.level.entry.period && this.level.slots > 1) this.bar.go(slot);
  }

  pickHour(hour) {
    const slot = this.rhythmEntry === this.level.entry ? this.rhythm.lanes[this.rhythm.lane].slots[hour] : -1;
    if (slot >= 0) this.bar.go(slot);
  }

  /** Sorts the cells of this moment into classes, then draws map, legend and detail. */
  show() {
    const count = this.mode === "many" ? this.colours.length : model.surenessRamp.length;
    this.classes = Array.from({ length: count }, () => []);
    this.hatched = this.classes.map(() => []);
    Object.assign(this, { mayBeNone: [], missing: [] });
    const limit = Number(this.hatchLimit.value);
    for (let cell = 0; cell < this.cells.count; cell++) {
      const figure = this.level.figure(cell, this.bar.slot);
      if (!figure) this.missing.push(cell);
      else if (figure.low <= 0) this.mayBeNone.push(cell);
      else if (this.mode === "sure") this.classes[classOf(unsureness(figure), model.surenessLimits)].push(cell);
      else {
        const at = classOf(figure.value, this.limits);
        this.classes[at].push(cell);
        if (unsureness(figure) > limit) this.hatched[at].push(cell);
      }
    }
    this.view.draw();
    this.showLegend();
    this.showDetail();
  }

  paint(context, view) {
    paintGround(context, view);
    paintEdge(context, view);
    if (this.level) this.paintCells(context, view);
    paintTowns(context, view);
    paintScale(context, view);
  }

  paintCells(context, view) {
    const { cells } = this, large = cells.reach * view.scale > 7;
    if (model.tiles) context.globalAlpha = 0.75;
    cells.paint(context, view, this.missing, { stroke: large ? QUIET.missing : null, width: 0.6 });
    cells.paint(context, view, this.mayBeNone, { fill: QUIET.none, stroke: large ? QUIET.noneEdge : null, width: 0.6 });
    const colours = this.mode === "many" ? this.colours : model.surenessRamp;
    this.classes.forEach((some, at) => cells.paint(context, view, some, { fill: colours[at], stroke: large ? "rgb(255 255 255 / 0.75)" : colours[at], width: 0.6 }));
    context.globalAlpha = 1;
    // Hatching needs room; small cells that are unsure are paled instead.
    this.hatched.forEach((some, at) => cells.paint(context, view, some, { fill: large ? hatch(context, isDark(colours[at])) : "rgb(246 244 238 / 0.45)" }));
    if (this.chosen >= 0) {
      cells.paint(context, view, [this.chosen], { stroke: "#ffffff", width: 5 });
      cells.paint(context, view, [this.chosen], { stroke: "#d9480f", width: 2.5 });
    }
  }

  showLegend() {
    const many = this.mode === "many";
    const limits = model.surenessLimits.map((share) => Math.round(share * 100));
    const labels = many
      ? classLabels(this.limits, model.minimum)
      : [`±${limits[0]} % or surer`, ...limits.slice(1).map((one, i) => `±${limits[i]} to ${one} %`), `less sure than ±${limits.at(-1)} %`];
    const colours = many ? this.colours : model.surenessRamp;
    const rows = labels.map((label, at) => this.legendRow({ fill: colours[at] }, label, this.classes[at].length)).reverse();
    if (!many) rows.reverse();
    if (this.mayBeNone.length) rows.push(this.legendRow({ fill: QUIET.none, stroke: QUIET.noneEdge }, "may be none: interval reaches 0", this.mayBeNone.length));
    rows.push(this.legendRow({ stroke: QUIET.missing }, this.level.slots > 1 ? "not published now" : "not published", this.missing.length));
    if (many) rows.push(this.legendRow({ fill: this.colours[Math.floor(this.colours.length / 2)], hatched: true }, `less sure than ±${Math.round(this.hatchLimit.value * 100)}\u00a0%`, this.hatched.flat().length));
    const mean = this.what.value === "presence" && this.level.entry.period !== "PT1H";
    const what = this.what.value === "presence" ? "Devices in an area" : "Visitors of an area";
    const title = many ? `${what}${mean ? ", mean" : ""}` : "Half of the interval, over the value";
    this.legend.replaceChildren(element("h3", [title, element("span", "areas", { class: "count" })]), element("ul", rows));
  }

  legendRow(look, label, count) {
    return element("li", [swatch(look), element("span", label), element("span", grouped.format(count), { class: "count" })]);
  }

  /** The figure of the chosen area, or what to do; and the larger areas around it. */
  async showDetail() {
    const { level, cells, chosen } = this, slot = this.bar.slot;
    const title = element("h3", level.entry.slots[slot]);
    if (chosen < 0) {
      this.detail.replaceChildren(title, element("p", "Tap an area for its figures."));
      return;
    }
    const figure = level.figure(chosen, slot);
    const parts = [title, element("p", element("strong", cells.name(chosen)))];
    if (figure) {
      parts.push(element("p", `${figureText(figure.value)} ${this.counted}`, { class: "big" }));
      parts.push(element("p", `95 % interval: ${intervalText(figure)} (${surenessText(figure)})`));
    } else parts.push(element("p", this.whyMissing()));
    const around = await this.around(cells.centre(chosen), slot);
    if (around) parts.push(around);
    parts.push(element("p", element("code", cells.id(chosen))));
    if (this.level === level && this.chosen === chosen && this.bar.slot === slot) this.detail.replaceChildren(...parts);
  }

  whyMissing() {
    const minimum = model.minimum ? `under ${figureText(model.minimum)} devices, or too unsure` : "too unsure";
    return `Not published here at this moment: ${minimum}. It is not zero; it is counted in the larger areas.`;
  }

  /** What the coarser levels publish around a place in the same slot. */
  async around(place, slot) {
    const coarser = this.entries.filter((one) => one.period === this.level.entry.period && one.resolution < this.level.entry.resolution).reverse();
    const lines = [];
    for (const entry of coarser) {
      const [level, cells] = await Promise.all([PresenceLevel.open(entry), Cells.open(entry.resolution)]);
      const cell = cells.at(...place), figure = cell < 0 ? null : level.figure(cell, slot);
      lines.push(element("li", `${cells.label.split(" each")[0]}: ${figure ? `${figureText(figure.value)} (${intervalText(figure)})` : "not published"}`));
    }
    return lines.length ? element("div", ["Larger areas around it:", element("ul", lines)]) : null;
  }

  /** The course over time of the chosen area, else of all published areas at the coarsest resolution. */
  async showSeries() {
    await this.showRhythm();
    const { period } = this.level.entry;
    const resolution = this.chosen >= 0 ? this.level.entry.resolution : this.coarsest(period).resolution;
    // A single moment has no course: show the hours or days of the same areas instead.
    const entry = [period, "PT1H", "P1D"].map((one) => this.entry(resolution, one)).find((one) => one && one.slots.length > 1) ?? this.entry(resolution, period);
    const level = await PresenceLevel.open(entry), chosen = this.chosen;
    const figures = entry.slots.map((_, slot) => (chosen >= 0 ? level.figure(chosen, slot) : level.total(slot)));
    this.seriesPeriod = entry.period;
    const kind = `${this.what.value === "visitors" ? "Visitors" : "Devices"}, ${entry.period === "PT1H" ? "hour by hour" : entry.periodLabel}`;
    const added = this.what.value === "visitors" ? "A device counts once in each area that it was in: this is no number of devices. " : "";
    document.getElementById("presence-series-title").textContent = `${kind}: ${chosen >= 0 ? this.cells.name(chosen) : "all published areas together"}`;
    document.getElementById("presence-series-note").textContent = chosen >= 0
      ? "Band: 95 % interval. Grey mark: not published."
      : `Sum at the largest areas (${model.cells[resolution].label.split(" each")[0]}). ${added}Band: their intervals added up, wider than need be. ${this.uneven(figures)}`;
    document.getElementById("presence-clear").hidden = chosen < 0;
    // What comes again has a chart of its own below.
    this.chart.svg.parentElement.hidden = level.slots < 2 || entry.rhythm.length > 0;
    this.chart.load(figures, entry.ticks, entry.period === period ? this.bar.slot : null);
  }

  /** The rhythm of a typical week or day, where the release has one: of the chosen area, else of all together. */
  async showRhythm() {
    const resolution = this.chosen >= 0 ? this.level.entry.resolution : null;
    const known = this.entries.filter((one) => one.rhythm.length && (resolution === null || one.resolution === resolution));
    const entry = known.find((one) => one.period === this.level.entry.period) ?? known.find((one) => one.period === "typical-week") ?? known[0];
    this.rhythm.svg.parentElement.hidden = !entry;
    this.rhythmEntry = entry?.period === this.level.entry.period ? this.level.entry : null;
    if (!entry) return;
    const { chosen } = this, level = await PresenceLevel.open(entry);
    if (chosen !== this.chosen) return;
    const lanes = lanesOf(entry, (slot) => (chosen >= 0 ? level.figure(chosen, slot) : level.total(slot)));
    const now = this.rhythmEntry ? entry.rhythm[this.bar.slot] : null;
    this.rhythm.loadLanes(lanes, Math.max(0, lanes.findIndex((lane) => lane.name === now?.[0])), now ? now[1] : null);
    const where = chosen >= 0 ? this.cells.name(chosen) : "all published areas together";
    document.getElementById("presence-rhythm-title").textContent = `${entry.period === "typical-week" ? "A typical week" : "A typical day"}, by the hour: ${where}`;
    document.getElementById("presence-rhythm-note").replaceChildren(...this.rhythm.legend());
    const uneven = chosen < 0 ? this.uneven(lanes.flatMap((lane) => lane.figures)) : "";
    document.getElementById("presence-rhythm-said").textContent = `${rhythmText(lanes)} ${uneven}`;
  }

  /** A warning where moments differ in how many areas are in their sum. */
  uneven(figures) {
    const areas = figures.map((sum) => sum?.cells ?? 0), most = Math.max(...areas), least = Math.min(...areas);
    return least < 0.9 * most ? `Between ${least} and ${most} areas are published at a moment: where they are few, the sum misses the others, and the place looks emptier than it was.` : "";
  }

  coarsest(period) {
    return this.entries.find((one) => one.period === period);
  }

  choose(cell) {
    this.chosen = cell;
    this.view.draw();
    this.showDetail();
    this.showSeries();
  }

  pick(px, py) {
    const cell = this.cells ? this.cells.at(...this.view.toWorld(px, py)) : -1;
    this.choose(cell === this.chosen ? -1 : cell);
    if (cell < 0) this.hover(px, py);
  }

  hover(px, py) {
    if (!this.level) return;
    const cell = this.cells.at(...this.view.toWorld(px, py));
    const figure = cell < 0 ? null : this.level.figure(cell, this.bar.slot);
    const [lon, lat] = fromMercator(...this.view.toWorld(px, py));
    const lines = figure
      ? [this.cells.name(cell), `${figureText(figure.value)} ${this.counted}`, `${intervalText(figure)} (${surenessText(figure)})`]
      : [cell < 0 ? placeName(lon, lat) : this.cells.name(cell), "not published", "not zero: inside a larger area"];
    this.view.showTip(this.outside(lon, lat) ? null : lines, px, py);
  }

  outside(lon, lat) {
    const [west, south, east, north] = model.view;
    return lon < west || lon > east || lat < south || lat > north;
  }

  key(key) {
    if (key === "Escape") this.choose(-1);
    else if (key.startsWith("Arrow")) {
      const here = this.chosen >= 0 ? this.cells.beside(this.chosen, key, () => true) : this.busiest();
      if (here >= 0) {
        this.choose(here);
        this.view.reveal(...this.cells.centre(here));
      }
    } else return false;
    return true;
  }

  /** The cell with the largest figure of this moment. */
  busiest() {
    let best = -1, most = -1;
    for (let cell = 0; cell < this.cells.count; cell++) {
      const value = this.level.figure(cell, this.bar.slot)?.value ?? -1;
      if (value > most) [best, most] = [cell, value];
    }
    return best;
  }

  /** Where the crowd surely is: weighed by the lower ends of the intervals, which noise alone leaves at 0. */
  busyBox() {
    return busyBox(this.cells, Float64Array.from({ length: this.cells.count }, (_, cell) => this.level.figure(cell, this.bar.slot)?.low ?? 0));
  }
}
