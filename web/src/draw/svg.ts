/** A drawing as an SVG file: strokes stay strokes, erasers become a mask, the picture its pixels. Pure. */
import { decodeBase64 } from "./base64";
import { widthAt, type Drawing, type Picture, type Point, type Stroke } from "./strokes";

export function toSvg(drawing: Drawing): string {
  const { size } = drawing;
  // An eraser takes away what lies beneath it: everything so far is wrapped in a mask with the eraser's path.
  let [ink, masks] = [drawing.image ? pictureMarkup(drawing.image) : "", ""];
  drawing.strokes.forEach((stroke, index) => {
    if (!stroke.erase) {
      ink += pathMarkup(stroke, "#000");
      return;
    }
    const cover = `<rect x="-999" y="-999" width="9999" height="9999" fill="#fff"/>`;
    masks += `<mask id="e${index}" maskUnits="userSpaceOnUse" x="-999" y="-999" width="9999" height="9999">`;
    masks += `${cover}${pathMarkup(stroke, "#000")}</mask>`;
    ink = `<g mask="url(#e${index})">${ink}</g>`;
  });
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" width="${size}" height="${size}">` +
    `<rect width="${size}" height="${size}" fill="#fff"/>` +
    `<g fill="none" stroke-linecap="round" stroke-linejoin="round">${masks}${ink}</g></svg>\n`
  );
}

function pathMarkup(stroke: Stroke, colour: string): string {
  const [first] = stroke.points;
  if (!first) return "";
  const even = stroke.points.every((point) => point[2] === first[2]);
  if (even) return lineMarkup(stroke.points, widthAt(stroke, first), colour);
  return stroke.points
    .slice(1)
    .map((to, index) => {
      const from = stroke.points[index]!;
      return lineMarkup([from, to], (widthAt(stroke, from) + widthAt(stroke, to)) / 2, colour);
    })
    .join("");
}

function lineMarkup(points: readonly Point[], width: number, colour: string): string {
  const [first, ...rest] = points.map(([x, y]) => `${x} ${y}`);
  return `<path d="M${first}L${rest.length > 0 ? rest.join("L") : first}" stroke="${colour}" stroke-width="${width}"/>`;
}

function pictureMarkup(picture: Picture): string {
  const pixels = decodeBase64(picture.pixels);
  let cells = "";
  for (let pixel = 0; pixel < picture.width * picture.height; pixel += 1) {
    const value = pixels[pixel * picture.channels] ?? 0;
    if (value === 0) continue;
    const [x, y] = [pixel % picture.width, Math.floor(pixel / picture.width)];
    cells += `<rect x="${x}" y="${y}" width="1" height="1" fill-opacity="${(value / 255).toFixed(3)}"/>`;
  }
  return `<g transform="matrix(${picture.transform.join(" ")})" fill="#000" stroke="none">${cells}</g>`;
}
