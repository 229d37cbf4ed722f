// Reads what the page carries: the JSON model, and the packed blocks of figures (hereabouts/report/packing.py).

const model = JSON.parse(document.getElementById("model").textContent);

const openedBlocks = new Map();

/** The numbers of a block, unpacked on first use: Uint16Array or Uint32Array. */
function block(name, width) {
  if (!openedBlocks.has(name)) openedBlocks.set(name, unpack(document.getElementById(`block-${name}`).textContent, width));
  return openedBlocks.get(name);
}

async function unpack(text, width) {
  const letters = atob(text.trim());
  const packed = new Uint8Array(letters.length);
  for (let i = 0; i < packed.length; i++) packed[i] = letters.charCodeAt(i);
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const planes = new Uint8Array(await new Response(inflated).arrayBuffer());
  const count = planes.length / width;
  const bytes = new Uint8Array(planes.length);
  for (let b = 0; b < width; b++) for (let i = 0; i < count; i++) bytes[i * width + b] = planes[b * count + i];
  // Typed arrays have the machine's byte order: little-endian wherever browsers run.
  return width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
}

/** A figure from its three codes; null where nothing is published. Distances wrap around at 32 bits. */
function decodeFigure(value, below, above, step) {
  if (value === 0) return null;
  const middle = value - 1;
  return { value: middle * step, low: (middle - (below | 0)) * step, high: (middle + (above | 0)) * step };
}

/** Half of the interval over the value: how unsure a figure is. */
function unsureness(figure) {
  return figure.value > 0 ? (figure.high - figure.low) / 2 / figure.value : Infinity;
}

/** Presence at one resolution and period: a figure for each cell and slot, or none. */
class PresenceLevel {
  static async open(entry) {
    const codes = await block(entry.block, entry.width);
    return new PresenceLevel(entry, codes);
  }

  constructor(entry, codes) {
    this.entry = entry;
    this.codes = codes;
    this.slots = entry.slots.length;
    this.plane = codes.length / 3;
    this.cells = this.slots ? this.plane / this.slots : 0;
  }

  figure(cell, slot) {
    const at = cell * this.slots + slot;
    const { codes, plane } = this;
    return decodeFigure(codes[at], codes[at + plane], codes[at + 2 * plane], this.entry.step);
  }

  /** The smallest and largest value, over all cells and slots, whose interval is above 0. */
  range() {
    let least = Infinity, most = 0;
    for (let i = 0; i < this.plane; i++) {
      const code = this.codes[i];
      if (code <= 1 || code - 1 <= this.codes[i + this.plane]) continue;
      if (code > most) most = code;
      if (code < least) least = code;
    }
    return most ? [(least - 1) * this.entry.step, (most - 1) * this.entry.step] : [0, 0];
  }

  /** The sum over published cells in a slot, its interval's ends added up too, and how many cells are in it. */
  total(slot) {
    const sum = { value: 0, low: 0, high: 0, cells: 0 };
    for (let cell = 0; cell < this.cells; cell++) {
      const one = this.figure(cell, slot);
      if (!one) continue;
      sum.value += one.value;
      sum.low += one.low;
      sum.high += one.high;
      sum.cells += 1;
    }
    return sum.cells ? sum : null;
  }
}

/** The largest flows at one resolution and period: {from, to, slot, value, low, high}, the largest first. */
async function openFlows(entry) {
  const codes = await block(entry.block, entry.width);
  const count = codes.length / 6;
  return Array.from({ length: count }, (_, i) => ({
    from: codes[i],
    to: codes[count + i],
    slot: codes[2 * count + i],
    ...decodeFigure(codes[3 * count + i], codes[4 * count + i], codes[5 * count + i], entry.step),
  }));
}
