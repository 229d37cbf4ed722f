// What lies under and over the figures: land and water, tiles if an address was given, the region's edge, towns, a scale.

const COLOURS = { land: "#f6f4ee", water: "#cfe0ea", coast: "#9db4c2", edge: "#6b7a86", ink: "#16232f", soft: "#4d5c69" };

// Rings arrive as differences of whole grid steps; kept as Mercator positions.
const landRings = model.land.map((steps) => {
  const ring = new Float64Array(steps.length);
  let lon = 0, lat = 0;
  for (let i = 0; i < steps.length; i += 2) {
    lon += steps[i];
    lat += steps[i + 1];
    [ring[i], ring[i + 1]] = mercator(lon / model.landGrid, lat / model.landGrid);
  }
  return ring;
});

function paintGround(context, view) {
  context.fillStyle = COLOURS.water;
  context.fillRect(0, 0, view.width, view.height);
  context.beginPath();
  for (const ring of landRings) {
    for (let i = 0; i < ring.length; i += 2) {
      const [x, y] = view.toScreen(ring[i], ring[i + 1]);
      i ? context.lineTo(x, y) : context.moveTo(x, y);
    }
    context.closePath();
  }
  context.fillStyle = COLOURS.land;
  context.fill("evenodd");
  context.strokeStyle = COLOURS.coast;
  context.lineWidth = 0.8;
  context.stroke();
  if (model.tiles) paintTiles(context, view);
}

function paintEdge(context, view) {
  if (!model.bounded) return;
  const [left, bottom] = view.toScreen(...mercator(model.view[0], model.view[1]));
  const [right, top] = view.toScreen(...mercator(model.view[2], model.view[3]));
  context.save();
  context.setLineDash([6, 4]);
  context.strokeStyle = COLOURS.edge;
  context.lineWidth = 1;
  context.strokeRect(left, top, right - left, bottom - top);
  context.restore();
}

function paintTowns(context, view) {
  const taken = [[view.width - 190, 0, view.width, 56], [0, view.height - 34, 150, view.height]];
  const most = Math.round((view.width * view.height) / 16000);
  let shown = 0;
  context.save();
  context.textBaseline = "middle";
  context.lineJoin = "round";
  for (const [name, lon, lat, population] of model.towns) {
    const [x, y] = view.toScreen(...mercator(lon, lat));
    if (x < 0 || y < 0 || x > view.width || y > view.height || shown >= most) continue;
    const large = population >= 500000;
    context.font = `${large ? "600 13px" : "12px"} system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif`;
    const wide = context.measureText(name).width;
    const left = x + 6 + wide > view.width ? x - 6 - wide : x + 6;
    const box = [Math.min(left, x) - 2, y - 8, Math.max(left + wide, x) + 2, y + 8];
    if (taken.some((other) => box[0] < other[2] && other[0] < box[2] && box[1] < other[3] && other[1] < box[3])) continue;
    taken.push(box);
    shown += 1;
    context.strokeStyle = "rgb(255 255 255 / 0.92)";
    context.lineWidth = 3.5;
    context.beginPath();
    context.arc(x, y, 2.4, 0, 7);
    context.stroke();
    context.strokeText(name, left, y);
    context.fillStyle = COLOURS.ink;
    context.fill();
    context.fillText(name, left, y);
  }
  context.restore();
}

function paintScale(context, view) {
  const [, latitude] = fromMercator(...view.toWorld(60, view.height - 20));
  const kmPerPixel = (40030 * Math.cos((latitude * Math.PI) / 180)) / view.scale;
  const power = 10 ** Math.floor(Math.log10(110 * kmPerPixel));
  const km = [5, 2, 1].find((digit) => digit * power <= 110 * kmPerPixel) * power;
  const wide = km / kmPerPixel, x = 12, y = view.height - 12;
  const label = `${km >= 1 ? km : km.toPrecision(1)} km`;
  context.save();
  context.font = '12px system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif';
  context.fillStyle = "rgb(255 255 255 / 0.85)";
  context.fillRect(x - 6, y - 14, wide + context.measureText(label).width + 20, 20);
  context.strokeStyle = context.fillStyle = COLOURS.ink;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(x, y - 5);
  context.lineTo(x, y);
  context.lineTo(x + wide, y);
  context.lineTo(x + wide, y - 5);
  context.stroke();
  context.fillText(label, x + wide + 6, y);
  context.restore();
}

const tileImages = new Map();

function paintTiles(context, view) {
  const zoom = Math.max(0, Math.min(18, Math.round(Math.log2(view.scale / 256))));
  const across = 2 ** zoom, size = view.scale / across;
  const [left, top] = view.toWorld(0, 0), [right, bottom] = view.toWorld(view.width, view.height);
  for (let column = Math.floor(left * across); column <= right * across; column++) {
    for (let row = Math.max(0, Math.floor(top * across)); row <= Math.min(across - 1, bottom * across); row++) {
      const image = tile(zoom, ((column % across) + across) % across, row, view);
      const [x, y] = view.toScreen(column / across, row / across);
      if (image.complete && image.naturalWidth) context.drawImage(image, x, y, size + 0.5, size + 0.5);
    }
  }
}

function tile(z, x, y, view) {
  const address = model.tiles.replace("{z}", z).replace("{x}", x).replace("{y}", y);
  if (!tileImages.has(address)) {
    const image = new Image();
    image.addEventListener("load", () => view.draw());
    image.src = address;
    tileImages.set(address, image);
  }
  return tileImages.get(address);
}
