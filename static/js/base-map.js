// A map of the world's countries that asks nobody else for anything: one file of our own.

const INK = { color: "#8d8775", weight: 1, fillColor: "#f7f4ea", fillOpacity: 1 };

async function readJson(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

export { readJson };

function vendored(file) {
  return new URL(`../vendor/leaflet/${file}`, import.meta.url).href;
}

let loading = null;

// Leaflet comes only when a map comes into view: most travellers never need it.
function loadLeaflet() {
  if (window.L) return Promise.resolve();
  loading ??= new Promise((resolve, reject) => {
    const look = document.createElement("link");
    look.rel = "stylesheet";
    look.href = vendored("leaflet.css");
    const script = document.createElement("script");
    script.src = vendored("leaflet.js");
    let waiting = 2;
    for (const part of [look, script]) {
      part.addEventListener("load", () => { waiting -= 1; if (!waiting) resolve(); });
      part.addEventListener("error", () => reject(new Error("Leaflet did not load")));
      document.head.append(part);
    }
  });
  return loading;
}

export async function openMap(element) {
  await loadLeaflet();
  const { L } = window;
  element.hidden = false;
  const map = L.map(element, {
    zoomControl: false, minZoom: 1, maxZoom: 12, worldCopyJump: true, zoomSnap: 0.25,
    fadeAnimation: false, zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  });
  map.attributionControl.setPrefix(false).addAttribution(element.dataset.credit);
  L.control.zoom({
    zoomInTitle: element.dataset.zoomIn, zoomOutTitle: element.dataset.zoomOut,
    position: document.dir === "rtl" ? "topright" : "topleft",
  }).addTo(map);
  map.setView([20, 10], 1.5);
  map.createPane("ground").style.zIndex = "250";
  try {
    const countries = await readJson(element.dataset.baseUrl);
    L.geoJSON(countries, { style: INK, pane: "ground", interactive: false }).addTo(map);
  } catch (error) {
    console.warn("The base map did not load; the area is still drawn.", error);
  }
  return map;
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
