// A second click must not send a form twice. The server is idempotent anyway; this saves the wait
// and the doubt. The button is put back when the page returns from the browser's own history.

const SENDING = "data-sending";
const WAIT_MS = 15000;

function putBack(form) {
  form.removeAttribute(SENDING);
  for (const button of form.querySelectorAll("button[aria-disabled]")) {
    button.removeAttribute("aria-disabled");
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute(SENDING)) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented || form.hasAttribute("hx-post")) return;
  form.setAttribute(SENDING, "");
  // Not `disabled`: a disabled button loses its focus, and its name and value are not sent.
  for (const button of form.querySelectorAll("button[type=submit]")) {
    button.setAttribute("aria-disabled", "true");
  }
  // A download answers without a new page, and a bad line may never answer.
  window.setTimeout(() => putBack(form), WAIT_MS);
});

window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll(`form[${SENDING}]`)) putBack(form);
});
