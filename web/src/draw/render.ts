/** Ink on a canvas, as the server's rasteriser lays it: round caps and joins, erasers in their turn. */
import { decodeBase64 } from "./base64";
import { widthAt, type Drawing, type Picture, type Point, type Stroke } from "./strokes";

type Context = CanvasRenderingContext2D;

/** Draw at `pixels` canvas pixels a side, in one colour on nothing. */
export function renderDrawing(context: Context, drawing: Drawing, pixels: number, colour: string): void {
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, context.canvas.width, context.canvas.height);
  const unit = pixels / drawing.size;
  if (drawing.image) renderPicture(context, drawing.image, unit, colour);
  context.setTransform(unit, 0, 0, unit, 0, 0);
  for (const stroke of drawing.strokes) renderStroke(context, stroke, colour);
}

/** Draw one stroke in pad coordinates; the context's transform takes it to the canvas. */
export function renderStroke(context: Context, stroke: Stroke, colour: string): void {
  const [first] = stroke.points;
  if (!first) return;
  context.globalCompositeOperation = stroke.erase ? "destination-out" : "source-over";
  context.strokeStyle = colour;
  context.lineCap = "round";
  context.lineJoin = "round";
  if (stroke.points.every((point) => point[2] === first[2])) {
    renderLine(context, stroke.points, widthAt(stroke, first));
  } else {
    // Pressure: each piece has the width halfway between its ends.
    for (let index = 1; index < stroke.points.length; index += 1) {
      const [from, to] = [stroke.points[index - 1]!, stroke.points[index]!];
      renderLine(context, [from, to], (widthAt(stroke, from) + widthAt(stroke, to)) / 2);
    }
  }
  context.globalCompositeOperation = "source-over";
}

function renderLine(context: Context, points: readonly Point[], width: number): void {
  const [first, ...rest] = points;
  if (!first) return;
  context.lineWidth = width;
  context.beginPath();
  context.moveTo(first[0], first[1]);
  for (const [x, y] of rest.length > 0 ? rest : [first]) context.lineTo(x, y);
  context.stroke();
}

function renderPicture(context: Context, picture: Picture, unit: number, colour: string): void {
  const [a, b, c, d, e, f] = picture.transform;
  const stencil = picture.thickness === 0 ? inkCanvas(picture) : thickened(picture, colour);
  if (picture.thickness === 0)
    context.setTransform(a * unit, b * unit, c * unit, d * unit, e * unit, f * unit);
  else context.setTransform(unit, 0, 0, unit, 0, 0);
  context.imageSmoothingEnabled = false; // its pixels are squares, as the server takes them
  context.drawImage(stencil, 0, 0);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.globalCompositeOperation = "source-in";
  context.fillStyle = colour;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalCompositeOperation = "source-over";
}

/** The picture's ink as opacity, one canvas pixel a picture pixel. */
function inkCanvas(picture: Picture): HTMLCanvasElement {
  const { height, width, channels } = picture;
  const pixels = decodeBase64(picture.pixels);
  const canvas = makeCanvas(width, height);
  const data = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += pixels[pixel * channels + channel] ?? 0;
    data.data[4 * pixel + 3] = sum / channels;
  }
  canvas.getContext("2d")?.putImageData(data, 0, 0);
  return canvas;
}

/** The picture at one canvas pixel a pad pixel, its ink grown or worn away by a disc. */
function thickened(picture: Picture, colour: string): HTMLCanvasElement {
  const size = 224;
  const canvas = makeCanvas(size, size);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) return canvas;
  renderPicture(context, { ...picture, thickness: 0 }, 1, colour);
  const image = context.getImageData(0, 0, size, size);
  const ink = new Uint8Array(size * size);
  for (let index = 0; index < ink.length; index += 1) ink[index] = image.data[4 * index + 3] ?? 0;
  const grown = spread(ink, size, picture.thickness);
  for (let index = 0; index < ink.length; index += 1) image.data[4 * index + 3] = grown[index] ?? 0;
  context.putImageData(image, 0, 0);
  return canvas;
}

/** The strongest (radius over 0) or weakest ink within a disc around each pixel of a square. */
export function spread(ink: Uint8Array, size: number, radius: number): Uint8Array {
  const reach = Math.abs(radius);
  const offsets: [number, number][] = [];
  for (let dy = -Math.floor(reach); dy <= reach; dy += 1) {
    for (let dx = -Math.floor(reach); dx <= reach; dx += 1) {
      if (dx * dx + dy * dy <= reach * reach) offsets.push([dx, dy]);
    }
  }
  const out = new Uint8Array(ink.length);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      let value = radius > 0 ? 0 : 255;
      for (const [dx, dy] of offsets) {
        const [px, py] = [x + dx, y + dy];
        const inside = px >= 0 && py >= 0 && px < size && py < size;
        const near = inside ? (ink[py * size + px] ?? 0) : 0;
        value = radius > 0 ? Math.max(value, near) : Math.min(value, near);
      }
      out[y * size + x] = value;
    }
  }
  return out;
}

/** Pixels of a network's input, or of a filter, as a canvas paints them: grey, or red, green and blue. */
export function toImageData(
  pixels: Uint8Array,
  height: number,
  width: number,
  channels: number,
  invert: boolean,
): ImageData {
  const data = new ImageData(width, height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let part = 0; part < 3; part += 1) {
      const value = pixels[pixel * channels + (channels === 3 ? part : 0)] ?? 0;
      data.data[4 * pixel + part] = invert ? 255 - value : value;
    }
    data.data[4 * pixel + 3] = 255;
  }
  return data;
}

function makeCanvas(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
