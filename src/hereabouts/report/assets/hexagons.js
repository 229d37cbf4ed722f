// The cells of one resolution: outlines on the map, which one is where, and how they are filled.

class Cells {
  static opened = new Map();

  static open(resolution) {
    if (!Cells.opened.has(resolution)) Cells.opened.set(resolution, Cells.read(resolution));
    return Cells.opened.get(resolution);
  }

  static async read(resolution) {
    const entry = model.cells[resolution];
    const [outline, index] = await Promise.all([
      block(`outline-${resolution}`, entry.outline), block(`index-${resolution}`, entry.index),
    ]);
    return new Cells(entry, outline, index);
  }

  constructor({ count, corners, label }, outline, index) {
    Object.assign(this, { count, corners, label, index });
    this.points = new Float64Array(count * corners * 2);
    this.centres = new Float64Array(count * 2);
    for (let cell = 0; cell < count; cell++) this.place(cell, outline);
    this.reach = this.widest();
  }

  /** Adds up the steps from corner to corner (two's complement at 32 bits), and takes the mean as the centre. */
  place(cell, outline) {
    let lon = 0, lat = 0, sumX = 0, sumY = 0;
    for (let corner = 0; corner < this.corners; corner++) {
      const at = (cell * this.corners + corner) * 2;
      lon += outline[at] | 0;
      lat += outline[at + 1] | 0;
      const [x, y] = mercator(lon / model.grid, lat / model.grid);
      this.points[at] = x;
      this.points[at + 1] = y;
      sumX += x;
      sumY += y;
    }
    this.centres[cell * 2] = sumX / this.corners;
    this.centres[cell * 2 + 1] = sumY / this.corners;
  }

  /** The largest distance from a centre to a corner of its cell. */
  widest() {
    let most = 0;
    for (let cell = 0; cell < this.count; cell++) {
      const at = cell * this.corners * 2;
      most = Math.max(most, Math.hypot(this.points[at] - this.centres[cell * 2], this.points[at + 1] - this.centres[cell * 2 + 1]));
    }
    return most;
  }

  centre(cell) {
    return [this.centres[cell * 2], this.centres[cell * 2 + 1]];
  }

  name(cell) {
    return placeName(...fromMercator(...this.centre(cell)));
  }

  /** The H3 index, as text. */
  id(cell) {
    return this.index[cell].toString(16) + this.index[this.count + cell].toString(16).padStart(8, "0");
  }

  /** The cell that holds a place on the map, or -1. */
  at(x, y) {
    for (let cell = 0; cell < this.count; cell++) {
      if (Math.abs(this.centres[cell * 2] - x) > this.reach || Math.abs(this.centres[cell * 2 + 1] - y) > this.reach) continue;
      if (this.holds(cell, x, y)) return cell;
    }
    return -1;
  }

  holds(cell, x, y) {
    const { points, corners } = this, first = cell * corners * 2;
    let inside = false;
    for (let i = 0, j = corners - 1; i < corners; j = i++) {
      const xi = points[first + 2 * i], yi = points[first + 2 * i + 1];
      const xj = points[first + 2 * j], yj = points[first + 2 * j + 1];
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    }
    return inside;
  }

  /** The nearest cell in the direction of an arrow key, among those that `wanted` accepts. */
  beside(cell, key, wanted) {
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    const [x, y] = this.centre(cell);
    let best = -1, least = Infinity;
    for (let other = 0; other < this.count; other++) {
      const east = this.centres[other * 2] - x, south = this.centres[other * 2 + 1] - y;
      const along = east * dx + south * dy, aside = Math.abs(east * dy) + Math.abs(south * dx);
      const cost = along + 2 * aside;
      if (along > this.reach * 0.4 && along >= aside * 0.9 && cost < least && wanted(other)) [best, least] = [other, cost];
    }
    return best;
  }

