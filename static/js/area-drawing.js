// Drawing a new piece with Geoman: by mouse, by touch, and by keyboard with the cross in the
// middle of the map. The keyboard plays the mouse at that place, so that there is one way to draw.

import { rounded } from "./area-shapes.js";
import { numbered, placed, say, word } from "./area-words.js";

export const LOOK = {
  add: { color: "#a3123a", fillColor: "#a3123a", weight: 3, fillOpacity: 0.18, dashArray: null },
  subtract: { color: "#10262c", fillColor: "#fff", weight: 3, fillOpacity: 0.35, dashArray: "7 6" },
};
const METRES_IN_DEGREE = (Math.PI / 180) * 6371000; // The sphere that Leaflet measures on.
const NEAR = 14; // Pixels within which Enter means the first corner.
export const ARROWS = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
};
export const STEP = 1.1; // What plus and minus do to a radius.

// The place due north or south of the centre, away from the pole, where a radius ends.
export function endOf(L, centre, metres) {
  const degrees = metres / METRES_IN_DEGREE;
  return L.latLng(centre.lat > 0 ? centre.lat - degrees : centre.lat + degrees, centre.lng);
}

export class Drawing extends EventTarget {
  tool = ""; // "", "Polygon", "Circle" or "Rectangle"
  mode = "add";
  #map;
  #L;
  #working = null;
  #corners = 0; // Set so far; of a circle its centre.
  #clicked = ({ latlng }) => { if (this.tool !== "Polygon") this.#cornerSet(latlng); };
  #isByKeys = true;

