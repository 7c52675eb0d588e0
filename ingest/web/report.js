// Makes the place easier to give in the resident's form: the browser's position, or a tap on a map of the areas; and photos
// smaller before they travel, with their time and place. The form works without any of it.

import { withExifOf } from "./exif.js";

const form = document.getElementById("report");
const place = document.getElementById("place");
const near = document.getElementById("near");
const words = document.getElementById("position-words");
const SVG = "http://www.w3.org/2000/svg";
const MAP_WIDTH = 600;
const PHOTO_EDGE = 1600;

let asking = new AbortController();

/** Have neighbours reported the same there? The answer is a piece of the page, made where the page is. */
async function lookNear() {
  asking.abort();
  const { signal } = (asking = new AbortController());
  const { service_code: service, lat, long } = form.elements;
  near.replaceChildren();
  if (!service.value || !lat.value) return;
  const said = new URLSearchParams({
    service_code: service.value,
    lat: lat.value,
    long: long.value,
    lang: document.documentElement.lang,
  });
  const hint = await fetch(`/near?${said}`, { signal })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .catch(() => "");
  if (!signal.aborted) near.innerHTML = hint;
}

/** @param {number} lat @param {number} lon */
function setPosition(lat, lon) {
  form.elements.lat.value = lat.toFixed(6);
  form.elements.long.value = lon.toFixed(6);
  words.textContent = `${place.dataset.set} (${lat.toFixed(5)}, ${lon.toFixed(5)})`;
  lookNear();
}

function askForPosition() {
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => setPosition(coords.latitude, coords.longitude),
    () => (words.textContent = place.dataset.failed),
    { enableHighAccuracy: true, timeout: 10000 },
  );
}

/** All rings of a GeoJSON geometry. @returns {number[][][]} */
function ringsOf(geometry) {
  if (geometry?.type === "Polygon") return geometry.coordinates;
  return geometry?.type === "MultiPolygon" ? geometry.coordinates.flat() : [];
}

/** A flat projection that is good enough for one district: degrees to pixels and back. */
function projectionOf(features) {
  const points = features.flatMap((feature) => ringsOf(feature.geometry).flat());
  const box = points.reduce(
    (b, [x, y]) => [Math.min(b[0], x), Math.min(b[1], y), Math.max(b[2], x), Math.max(b[3], y)],
    [Infinity, Infinity, -Infinity, -Infinity],
  );
  const [west, south, east, north] = box;
  const shrink = Math.cos(((south + north) / 2) * (Math.PI / 180));
  const scale = MAP_WIDTH / ((east - west) * shrink);
  return {
    height: (north - south) * scale,
    toPixels: ([lon, lat]) => [(lon - west) * shrink * scale, (north - lat) * scale],
    toDegrees: (x, y) => [north - y / scale, west + x / (shrink * scale)],
  };
}

function element(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}

/** @param {any[]} features @param {string} name what a screen reader calls it */
function drawMap(features, name) {
  const projection = projectionOf(features);
  const viewBox = `0 0 ${MAP_WIDTH} ${projection.height.toFixed(0)}`;
  const svg = element("svg", { viewBox, role: "img", "aria-label": name });
  const dot = element("circle", { r: 6, visibility: "hidden" });
  for (const feature of features) {
    const line = (ring) =>
      `M${ring
        .map((point) =>
          projection
            .toPixels(point)
            .map((n) => n.toFixed(1))
            .join(" "),
        )
        .join("L")}Z`;
    const path = element("path", { d: ringsOf(feature.geometry).map(line).join("") });
    const title = element("title", {});
    title.textContent = document.documentElement.lang === "en" ? feature.properties.name_en : feature.properties.name;
    path.append(title);
    svg.append(path);
  }
  svg.append(dot);
  svg.addEventListener("click", (event) => {
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    setPosition(...projection.toDegrees(at.x, at.y));
    for (const path of svg.querySelectorAll("path")) path.classList.toggle("chosen", path === event.target);
    for (const [key, value] of Object.entries({ cx: at.x, cy: at.y, visibility: "visible" }))
      dot.setAttribute(key, String(value));
  });
  return svg;
}

/** Only the smallest areas: a street's polygon would lie over its grids. */
function leavesOf(features) {
  const parents = new Set(features.map((feature) => feature.properties.parent));
  return features.filter((feature) => ringsOf(feature.geometry).length && !parents.has(feature.properties.code));
}

async function openMap(event) {
  const details = event.currentTarget;
  if (!details.open || details.querySelector("svg")) return;
  const answer = await fetch("/map.json");
  const leaves = answer.ok ? leavesOf((await answer.json()).features) : [];
  if (leaves.length) details.append(drawMap(leaves, details.querySelector("summary").textContent));
  else words.textContent = place.dataset.failed;
}

/** @param {File} file */
async function shrink(file) {
  const picture = await createImageBitmap(file);
  const scale = Math.min(1, PHOTO_EDGE / Math.max(picture.width, picture.height));
  if (scale === 1) return file;
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * scale);
  canvas.height = Math.round(picture.height * scale);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const drawn = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.85));
  const [before, after] = await Promise.all(
    [file, drawn].map(async (bytes) => new Uint8Array(await bytes.arrayBuffer())),
  );
  return new File(withExifOf(before, after), file.name.replace(/\.\w+$/, ".jpg"), { type: "image/jpeg" });
}

async function shrinkPhotos(event) {
  const input = event.currentTarget;
  const list = new DataTransfer();
  for (const file of input.files) list.items.add(await shrink(file).catch(() => file));
  input.files = list.files;
}

/** Who leaves by a link, the one to the other language say, is asked before what was written is lost. */
let sent = false;
form.addEventListener("submit", () => (sent = true));
addEventListener("beforeunload", (event) => {
  if (!sent && form.elements.description.value !== form.elements.description.defaultValue) event.preventDefault();
});

if ("geolocation" in navigator && window.isSecureContext) {
  const button = document.getElementById("position");
  button.hidden = false;
  button.addEventListener("click", askForPosition);
}
const map = document.getElementById("map");
map.hidden = false;
map.addEventListener("toggle", openMap);
document.getElementById("photo").addEventListener("change", shrinkPhotos);
form.elements.service_code.addEventListener("change", lookNear);
