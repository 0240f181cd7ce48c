// Draws an affected area on the base map. What it shows also stands on the page in words.
//
// <div class="map" data-area='GeoJSON' or data-area-url data-base-url data-credit
//      [data-hexagons='FeatureCollection with properties.label and properties.share 0..1']
//      [data-places='[{"name", "latitude", "longitude"}]']>

import { openMap, readJson, whenSeen } from "./base-map.js";

const AREA = { color: "#a3123a", weight: 2.5, fillColor: "#a3123a", fillOpacity: 0.16 };

// Names of towns that lie close together would cover one another: the first, the largest, stays.
function readable(map, places) {
  const taken = [];
  return places.filter((place) => {
    const { x, y } = map.latLngToContainerPoint([place.latitude, place.longitude]);
    const width = 16 + 8 * place.name.length;
    const isFree = taken.every(
      (other) => Math.abs(other.y - y) > 20 || x > other.x + other.width || x + width < other.x,
    );
    if (isFree) taken.push({ x, y, width });
    return isFree;
  });
}

async function draw(element) {
  const map = await openMap(element);
  const { L } = window;
  const { area, areaUrl, hexagons, places } = element.dataset;
  if (hexagons) {
    L.geoJSON(JSON.parse(hexagons), {
      style: ({ properties }) => ({
        color: "#0a5a66", weight: 1, fillColor: "#0a5a66",
        fillOpacity: 0.12 + 0.6 * properties.share,
      }),
      onEachFeature: ({ properties }, layer) => layer.bindTooltip(String(properties.label)),
    }).addTo(map);
  }
  const geojson = area ? JSON.parse(area) : areaUrl ? await readJson(areaUrl) : null;
  if (geojson) {
    const shape = L.geoJSON(geojson, { style: AREA, interactive: false }).addTo(map);
    const bounds = shape.getBounds();
    if (bounds.isValid()) map.fitBounds(bounds, { padding: [56, 56], maxZoom: 8, animate: false });
  }
  for (const place of readable(map, places ? JSON.parse(places) : [])) {
    const word = document.createElement("span");
    word.textContent = place.name;
    word.dir = "auto";
    L.circleMarker([place.latitude, place.longitude], {
      radius: 4, color: "#10262c", weight: 2, fillColor: "#fff", fillOpacity: 1, interactive: false,
    }).bindTooltip(word, {
      permanent: true, direction: "right", className: "map-word", offset: [6, 0],
    }).addTo(map);
  }
  element.dataset.ready = "true";
}

for (const element of document.querySelectorAll(".map[data-area], .map[data-area-url]")) {
  whenSeen(element, () => draw(element));
}