  constructor(L, map) {
    super();
    this.#L = L;
    this.#map = map;
    map.on("pm:drawstart", ({ workingLayer }) => {
      this.#working = workingLayer;
      workingLayer.on("pm:vertexadded", ({ latlng }) => this.#cornerSet(latlng));
    });
    map.on("pm:create", ({ layer }) => this.#created(layer));
    map.on("mousemove", () => { if (this.radius !== null) this.#tell(); });
    map.on("move", () => { if (this.tool && this.#isByKeys && this.tool !== "Circle") this.#point("mousemove"); });
    map.getContainer().addEventListener("pointermove", ({ pointerType }) => {
      if (pointerType === "mouse") this.#byKeys(false);
    });
  }

  start(tool) {
    this.#stop();
    this.tool = tool;
    this.#corners = 0;
    this.#map.doubleClickZoom.disable();
    const look = { ...LOOK[this.mode], pmIgnore: false };
    this.#map.pm.enableDraw(tool, {
      snappable: false, tooltips: false, allowSelfIntersection: true, continueDrawing: false,
      cursorMarker: false, resizeableCircle: true,
      templineStyle: look, hintlineStyle: { ...look, dashArray: "4 6" }, pathOptions: look,
    });
    // After Geoman's own, which sets the centre and the first corner.
    if (tool !== "Polygon") this.#map.off("click", this.#clicked).on("click", this.#clicked);
    this.#byKeys(true);
    this.#tell();
  }

  leave() {
    if (!this.tool) return;
    this.#stop();
    this.#tell();
  }

  // A tool that is at work goes on with the new look.
  setMode(mode) {
    this.mode = mode;
    if (this.tool && !this.#corners) this.start(this.tool);
    else if (this.tool) this.#working?.setStyle(LOOK[mode]);
  }

  get canFinish() {
    return this.tool === "Polygon" ? this.#corners > 2 : this.#corners === 1;
  }

  get corners() { return this.#corners; }

  // Kilometres, while a circle waits for its edge; else null.
  get radius() {
    return this.tool === "Circle" && this.#corners ? this.#working.getRadius() / 1000 : null;
  }

  set radius(km) {
    if (this.radius === null || !(km > 0)) return;
    this.#byKeys(true);
    this.#at("mousemove", endOf(this.#L, this.#working.getLatLng(), km * 1000));
    this.#tell();
  }

  // The name of the words that say what to do now.
  get step() {
    if (this.tool === "Polygon") return "polygon";
    if (this.tool === "Circle") return this.#corners ? "radius" : "circle";
    return this.#corners ? "corner" : "rectangle";
  }

  finish() {
    if (!this.canFinish) {
      say(word("too-few"));
      return;
    }
    if (this.tool === "Polygon") this.#at("click", this.#working.getLatLngs()[0]);
    else if (this.tool === "Circle") {
      this.#at("click", endOf(this.#L, this.#working.getLatLng(), this.#working.getRadius()));
    } else this.#point("click");
  }

  takeBack() {
    if (!this.#corners) return;
    if (this.tool === "Polygon" && this.#corners > 1) {
      this.#map.pm.Draw.Polygon._removeLastVertex(); // What its own toolbar calls; it has no other name.
      this.#corners -= 1;
      this.#tell();
    } else this.start(this.tool);
    say(word("taken-back", { number: numbered(this.#corners) }));
  }

  // True where the key meant something here.
  press(key, isLittle) {
    if (key === "Escape") {
      this.leave();
      say(word("left"));
    } else if (key === "Enter" || key === " ") this.#set();
    else if (key === "Backspace") this.takeBack();
    else if (ARROWS[key]) this.#pan(ARROWS[key], isLittle);
    else if ((key === "+" || key === "=") && this.radius !== null) this.#resize(STEP);
    else if ((key === "-" || key === "_") && this.radius !== null) this.#resize(1 / STEP);
    else return false;
    return true;
  }

  #set() {
    this.#byKeys(true);
    if (this.tool === "Circle" && this.#corners) this.finish();
    else if (this.tool === "Polygon" && this.canFinish && this.#isOnFirst()) this.finish();
    else {
      this.#point("mousemove");
      this.#point("click");
    }
  }

  // At once: while the map's own keys still glide, Enter would set the point too early.
  #pan([right, down], isLittle) {
    this.#byKeys(true);
    const stride = isLittle ? 4 : 60;
    this.#map.panBy([right * stride, down * stride], { animate: false });
  }

  #isOnFirst() {
    const first = this.#map.latLngToContainerPoint(this.#working.getLatLngs()[0]);
    return first.distanceTo(this.#map.getSize().divideBy(2)) <= NEAR;
  }

  #resize(by) {
    const before = rounded(this.radius);
    const after = rounded(this.radius * by);
    // Small radii would round back to where they were.
    this.radius = Math.max(0.1, after === before ? before + (by > 1 ? 1 : -1) : after);
    say(word("radius-now", { radius: numbered(rounded(this.radius)) }));
  }

  #cornerSet(latlng) {
    if (!this.tool || (this.tool !== "Polygon" && this.#corners)) return;
    this.#corners += 1;
    const place = placed(latlng);
    if (this.tool === "Circle") {
      if (this.#isByKeys) this.radius = rounded(this.#quarterOfTheView() / 1000);
      say(word("centre-set", { place, radius: numbered(rounded(this.radius)) }));
    } else if (this.tool === "Rectangle") say(word("first-corner", { place }));
    else say(word("point", { place, number: numbered(this.#corners) }));
    this.#tell();
  }

  #quarterOfTheView() {
    const bounds = this.#map.getBounds();
    const centre = this.#map.getCenter();
    return Math.min(
      centre.distanceTo(this.#L.latLng(bounds.getNorth(), centre.lng)),
      2_000_000,
    ) / 2;
  }

  #created(layer) {
    const { tool } = this;
    layer.remove();
    this.#stop();
    this.dispatchEvent(new CustomEvent("drawn", { detail: { layer, tool } }));
    this.#tell();
  }

  #stop() {
    this.tool = "";
    this.#corners = 0;
    this.#working = null;
    this.#map.pm.disableDraw();
    this.#map.doubleClickZoom.enable();
    this.#map.getContainer().classList.remove("map--crossed");
  }

  #byKeys(isByKeys) {
    this.#isByKeys = isByKeys;
    this.#map.getContainer().classList.toggle("map--crossed", isByKeys && this.tool !== "");
  }

  #point(type) { this.#at(type, this.#map.getCenter()); }

  #at(type, latlng) { this.#map.fire(type, { latlng }); }

  #tell() { this.dispatchEvent(new Event("change")); }
}
