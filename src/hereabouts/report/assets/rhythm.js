// The rhythm of a typical day: 24 hours of weekdays and of weekends over each other, each with its intervals.

const LOOKS = ["", "other"];

/** Hours of the day along, one line for each kind of day. `lanes`: [{name, figures: 24 figures or null}]. */
class RhythmChart extends Chart {
  /** `lane` and `hour` are what the map shows, or null where it shows another kind of moment. */
  loadLanes(lanes, lane, hour) {
    this.lanes = lanes;
    this.lane = lane;
    this.load(lanes.flatMap((one) => one.figures), HOURS.map((at) => (at % 3 ? "" : `${String(at).padStart(2, "0")}:00`)), hour);
  }

  x(slot) {
    return CHART.left + (slot / 23) * this.inner;
  }

  marks(_, y, floor) {
    const parts = this.lanes.flatMap((one, at) => super.marks(one.figures, y, floor - 5 * at, LOOKS[at % 2]));
    // Bands first: no line lies under another's.
    const isBand = (part) => part.getAttribute("class").startsWith("band");
    return [...parts.filter(isBand), ...parts.filter((part) => !isBand(part))];
  }

  /** The hour that was clicked. */
  pickedSlot(event) {
    const { left } = this.svg.getBoundingClientRect();
    return Math.max(0, Math.min(23, Math.round(((event.clientX - left - CHART.left) / this.inner) * 23)));
  }

  /** A line and a name for each lane. */
  legend() {
    return this.lanes.map((one, at) => {
      const sign = svgElement("svg", { viewBox: "0 0 30 12", "aria-hidden": "true" });
      sign.append(svgElement("line", { class: `line ${LOOKS[at % 2]}`, x1: 1, x2: 29, y1: 6, y2: 6 }));
      return element("span", [sign, one.name]);
    });
  }
}

const HOURS = Array.from({ length: 24 }, (_, hour) => hour);

/** The lanes of a level that comes again: for each kind of day its figures by hour. */
function lanesOf(entry, figureAt) {
  const lanes = [];
  entry.rhythm.forEach(([name, hour], slot) => {
    let lane = lanes.find((one) => one.name === name);
    if (!lane) lanes.push((lane = { name, figures: HOURS.map(() => null), slots: HOURS.map(() => -1) }));
    lane.figures[hour] = figureAt(slot);
    lane.slots[hour] = slot;
  });
  return lanes;
}

/** What the chart shows, for who cannot see it: the hours with most and least of each lane. */
function rhythmText(lanes) {
  const hourText = (hour) => `${String(hour).padStart(2, "0")}:00`;
  return lanes.map(({ name, figures }) => {
    const known = HOURS.filter((hour) => figures[hour]);
    if (!known.length) return `${name}: nothing published.`;
    const most = known.reduce((a, b) => (figures[b].value > figures[a].value ? b : a));
    const least = known.reduce((a, b) => (figures[b].value < figures[a].value ? b : a));
    const gap = known.length < 24 ? ` (${24 - known.length} hours are not published)` : "";
    return `${name}: most at ${hourText(most)}, ${figureText(figures[most].value)}; least at ${hourText(least)}, ${figureText(figures[least].value)}${gap}.`;
  }).join(" ");
}
