// Who is there: the server's fragment for the area that is saved, and its hexagons on the map.
// What was counted for another area is never shown as if it were this one's.

import { WORLDS } from "./area-shapes.js";
import { word } from "./area-words.js";

const PAUSE = 700; // Milliseconds. Each count stands in the ledger: a drawing in motion is not one.

export function hexagonLayer(L, collection, by = 0) {
  return L.geoJSON(collection, {
    coordsToLatLng: ([x, y]) => L.latLng(y, x + by),
    style: ({ properties }) => ({
      color: "#0a5a66", weight: 1, fillColor: "#0a5a66",
      fillOpacity: 0.12 + 0.6 * properties.share, bubblingMouseEvents: true,
    }),
    onEachFeature: ({ properties }, layer) => layer.bindTooltip(String(properties.label)),
  });
}

export class PeopleThere {
  #L;
  #map;
  #url;
  #place;
  #layer;
  #timer = 0;
  #asked = 0;
  #counted; // The area, as JSON, that the figures are of.

  constructor(L, map, url) {
    this.#L = L;
    this.#map = map;
    this.#url = url;
    this.#layer = L.layerGroup().addTo(map);
    this.#place = document.getElementById("people-there");
    if (!this.#place) {
      this.#place = Object.assign(document.createElement("div"), { id: "people-there" });
      document.querySelector(".room__panel").append(this.#place);
    }
    // Figures that came with the page are of the area that came with it.
    if (this.#place.querySelector(".people-there")) this.#counted = null;
  }

  // To be called at once when anything is drawn: from then on the old figures are nobody's.
  stale() {
    this.#asked += 1;
    clearTimeout(this.#timer);
    this.#counted = undefined;
    this.#layer.clearLayers();
    this.#place.setAttribute("aria-busy", "true");
    this.#note("counting");
  }

  // Only the saved area is counted, and each area once.
  count(area) {
    const asked = JSON.stringify(area ?? null);
    if (this.#counted === null && asked !== "null") {
      this.#counted = asked;
      this.#drawHexagons();
      return;
    }
    if (asked === this.#counted) return;
    this.stale();
    if (!area) {
      this.#counted = asked;
      this.#show("");
      return;
    }
    const number = this.#asked;
    this.#timer = setTimeout(() => this.#fetch(asked, number), PAUSE);
  }

  async #fetch(asked, number) {
    let text = null;
    try {
      const response = await fetch(this.#url, { headers: { Accept: "text/html" } });
      // A page in its place (signed out) is no fragment.
      if (response.ok && !response.redirected) text = await response.text();
    } catch { /* Said below. */ }
    if (number !== this.#asked) return;
    if (text === null) {
      this.#show("");
      this.#note("not-counted");
      return;
    }
    this.#counted = asked;
    this.#show(text);
    this.#drawHexagons();
  }

  #show(text) {
    const page = new DOMParser().parseFromString(text, "text/html");
    this.#place.replaceChildren(...page.body.childNodes);
    this.#place.removeAttribute("aria-busy");
  }

  // The old figures go: an officer at three in the morning reads what stands there.
  #note(name) {
    const line = document.createElement("p");
    line.className = "quiet people-there__note";
    line.textContent = word(name);
    this.#place.replaceChildren(line);
  }

  #drawHexagons() {
    this.#layer.clearLayers();
    const { hexagons } = this.#place.querySelector("[data-hexagons]")?.dataset ?? {};
    if (!hexagons) return;
    const collection = JSON.parse(hexagons);
    for (const by of WORLDS) this.#layer.addLayer(hexagonLayer(this.#L, collection, by));
  }
}
