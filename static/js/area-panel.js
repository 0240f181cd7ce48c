// The list of pieces beside the map: the server draws it, this keeps it in step with the map.

import { fromTemplate, say, word } from "./area-words.js";

export class PiecePanel extends EventTarget {
  #draft;
  #asked = 0;
  #shown = null;

  constructor(draft) {
    super();
    this.#draft = draft;
    const list = document.getElementById("area");
    list.addEventListener("submit", (event) => this.#removed(event));
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  get #list() { return document.getElementById("area"); }

  busy() { this.#list.setAttribute("aria-busy", "true"); }

  // What the page says of the saved area, fetched anew and put in place of the old.
  async refresh() {
    const asked = (this.#asked += 1);
    try {
      const response = await fetch(location.pathname, { headers: { Accept: "text/html" } });
      if (!response.ok || response.redirected) return;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (asked !== this.#asked) return;
      this.#replace(page);
    } catch {
      return; // The line of the map's own saving says that the portal is out of reach.
    }
    this.decorate();
  }

  decorate() {
    const list = this.#list;
    for (const item of list.querySelectorAll(".pieces__item:not([data-piece])")) {
      item.dataset.piece = item.querySelector("[name=piece]").value;
      const form = item.querySelector("form");
      form.querySelector("button").dataset.remove = "";
      const group = document.createElement("div");
      group.className = "pieces__actions";
      form.replaceWith(group);
      const edit = fromTemplate("piece").querySelector("[data-edit]");
      edit.querySelector("[data-label]").textContent = ` ${item.querySelector("bdi").textContent}`;
      group.append(edit, form);
    }
    for (const item of list.querySelectorAll(".pieces__item--left")) item.remove();
    this.#addLeftOut();
    this.#mark();
    list.removeAttribute("aria-busy");
  }

  select(id) {
    this.#shown = id;
    this.#mark();
  }

  // From the map: the piece's first button takes the focus.
  focus(id) { this.#item(id)?.querySelector("button")?.focus(); }

  #item(id) { return this.#list.querySelector(`.pieces__item[data-piece="${id}"]`); }

  #mark() {
    for (const item of this.#list.querySelectorAll(".pieces__item")) {
      const piece = this.#draft.find(item.dataset.piece);
      const edit = item.querySelector("[data-edit]");
      const isWhole = piece && (piece.country_codes?.length || piece.region_codes?.length);
      item.classList.toggle("pieces__item--chosen", item.dataset.piece === this.#shown);
      edit.hidden = !piece || Boolean(isWhole);
      edit.setAttribute("aria-pressed", String(item.dataset.piece === this.#shown));
    }
  }

  // Pieces that the server has not taken are told beside those that it has.
  #addLeftOut() {
    const left = this.#draft.pieces.filter((piece) => piece.uncounted);
    if (!left.length) return;
    let list = this.#list.querySelector(".pieces");
    if (!list) {
      list = document.createElement("ol");
      list.className = "pieces";
      this.#list.append(list);
    }
    for (const piece of left) {
      const item = fromTemplate("piece");
      item.dataset.piece = piece.id;
      for (const place of item.querySelectorAll("[data-label]")) place.textContent = ` ${piece.label}`;
      list.append(item);
    }
  }

  #clicked({ target }) {
    const button = target.closest("button");
    const id = button?.closest(".pieces__item")?.dataset.piece;
    if (!id) return;
    if (button.matches("[data-edit]")) {
      this.dispatchEvent(new CustomEvent("change-piece", { detail: id }));
    } else if (button.matches("[type=button][data-remove]")) this.#remove(id);
  }

  #removed(event) {
    const id = event.target.closest(".pieces__item")?.dataset.piece;
    if (!id) return;
    event.preventDefault();
    event.stopPropagation();
    this.#remove(id);
  }

  // The focus goes on to the next piece, or to the heading when none is left.
  #remove(id) {
    const item = this.#item(id);
    const next = item.nextElementSibling ?? item.previousElementSibling;
    item.remove();
    this.#draft.remove(id);
    say(word("removed"));
    this.#focusOn(next?.querySelector("[data-remove]"));
  }

  #focusOn(element) {
    const heading = this.#list.querySelector("h2");
    heading.tabIndex = -1;
    (element ?? heading).focus();
  }

  #replace(page) {
    const fresh = page.getElementById("area");
    if (!fresh) return;
    const list = this.#list;
    const held = list.contains(document.activeElement) ? document.activeElement : null;
    const id = held?.closest(".pieces__item")?.dataset.piece;
    const kind = held?.matches("[data-edit]") ? "[data-edit]" : "[data-remove]";
    list.replaceChildren(...fresh.childNodes);
    this.#replaceUse(page);
    if (!held) return;
    this.decorate();
    this.#focusOn(id && this.#item(id)?.querySelector(kind));
  }

  // What was typed into the form of using the area stays typed.
  #replaceUse(page) {
    const fresh = page.querySelector("[data-draft-version]")?.closest("form");
    const old = document.querySelector("[data-draft-version]")?.closest("form");
    if (!fresh || !old) {
      if (old) old.hidden = true;
      else if (fresh) this.#list.after(fresh);
      return;
    }
    old.hidden = false;
    for (const field of fresh.elements) {
      const kept = old.elements[field.name];
      if (field.type === "text" && kept && kept.value === kept.defaultValue) {
        kept.value = kept.defaultValue = field.value;
      }
    }
  }
}
