// A map of the world's countries that asks nobody else for anything: one file of our own.

const INK = { color: "#8d8775", weight: 1, fillColor: "#f7f4ea", fillOpacity: 1 };

async function readJson(address) {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.json();
}

export { readJson };

export async function openMap(element) {
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
  });
  watcher.observe(element);
}
