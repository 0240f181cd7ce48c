// Draws an affected area on the base map: the page's own tools over Geoman, each change saved.
// Everything drawn here can be typed on the same page.
//
// <div class="map" data-area-editor data-pieces-url data-count-url data-base-url data-credit>,
// #area (the list of pieces) and templates/crises/area_editor_words.html

import { Changing } from "./area-changing.js";
import { AreaDraft } from "./area-draft.js";
import { Drawing, LOOK } from "./area-drawing.js";
import { PiecePanel } from "./area-panel.js";
import { PeopleThere } from "./area-people.js";
import {
  boundsOf, canBeChanged, inEveryWorld, layerOf, measured, rounded, towards, whole, WORLDS,
} from "./area-shapes.js";
import { fromTemplate, numbered, plain, say, word } from "./area-words.js";
import { loadDrawing, openMap, whenSeen } from "./base-map.js";

const AREA = { stroke: false, fillColor: "#a3123a", fillOpacity: 0.2, interactive: false };
const UNCOUNTED = { color: "#46585e", weight: 2, dashArray: "2 6", fill: false };
const KINDS = { Polygon: "polygon", Circle: "circle", Rectangle: "rectangle" };

class AreaEditor {
  constructor(element, map) {
    this.element = element;
    this.map = map;
    this.L = window.L;
    this.draft = new AreaDraft(element.dataset.piecesUrl);
    this.drawing = new Drawing(this.L, map);
    this.changing = new Changing(this.L, map);
    this.panel = new PiecePanel(this.draft);
    this.people = new PeopleThere(this.L, map, element.dataset.countUrl);
    this.areaLayer = this.L.layerGroup().addTo(map);
    this.pieceLayer = this.L.layerGroup().addTo(map);
    this.tools = fromTemplate("tools");
    this.now = fromTemplate("now"); // Under the map, so that the map stays where it is.
    this.status = fromTemplate("status");
    element.before(this.tools);
    element.after(this.now, this.status);
    this.listen();
  }

  async open() {
    this.showStatus();
    await this.draft.load();
    this.fit();
    this.element.dataset.ready = "true";
  }

