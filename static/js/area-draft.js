// The pieces of an area on their way to the server: kept, undone, sent one request at a time,
// sent again when the line is back. The server's answer says what the area is.

const MOST_UNDO = 50;
const PAUSE = 350; // Milliseconds: a shape that is being moved is sent once it rests.
const WAITS = [2000, 4000, 8000, 15000, 30000];

// What the server need not be told stays here: the shape before it was cut, and whether it counts.
function sent({ drawn, uncounted, ...piece }) {
  return drawn ? { ...piece, geometry: drawn } : piece;
}

function token() {
  return document.querySelector("input[name=csrfmiddlewaretoken]")?.value
    ?? document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";
}

export class AreaDraft extends EventTarget {
  pieces = [];
  area = null;
  state = "loading"; // saved, unsaved, saving, waiting, refused, overtaken, lost
  problem = "";
  facts = {};
  #url;
  #version = null;
  #past = [];
  #timer = 0;
  #tries = 0;
  #isBusy = false;
  #isDirty = false;
  #edition = 0; // Goes up with every change made here.
  #accepted = new Set(); // The pieces that the server has as they are.

  constructor(url) {
    super();
    this.#url = url;
    addEventListener("online", () => { if (this.#isDirty) this.#soon(0); });
  }

  get canUndo() { return this.#past.length > 0; }

  get isSaved() { return !this.#isDirty && !this.#isBusy; }

  async load() {
    try {
      const response = await fetch(this.#url, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      this.#take(await response.json());
      this.#tell("saved");
    } catch {
      this.#tell("lost");
      setTimeout(() => this.load(), WAITS[Math.min(this.#tries++, WAITS.length - 1)]);
    }
  }

  find(id) { return this.pieces.find((piece) => piece.id === id); }

  add(piece) { this.#change([...this.pieces, piece]); }

  replace(id, changes) {
    this.#change(this.pieces.map((piece) => {
      if (piece.id !== id) return piece;
      const { uncounted, ...kept } = piece;
      return { ...kept, ...changes };
    }));
  }

  remove(id) { this.#change(this.pieces.filter((piece) => piece.id !== id)); }

  undo() {
    if (!this.#past.length) return;
    this.pieces = this.#past.pop();
    this.#later();
  }

  #change(pieces) {
    this.#past.push(this.pieces);
    this.#past.splice(0, this.#past.length - MOST_UNDO);
    this.pieces = pieces;
    this.#later();
  }

  #later() {
    this.#edition += 1;
    this.#isDirty = true;
    this.#tries = 0;
    this.#tell("unsaved");
    this.#soon(PAUSE);
  }

  #soon(milliseconds) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(), milliseconds);
  }

  #tell(state) {
    this.state = state;
    this.dispatchEvent(new Event("change"));
  }

  // The newest state wins: what changed meanwhile goes with the next request.
  async #send() {
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#isDirty = false;
    this.#tell("saving");
    const edition = this.#edition;
    try {
      const result = await this.#sendCounted(this.pieces, edition);
      if (edition === this.#edition) this.#tell(result);
      this.#tries = 0;
    } catch {
      this.#isDirty = true;
      this.#tell("waiting");
      this.#soon(WAITS[Math.min(this.#tries++, WAITS.length - 1)]);
    } finally {
      this.#isBusy = false;
      if (this.#isDirty && this.state !== "waiting") this.#soon(0);
      this.dispatchEvent(new Event("settled"));
    }
  }

  // Pieces that the server once refused are tried again after the others, then left out.
  async #sendCounted(pieces, edition) {
    const counted = pieces.filter((piece) => !piece.uncounted);
    const doubtful = pieces.filter((piece) => piece.uncounted);
    if (doubtful.length) {
      const answer = await this.#post([...counted, ...doubtful]);
      if (answer.status === 409) return this.#overtaken(answer.body);
      if (answer.status === 200) {
        this.#accept(answer.body, { sent: [...counted, ...doubtful], left: [], edition });
        return "saved";
      }
    }
    const answer = await this.#post(counted);
    if (answer.status === 409) return this.#overtaken(answer.body);
    if (answer.status === 200) {
      const { problem } = this;
      this.#accept(answer.body, { sent: counted, left: doubtful, edition });
      if (!doubtful.length) return "saved";
      this.problem = problem;
      return "refused";
    }
    return this.#refused(answer.body.problem ?? "", pieces, counted, edition);
  }

  // What is new is what was refused; where nothing is, the pieces that take away.
  async #refused(problem, pieces, counted, edition) {
    const refused = [
      counted.filter((piece) => !this.#accepted.has(piece)),
      counted.filter((piece) => piece.operation === "subtract"),
      counted,
    ].find((some) => some.length);
    const sent = counted.filter((piece) => !refused.includes(piece));
    const left = pieces.filter((piece) => !sent.includes(piece));
    const answer = await this.#post(sent);
    if (answer.status === 409) return this.#overtaken(answer.body);
    if (answer.status === 200) this.#accept(answer.body, { sent, left, edition });
    else if (edition === this.#edition) {
      this.pieces = pieces.map((one) => (left.includes(one) ? { ...one, uncounted: true } : one));
    }
    this.problem = problem;
    return "refused";
  }

  async #post(pieces) {
    const response = await fetch(this.#url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json", "X-CSRFToken": token(), Accept: "application/json",
      },
      body: JSON.stringify({ pieces: pieces.map(sent), version: this.#version }),
    });
    if (![200, 409, 413, 422].includes(response.status)) throw new Error(String(response.status));
    return { status: response.status, body: await response.json() };
  }

  #accept(body, { sent: known, left, edition }) {
    this.#takeFacts(body);
    this.#accepted = new Set(known);
    if (edition !== this.#edition) return;
    const drawn = new Map(known.map((piece) => [piece.id, piece.drawn]));
    const taken = body.pieces.map((piece) => (
      drawn.get(piece.id) ? { ...piece, drawn: drawn.get(piece.id) } : piece
    ));
    this.#accepted = new Set(taken);
    this.pieces = [...taken, ...left.map((piece) => ({ ...piece, uncounted: true }))];
  }

  // Another tab was faster. What was here can be had back by undoing.
  #overtaken(body) {
    this.#past.push(this.pieces);
    this.#isDirty = false;
    this.#edition += 1;
    this.#take(body);
    this.#tell("overtaken");
    return "overtaken";
  }

  #take(body) {
    this.pieces = body.pieces;
    this.#accepted = new Set(body.pieces);
    this.#takeFacts(body);
  }

  #takeFacts(body) {
    this.#version = body.version ?? null;
    this.area = body.area;
    this.problem = body.problem;
    this.facts = { squareKm: body.square_km, countries: body.countries };
    // The forms beside the map say which state of the area they mean.
    for (const input of document.querySelectorAll("[data-draft-version]")) {
      input.value = body.version;
    }
  }
}
