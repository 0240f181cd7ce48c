// Changing a piece that is there: its corners by Geoman's handles, all of it by the cross in its
// middle or by the arrow keys.

import { ARROWS, LOOK, STEP } from "./area-drawing.js";
import {
  boundsOf, canShowCorners, isCircle, layerOf, measured, rounded, whole,
} from "./area-shapes.js";
import { numbered, placed, say, word } from "./area-words.js";

const STRIDE = 20; // Pixels, by the map's scale; with Shift two.

// Every place of a nest of places, moved.
function moved(nest, by) {
  return Array.isArray(nest) ? nest.map((one) => moved(one, by)) : by(nest);
}

export class Changing extends EventTarget {
  piece = null;
  #map;
  #L;
  #layer = null;
  #grip = null;

  constructor(L, map) {
    super();
    this.#L = L;
    this.#map = map;
  }

  start(piece) {
    this.#stop();
    this.piece = piece;
    this.#draw();
    const bounds = this.#layer.getBounds();
    if (!this.#map.getBounds().contains(bounds)) {
      this.#map.fitBounds(bounds, { padding: [40, 40], animate: false });
    }
    this.#tell();
  }

  // The piece as it became by undoing, or by the other control; gone, the change is over.
  follow(piece) {
    if (!this.piece) return;
    if (!piece) {
      this.leave();
      return;
    }
    const { latitude, longitude, radius_km: radius, operation, geometry } = piece;
    const known = this.piece;
    const isSame = latitude === known.latitude && longitude === known.longitude
      && radius === known.radius_km && operation === known.operation
      && (isCircle(piece) || piece.drawn === known.drawn || geometry === known.geometry);
    this.piece = piece;
    if (!isSame) this.#draw();
    this.#tell();
  }

  leave() {
    if (!this.piece) return;
    this.#stop();
    this.#tell();
  }

  get step() { return isCircle(this.piece) ? "change-circle" : "change"; }

  get radius() { return this.piece && isCircle(this.piece) ? this.#layer.getRadius() / 1000 : null; }

  set radius(km) {
    if (this.radius === null || !(km > 0)) return;
    this.#layer.setRadius(km * 1000);
    this.#changed();
    this.#edit();
  }

  // True where the key meant something here.
  press(key, isLittle) {
    if (key === "Escape" || key === "Enter") this.leave();
    else if (ARROWS[key]) this.#nudge(...ARROWS[key].map((way) => way * (isLittle ? 2 : STRIDE)));
    else if ((key === "+" || key === "=") && this.radius !== null) this.#resize(STEP);
    else if ((key === "-" || key === "_") && this.radius !== null) this.#resize(1 / STEP);
    else return false;
    return true;
  }

  #draw() {
    this.#clear();
    const look = { ...LOOK[this.piece.operation], weight: 4 };
    this.#layer = layerOf(this.#L, this.piece, this.#map.getCenter().lng, {
      ...look, pmIgnore: false,
    }).addTo(this.#map);
    this.#layer.on("pm:markerdragend pm:vertexadded pm:vertexremoved", () => this.#changed());
    this.#layer.on("pm:edit", () => this.#placeGrip());
    this.#edit();
  }

  #edit() {
    const hasCorners = isCircle(this.piece)
      || canShowCorners(whole(this.piece.drawn ?? this.piece.geometry));
    if (hasCorners) {
      this.#layer.pm.enable({ snappable: false, allowSelfIntersection: true, draggable: true });
    }
    this.#placeGrip();
  }

  // A circle has a handle in its middle already.
  #placeGrip() {
    if (isCircle(this.piece)) return;
    const at = this.#layer.getBounds().getCenter();
    if (this.#grip) {
      this.#grip.setLatLng(at);
      return;
    }
    const icon = this.#L.divIcon({ className: "map-grip", iconSize: [44, 44] });
    this.#grip = this.#L.marker(at, { icon, draggable: true, zIndexOffset: 500 }).addTo(this.#map);
    let from = at;
    this.#grip.on("dragstart", () => {
      from = this.#grip.getLatLng();
      this.#layer.pm.disable();
    });
    this.#grip.on("drag", () => {
      const to = this.#grip.getLatLng();
      this.#shift(this.#map.project(to).subtract(this.#map.project(from)));
      from = to;
    });
    this.#grip.on("dragend", () => {
      this.#changed();
      this.#edit();
    });
  }

  // By pixels of the map, so that a shape keeps its look; a circle its radius.
  #shift(pixels) {
    const by = (place) => this.#map.unproject(this.#map.project(place).add(pixels));
    if (isCircle(this.piece)) this.#layer.setLatLng(by(this.#layer.getLatLng()));
    else this.#layer.setLatLngs(moved(this.#layer.getLatLngs(), by));
  }

  #nudge(right, down) {
    this.#layer.pm.disable();
    this.#shift(this.#L.point(right, down));
    this.#changed();
    this.#edit();
    const middle = this.#layer.getBounds().getCenter();
    this.#map.panInside(middle, { padding: [60, 60], animate: false });
    say(word("moved", { place: placed(middle) }));
  }

  #resize(by) {
    const before = rounded(this.radius);
    const after = rounded(this.radius * by);
    this.radius = Math.max(0.1, after === before ? before + (by > 1 ? 1 : -1) : after);
    say(word("radius-now", { radius: numbered(rounded(this.radius)) }));
  }

  #changed() {
    const { geometry, ...rest } = measured(this.#L, this.#layer);
    // What was a named place is no longer that place; the server names a circle by its centre.
    const changes = geometry
      ? { geometry, drawn: geometry, kind: this.piece.kind === "rectangle" && this.#isBox(geometry)
        ? "rectangle" : "polygon" }
      : { ...rest, kind: "circle", label: "" };
    this.piece = { ...this.piece, ...changes };
    this.dispatchEvent(new CustomEvent("changed", { detail: { id: this.piece.id, changes } }));
    this.#tell();
  }

  #isBox({ coordinates }) {
    const { west, east, south, north } = boundsOf([coordinates]);
    return coordinates[0].every(([x, y]) => (
      [west, east].some((edge) => Math.abs(edge - x) < 1e-6)
      || [south, north].some((edge) => Math.abs(edge - y) < 1e-6)
    ));
  }

  #stop() {
    this.#clear();
    this.piece = null;
  }

  #clear() {
    this.#layer?.pm.disable();
    this.#layer?.remove();
    this.#grip?.remove();
    this.#layer = null;
    this.#grip = null;
  }

  #tell() { this.dispatchEvent(new Event("change")); }
}