  listen() {
    const { tools, now, draft, drawing, changing, panel, map, element } = this;
    const part = (name) => now.querySelector(`[data-${name}]`);
    for (const button of tools.querySelectorAll("[data-tool]")) {
      button.addEventListener("click", () => this.choose(button.dataset.tool));
    }
    for (const input of tools.querySelectorAll("[name=draw-mode]")) {
      input.addEventListener("change", () => this.setMode(input.value));
    }
    tools.querySelector("[data-undo]").addEventListener("click", () => {
      draft.undo();
      say(word("undone"));
    });
    part("finish").addEventListener("click", () => drawing.finish());
    part("back").addEventListener("click", () => drawing.takeBack());
    part("leave").addEventListener("click", () => this.leave());
    const radius = part("radius").querySelector("input");
    radius.addEventListener("change", () => {
      (drawing.tool ? drawing : changing).radius = radius.valueAsNumber;
    });
    radius.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !drawing.tool) return;
      drawing.radius = radius.valueAsNumber;
      drawing.finish();
    });
    // Before the map's own keys, which zoom with plus and minus and pan with the arrows.
    element.addEventListener("keydown", (event) => this.press(event), { capture: true });
    for (const group of [tools, now]) {
      group.addEventListener("keydown", (event) => { if (event.key === "Escape") this.leave(); });
    }

    drawing.addEventListener("change", () => this.showTools());
    drawing.addEventListener("drawn", ({ detail }) => this.add(detail));
    changing.addEventListener("change", () => {
      panel.select(changing.piece?.id ?? null);
      this.showTools();
      this.drawPieces();
    });
    changing.addEventListener("changed", ({ detail }) => draft.replace(detail.id, detail.changes));
    panel.addEventListener("change-piece", ({ detail }) => this.change(detail));
    draft.addEventListener("change", () => this.show());
    map.on("layeradd", ({ layer }) => this.quieten(layer));
    addEventListener("beforeunload", (event) => { if (!draft.isSaved) event.preventDefault(); });
  }

  // Handles are for a hand: the keyboard has its own way, and readers no use for nameless buttons.
  quieten(layer) {
    const handle = layer instanceof this.L.Marker && layer.getElement();
    if (!handle) return;
    for (const name of ["tabindex", "role"]) handle.removeAttribute(name);
    handle.setAttribute("aria-hidden", "true");
  }

  choose(tool) {
    const isLeaving = this.drawing.tool === tool;
    this.changing.leave();
    if (isLeaving) {
      this.leave();
      return;
    }
    this.drawing.start(tool);
    this.tellStep(this.drawing);
    this.element.focus({ preventScroll: true });
    this.keepInSight();
  }

  change(id) {
    this.drawing.leave();
    const piece = this.draft.find(id);
    if (this.changing.piece?.id === id || !piece || !canBeChanged(piece)) {
      this.changing.leave();
      return;
    }
    this.returnTo = id;
    this.changing.start(piece);
    this.checkMode(piece.operation);
    this.tellStep(this.changing);
    this.element.focus({ preventScroll: true });
    this.keepInSight();
  }

  // The map whole, and as much as there is room for of what to do.
  keepInSight() {
    this.now.scrollIntoView({ block: "nearest", behavior: "instant" });
    this.element.scrollIntoView({ block: "nearest", behavior: "instant" });
  }

  tellStep({ step }) {
    say(`${word(step)} ${word("keys", { keys: word(`${step}-keys`) })}`);
  }

  // The focus goes back to where the tool was taken from.
  leave() {
    const { tool } = this.drawing;
    const isChanging = Boolean(this.changing.piece);
    if (!tool && !isChanging) return;
    this.drawing.leave();
    this.changing.leave();
    if (isChanging) {
      this.panel.focus(this.returnTo);
      this.checkMode(this.drawing.mode);
    } else {
      this.tools.querySelector(`[data-tool="${tool}"]`).focus();
      say(word("left"));
    }
  }

  press(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    let isTaken = false;
    if (this.drawing.tool && event.key === "Escape") {
      this.leave();
      isTaken = true;
    } else if (this.drawing.tool) isTaken = this.drawing.press(event.key, event.shiftKey);
    else if (this.changing.piece && ["Escape", "Enter"].includes(event.key)) {
      this.leave();
      isTaken = true;
    } else if (this.changing.piece) isTaken = this.changing.press(event.key, event.shiftKey);
    if (!isTaken) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  setMode(mode) {
    const { piece } = this.changing;
    if (piece) this.draft.replace(piece.id, { operation: mode });
    else this.drawing.setMode(mode);
  }

  checkMode(mode) {
    this.tools.querySelector(`[name=draw-mode][value=${mode}]`).checked = true;
  }

  add({ layer, tool }) {
    const kind = KINDS[tool];
    const facts = measured(this.L, layer);
    const number = this.draft.pieces.filter((piece) => piece.kind === kind).length + 1;
    const labels = { polygon: "shape-label", rectangle: "rectangle-label" };
    this.draft.add({
      id: Array.from(crypto.getRandomValues(new Uint8Array(4)), (byte) => byte.toString(16).padStart(2, "0")).join(""),
      operation: this.drawing.mode,
      kind,
      label: labels[kind] ? word(labels[kind], { number: numbered(number) }) : "",
      country_codes: [],
      region_codes: [],
      ...facts,
      ...(facts.geometry ? { drawn: facts.geometry } : {}),
    });
    say(word("drawn"));
    this.element.focus({ preventScroll: true });
  }

  show() {
    const { draft } = this;
    this.changing.follow(draft.find(this.changing.piece?.id));
    this.drawPieces();
    if (draft.state === "unsaved") {
      this.people.stale();
      this.panel.busy();
    } else if (["saved", "refused", "overtaken"].includes(draft.state)) this.settle();
    this.tools.querySelector("[data-undo]").disabled = !draft.canUndo;
    this.showStatus();
    this.element.dataset.state = draft.state;
  }

  settle() {
    this.drawArea();
    this.people.count(this.draft.area);
    if (this.isOpen) this.panel.refresh();
    else this.panel.decorate();
    this.isOpen = true;
  }

  showStatus() {
    const { state, problem } = this.draft;
    const line = this.status.querySelector("[data-saving]");
    const text = word(state, { problem });
    if (line.textContent === text) return;
    line.textContent = text;
    this.status.dataset.state = state;
    if (["refused", "overtaken", "waiting", "lost"].includes(state)) say(text);
  }

  showTools() {
    const { drawing, changing, tools, now } = this;
    const isOn = Boolean(drawing.tool || changing.piece);
    const part = (name) => now.querySelector(`[data-${name}]`);
    for (const button of tools.querySelectorAll("[data-tool]")) {
      button.setAttribute("aria-pressed", String(button.dataset.tool === drawing.tool));
    }
    now.hidden = !isOn;
    if (!isOn) return;
    const { step } = drawing.tool ? drawing : changing;
    part("instructions").textContent = word(step);
    part("keys").textContent = word("keys", { keys: word(`${step}-keys`) });
    part("back").hidden = !drawing.tool || !drawing.corners;
    part("finish").hidden = !drawing.tool || !drawing.canFinish;
    part("leave").textContent = word(drawing.tool ? "leave" : "done");
    const radius = (drawing.tool ? drawing : changing).radius ?? null;
    part("radius").hidden = radius === null;
    const input = part("radius").querySelector("input");
    if (radius !== null && document.activeElement !== input) input.value = rounded(radius);
  }

  drawArea() {
    this.areaLayer.clearLayers();
    const geometry = this.draft.area?.geometry ?? this.draft.area;
    if (geometry) this.areaLayer.addLayer(inEveryWorld(this.L, geometry, AREA));
  }

  drawPieces() {
    const { L, changing } = this;
    this.pieceLayer.clearLayers();
    for (const piece of this.draft.pieces) {
      if (piece.id === changing.piece?.id) continue;
      const look = piece.uncounted ? UNCOUNTED : { ...LOOK[piece.operation], fillOpacity: 0 };
      for (const by of WORLDS) {
        const layer = layerOf(L, piece, by, { ...look, weight: 2 });
        layer.bindTooltip(plain(piece.label || "…"), { sticky: true });
        layer.on("click", () => {
          if (this.drawing.tool) return;
          this.panel.select(piece.id);
          this.panel.focus(piece.id);
        });
        this.pieceLayer.addLayer(layer);
      }
    }
  }

  fit() {
    const geometry = this.draft.area?.geometry ?? this.draft.area;
    const bounds = geometry && boundsOf(whole(geometry));
    if (!bounds) return;
    const by = towards(bounds, 0);
    this.map.fitBounds(
      [[bounds.south, bounds.west + by], [bounds.north, bounds.east + by]],
      { padding: [40, 40], maxZoom: 8, animate: false },
    );
  }
}

for (const element of document.querySelectorAll("[data-area-editor]")) {
  whenSeen(element, async () => {
    await loadDrawing();
    const map = await openMap(element, {
      pmIgnore: false, worldCopyJump: false, maxBounds: [[-90, -540], [90, 540]], maxBoundsViscosity: 1,
    });
    await new AreaEditor(element, map).open();
  });
}
