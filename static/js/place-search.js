// Suggestions under a place field: a combobox that works with the keyboard and a screen reader.
// Without it, or without a line, the field is a plain text input and the server finds the place.
//
// <input data-place-search data-url="/places/" data-target="id of the hidden input for the id">

const WAIT_MS = 180;
const words = document.getElementById("place-search-words")?.dataset ?? {};

function needsOneLetter(text) {
  // One sign of Chinese or Japanese already means something; one Latin letter does not.
  return /[^\u0000-\u024f]/.test(text);
}

function say(status, count) {
  const sentence = count === 0 ? words.none : count === 1 ? words.one : words.many;
  status.textContent = (sentence ?? String(count)).replace("%(count)s", String(count));
}

function enhance(input, number) {
  const target = document.getElementById(input.dataset.target ?? `${input.id}_id`);
  const box = document.createElement("div");
  const list = document.createElement("ul");
  const status = document.createElement("div");
  box.className = "suggest";
  input.before(box);
  box.append(input, list, status);
  list.id = `suggestions-${number}`;
  list.className = "suggest__list";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", words.list ?? "…");
  list.hidden = true;
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  for (const [name, value] of Object.entries({
    role: "combobox", autocomplete: "off", "aria-autocomplete": "list",
    "aria-expanded": "false", "aria-controls": list.id,
  })) input.setAttribute(name, value);

  let timer = 0;
  let asked = null;
  let active = -1;

  const close = () => {
    list.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const point = (index) => {
    const options = list.children;
    if (!options.length) return;
    active = (index + options.length) % options.length;
    for (const [position, option] of [...options].entries()) {
      option.setAttribute("aria-selected", String(position === active));
    }
    input.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  };

  const choose = (option) => {
    input.value = option.textContent;
    if (target) target.value = option.dataset.id;
    close();
    input.dispatchEvent(new CustomEvent("place-chosen", { bubbles: true, detail: option.dataset }));
  };

  const show = (results) => {
    list.replaceChildren(...results.map((place, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.className = "suggest__option";
      option.setAttribute("role", "option");
      option.setAttribute("aria-selected", "false");
      option.dataset.id = place.id;
      option.dataset.country = place.country;
      option.dir = "auto";
      option.textContent = place.label;
      return option;
    }));
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = results.length === 0;
    input.setAttribute("aria-expanded", String(results.length > 0));
    say(status, results.length);
  };

  const search = async () => {
    const text = input.value.trim();
    asked?.abort();
    if (text.length < (needsOneLetter(text) ? 1 : 2)) {
      close();
      return;
    }
    asked = new AbortController();
    try {
      const address = `${input.dataset.url}?q=${encodeURIComponent(text)}`;
      const response = await fetch(address, { signal: asked.signal, credentials: "same-origin" });
      if (!response.ok) return close();
      const { results } = await response.json();
      if (document.activeElement === input) show(results);
    } catch {
      // Aborted by the next key, or no line: the typed text still goes to the server.
    }
  };

  input.addEventListener("input", () => {
    if (target) target.value = "";
    window.clearTimeout(timer);
    timer = window.setTimeout(search, WAIT_MS);
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (list.hidden) return void search();
      event.preventDefault();
      point(event.key === "ArrowDown" ? active + 1 : active < 0 ? -1 : active - 1);
    } else if (event.key === "Enter" && !list.hidden && active >= 0) {
      event.preventDefault();
      choose(list.children[active]);
    } else if (event.key === "Escape" && !list.hidden) {
      event.preventDefault();
      close();
    }
  });
  input.addEventListener("blur", () => {
    asked?.abort();
    window.clearTimeout(timer);
    close();
  });
  // mousedown would take the focus from the field, and close the list before the click lands.
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });
  // On a slow line the person may have typed before this script came.
  if (document.activeElement === input && input.value && !target?.value) search();
}

document.querySelectorAll("input[data-place-search]").forEach(enhance);
