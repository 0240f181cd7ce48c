// Fragments that htmx polls rest while nobody looks, keep the focus where it was, and say so when
// the line is lost: an officer must never take old figures for new ones.
//
// <div data-live hx-get="..." hx-trigger="every 3s, live-refresh">   <p data-live-lost hidden>
// [data-live-news] inside it is read out by [role=status][data-live-say] when it has changed, a
// few times a minute at most: who listens to a page must not be talked down every three seconds.

const inLive = (event) => event.target.closest?.("[data-live], [hx-trigger*=every]");

// What tells an element from its neighbours, in the old fragment and in the new one.
function nameOf(element) {
  const form = element.closest("form");
  return [
    element.tagName, element.id, element.getAttribute("href"), element.getAttribute("name"),
    element.value, form?.getAttribute("action"), element.textContent.trim().slice(0, 40),
  ].join("|");
}

const QUIET_MS = 15000;
let focused = null;
// What the page itself said when it came.
let spoken = document.querySelector("[data-live-news]")?.textContent;
let spokenAt = 0;

function sayNews(fragment) {
  const news = fragment.querySelector("[data-live-news]")?.textContent ?? "";
  const voice = document.querySelector("[data-live-say]");
  if (!voice || news === spoken || Date.now() - spokenAt < QUIET_MS) return;
  voice.textContent = news;
  spoken = news;
  spokenAt = Date.now();
}

let opened = [];

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && inLive(event)) event.preventDefault();
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const fragment = inLive(event);
  if (!fragment) return;
  const active = document.activeElement;
  focused = fragment.contains(active) && active !== fragment ? nameOf(active) : null;
  opened = [...fragment.querySelectorAll("details[open] > summary")].map(nameOf);
});
document.addEventListener("htmx:afterSwap", (event) => {
  const fragment = inLive(event);
  if (!fragment) return;
  for (const summary of fragment.querySelectorAll("summary")) {
    if (opened.includes(nameOf(summary))) summary.parentElement.open = true;
  }
  sayNews(fragment);
  if (!focused) return;
  const again = [...fragment.querySelectorAll("a, button, input, select, textarea, summary")]
    .find((element) => nameOf(element) === focused);
  again?.focus({ preventScroll: true });
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (!inLive(event)) return;
  for (const element of document.querySelectorAll("[data-live-lost]")) {
    element.hidden = event.detail.successful;
  }
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-live]")) {
    window.htmx.trigger(element, "live-refresh");
  }
});
