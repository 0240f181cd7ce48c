// Fragments that htmx polls rest while nobody looks, and say so when the line is lost: an officer
// must never take old figures for new ones.
//
// <div hx-get="..." hx-trigger="every 3s, live-refresh" data-live>   <p data-live-lost hidden>

const lost = () => document.querySelectorAll("[data-live-lost]");
const show = (isLost) => lost().forEach((element) => { element.hidden = !isLost; });

document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.target.closest("[data-live]")) event.preventDefault();
});
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.target.closest?.("[data-live]")) show(!event.detail.successful);
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-live]")) {
    window.htmx.trigger(element, "live-refresh");
  }
});
