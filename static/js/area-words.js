// What the editor of areas says, in the page's language: templates/crises/area_editor_words.html.

const words = new Map(
  [...(document.querySelector("template[data-area-words]")?.content.children ?? [])]
    .map((element) => [element.dataset.word, element.textContent]),
);

export function word(name, values = {}) {
  return (words.get(name) ?? "").replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
}

export function numbered(value) {
  return value.toLocaleString(document.documentElement.lang);
}

// "27.7° north, 85.3° east"
export function placed(latlng) {
  const { lat, lng } = latlng.wrap();
  const degrees = (value) => numbered(Math.abs(Number(value.toFixed(1))));
  return word("place", {
    latitude: word(lat < 0 ? "south" : "north", { degrees: degrees(lat) }),
    longitude: word(lng < 0 ? "west" : "east", { degrees: degrees(lng) }),
  });
}

// Words that came from outside, as an element: the map would read a string as HTML.
export function plain(text) {
  const element = document.createElement("span");
  element.textContent = text;
  element.dir = "auto";
  return element;
}

export function fromTemplate(name) {
  const template = document.querySelector(`template[data-area-${name}]`);
  return template.content.firstElementChild.cloneNode(true);
}

let saying = 0;

// One sentence at a time to screen readers; said twice, it is read twice.
export function say(text) {
  const line = document.querySelector("[data-say]");
  clearTimeout(saying);
  line.textContent = "";
  saying = setTimeout(() => { line.textContent = text; }, 60);
}
