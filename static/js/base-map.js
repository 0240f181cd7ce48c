// A map of the world's countries that asks nobody else for anything: one file of our own.

const INK = { color: "#8d8775", weight: 1, fillColor: "#f7f4ea", fillOpacity: 1 };

async function readJson(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

export { readJson };

function vendored(file) {
  return new URL(`../vendor/${file}`, import.meta.url).href;
}

function arrived(part) {
  return new Promise((resolve, reject) => {
    part.addEventListener("load", resolve);
    part.addEventListener("error", () => reject(new Error(`${part.src ?? part.href} did not load`)));
    document.head.append(part);
  });
}

export function loadLook(href) {
  return arrived(Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
}

function loadScript(src) {
  return arrived(Object.assign(document.createElement("script"), { src }));
}

let loading = null;

// Leaflet comes only when a map comes into view: most travellers never need it.
function loadLeaflet() {
  loading ??= Promise.all([
    loadLook(vendored("leaflet/leaflet.css")), loadScript(vendored("leaflet/leaflet.js")),
  ]);
  return loading;
}

// The tools for drawing come only where an area is drawn, and before its map is made.
export async function loadDrawing() {
  await Promise.all([
    loadLeaflet().then(() => loadScript(vendored("leaflet-geoman/leaflet-geoman.js"))),
    loadLook(new URL("../css/map.css", import.meta.url).href),
  ]);
  window.L.PM.setOptIn(true);
}

/** @param more Leaflet's own options, over those that every map has. */
export async function openMap(element, more = {}) {
  await loadLeaflet();
  const { L } = window;
  element.hidden = false;
  const map = L.map(element, {
    zoomControl: false, minZoom: 1, maxZoom: 12, worldCopyJump: true, zoomSnap: 0.25,
    fadeAnimation: false, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    ...more,
  });
  map.attributionControl.setPrefix(false).addAttribution(element.dataset.credit);
  L.control.zoom({
    zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut,
    position: document.dir === "rtl" ? "topright" : "topleft",
  }).addTo(map);
  map.setView([20, 10], 1.5);
  map.createPane("ground").style.zIndex = "250";
  try {
    drawGround(L, map, await readJson(element.dataset.baseUrl));
  } catch (error) {
    console.warn("The base map did not load; the area is still drawn.", error);
  }
  return map;
}

// Beyond the 180th meridian the world begins again: its borders are drawn there once it is seen.
function drawGround(L, map, countries) {
  const drawn = new Set();
  const draw = (by) => {
    if (drawn.has(by)) return;
    drawn.add(by);
    L.geoJSON(countries, {
      style: INK, pane: "ground", interactive: false, coordsToLatLng: ([x, y]) => [y, x + by],
    }).addTo(map);
  };
  draw(0);
  map.on("moveend", () => {
    const view = map.getBounds();
    if (view.getEast() > 180) draw(360);
    if (view.getWest() < -180) draw(-360);
  });
}

export function whenSeen(element, act) {
  // Phones on a slow line load the borders only when the map comes into view.
  element.hidden = false;
  const watcher = new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    act();
  }, { rootMargin: "300px" });
  watcher.observe(element);
}