  /** Adds a cell's outline to the path; false if it is off the map. */
  trace(context, view, cell) {
    const [cx, cy] = view.toScreen(this.centres[cell * 2], this.centres[cell * 2 + 1]), far = this.reach * view.scale;
    if (cx < -far || cy < -far || cx > view.width + far || cy > view.height + far) return false;
    const first = cell * this.corners * 2;
    for (let i = 0; i < this.corners; i++) {
      const [x, y] = view.toScreen(this.points[first + 2 * i], this.points[first + 2 * i + 1]);
      i ? context.lineTo(x, y) : context.moveTo(x, y);
    }
    context.closePath();
    return true;
  }

  /** Fills and outlines all given cells in one go. */
  paint(context, view, cells, { fill, stroke, width = 1 }) {
    if (!cells.length) return;
    context.beginPath();
    for (const cell of cells) this.trace(context, view, cell);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (stroke) {
      context.strokeStyle = stroke;
      context.lineWidth = width;
      context.stroke();
    }
  }
}

/** A resolution by the size of its cells, as short as a choice has room for. */
function areaText(resolution) {
  return `${model.cells[resolution].label.replace("about ", "").replace(" each", "")} (H3 ${resolution})`;
}

/** The finest resolution to begin with: of levels of a kind, where there are any, one that holds a tenth of what there is. */
function telling(entries, kind) {
  const some = [entries.filter(kind), entries].find((found) => found.length);
  return (some.filter((entry) => entry.share === null || entry.share >= 0.1).at(-1) ?? some.at(-1)).resolution;
}

/** The box that holds the middle 94 % of a weight in each direction, with a margin: west, south, east, north. */
function busyBox(cells, weight, margin = 3) {
  const whole = weight.reduce((sum, one) => sum + one, 0);
  if (!(whole > 0)) return model.view;
  const ends = [0, 1].map((axis) => {
    const order = Array.from(weight.keys()).sort((a, b) => cells.centres[a * 2 + axis] - cells.centres[b * 2 + axis]);
    let sum = 0;
    const at = [0.03, 0.97].map((share) => {
      sum = 0;
      return order.find((cell) => (sum += weight[cell]) >= whole * share) ?? order.at(-1);
    });
    return [cells.centres[at[0] * 2 + axis] - margin * cells.reach, cells.centres[at[1] * 2 + axis] + margin * cells.reach];
  });
  const [west, north] = fromMercator(ends[0][0], ends[1][0]), [east, south] = fromMercator(ends[0][1], ends[1][1]);
  return [west, south, east, north];
}

const hatchings = new Map();

/** Thin slanted lines, light on dark fills and dark on light ones: "this figure is unsure". */
function hatch(context, dark) {
  const ink = dark ? "rgb(255 255 255 / 0.72)" : "rgb(22 35 47 / 0.5)";
  if (!hatchings.has(ink)) {
    const sheet = document.createElement("canvas");
    sheet.width = sheet.height = 8;
    const pen = sheet.getContext("2d");
    pen.strokeStyle = ink;
    pen.lineWidth = 1;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift - 1, 9);
      pen.lineTo(shift + 9, -1);
    }
    pen.stroke();
    hatchings.set(ink, sheet);
  }
  return context.createPattern(hatchings.get(ink), "repeat");
}

/** Whether a colour #rrggbb is dark enough to write on in white. */
function isDark(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
  return 0.3 * red + 0.59 * green + 0.11 * blue < 140;
}

/** A swatch for a legend: a fill, an outline, hatching. */
function swatch({ fill, stroke, hatched }) {
  const made = document.createElement("canvas");
  made.width = 52;
  made.height = 36;
  const context = made.getContext("2d");
  context.scale(2, 2);
  if (fill) {
    context.fillStyle = fill;
    context.fillRect(0, 0, 26, 18);
  }
  if (hatched) {
    context.fillStyle = hatch(context, isDark(fill));
    context.fillRect(0, 0, 26, 18);
  }
  if (stroke) {
    context.strokeStyle = stroke;
    context.lineWidth = 1.4;
    context.strokeRect(0.7, 0.7, 24.6, 16.6);
  }
  made.setAttribute("aria-hidden", "true");
  return made;
}
