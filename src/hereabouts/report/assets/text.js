// Numbers and places in words, as hereabouts/report/words.py and towns.py say them; and making elements from text.

const grouped = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

function figureText(value) {
  if (Math.abs(value) >= 99.95 || Math.abs(value - Math.round(value)) < 1e-9) return grouped.format(value);
  return value.toFixed(Math.abs(value) >= 1 ? 1 : 2);
}

function intervalText(figure) {
  return `${figureText(Math.max(0, figure.low))} to ${figureText(figure.high)}`;
}

function surenessText(figure) {
  const share = unsureness(figure);
  if (!(share < 10)) return "may be none";
  return share < 0.01 ? "under ±1\u00a0%" : `±${Math.round(share * 100)}\u00a0%`;
}

const KM_PER_DEGREE = 111.195;
const COMPASS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"];

/** "4 km NE of Tongzhou", or coordinates where no town is near. */
function placeName(lon, lat) {
  const stretch = Math.cos((lat * Math.PI) / 180) * KM_PER_DEGREE;
  let best = null;
  for (const [name, townLon, townLat] of model.towns) {
    const east = (lon - townLon) * stretch, north = (lat - townLat) * KM_PER_DEGREE;
    const distance = Math.hypot(east, north);
    if (!best || distance < best.distance) best = { name, east, north, distance };
  }
  if (!best || best.distance > 150) return coordinates(lon, lat);
  if (best.distance < 1.5) return best.name;
  const bearing = ((Math.atan2(best.east, best.north) * 180) / Math.PI + 360) % 360;
  return `${Math.round(best.distance)} km ${COMPASS[Math.round(bearing / 45) % 8]} of ${best.name}`;
}

function coordinates(lon, lat) {
  const turned = ((((lon + 180) % 360) + 360) % 360) - 180;
  return `${Math.abs(lat).toFixed(2)}° ${lat >= 0 ? "N" : "S"}, ${Math.abs(turned).toFixed(2)}° ${turned >= 0 ? "E" : "W"}`;
}

/** An element with text or elements in it. Text is only ever set as text, never as markup. */
function element(tag, content = [], attributes = {}) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...[content].flat().filter((part) => part !== null && part !== undefined));
  return made;
}

function svgElement(tag, attributes = {}, text = "") {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text) made.textContent = text;
  return made;
}

/** Fills a select with {value, label}, keeps the choice if it is still there, and returns what is chosen. */
function fillSelect(select, options, wanted) {
  select.replaceChildren(...options.map(({ value, label }) => element("option", label, { value })));
  if (options.some(({ value }) => String(value) === String(wanted))) select.value = wanted;
  return select.value;
}

// Round numbers to part classes at, from far apart to near together.
const ROUND = [[1, 2, 5], [1, 1.5, 2, 3, 5, 7], [1, 1.2, 1.4, 1.6, 1.8, 2, 2.5, 3, 3.5, 4, 4.5, 5, 6, 7, 8, 9]];

/** Round limits of classes between two values: at least three where the values allow, the largest `most` of them. */
function classLimits(lowest, highest, most = 5) {
  const series = ROUND.map((digits) => roundNumbers(digits, lowest, highest));
  return (series.find((limits) => limits.length >= 3) ?? series.at(-1)).slice(-most);
}

function roundNumbers(digits, lowest, highest) {
  const found = [], first = Math.floor(Math.log10(Math.max(lowest, 1e-2)));
  for (let power = first; power <= Math.log10(Math.max(highest, 1e-2)); power++) {
    found.push(...digits.map((digit) => Number((digit * 10 ** power).toPrecision(3))));
  }
  return found.filter((value) => value > lowest && value < highest);
}

/** The colours for `count` classes, spread over the whole ramp. */
function classColours(count, ramp = model.ramp) {
  if (count === 1) return [ramp[Math.floor(ramp.length / 2)]];
  return Array.from({ length: count }, (_, i) => ramp[Math.round((i * (ramp.length - 1)) / (count - 1))]);
}

function classLabels(limits, floor) {
  const names = limits.map(figureText);
  if (!names.length) return ["all published values"];
  const first = floor && floor < limits[0] ? `${figureText(floor)} to ${names[0]}` : `under ${names[0]}`;
  return [first, ...names.slice(1).map((name, i) => `${names[i]} to ${name}`), `${names.at(-1)} and more`];
}

function classOf(value, limits) {
  let at = 0;
  while (at < limits.length && value >= limits[at]) at++;
  return at;
}
