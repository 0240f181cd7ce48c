// Lets this browser show notices: asks for where it is reached, and sends that with the form.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const able =
  window.isSecureContext &&
  "serviceWorker" in navigator &&
  "PushManager" in window &&
  "Notification" in window;

async function subscription(form) {
  await navigator.serviceWorker.register(form.dataset.pushWorker, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  const wanted = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
  try {
    return await pushManager.subscribe(wanted);
  } catch (error) {
    // Subscribed under a key that is ours no longer.
    if (error.name !== "InvalidStateError") throw error;
    await (await pushManager.getSubscription()).unsubscribe();
    return pushManager.subscribe(wanted);
  }
}

function show(message) {
  message.hidden = false;
  message.focus();
}

for (const form of able ? document.querySelectorAll("form[data-push]") : []) {
  form.closest("[data-push-section]").hidden = false;
  const [refused, failed] = ["refused", "failed"].map((what) =>
    form.querySelector(`[data-push-${what}]`),
  );
  // Before submit-once.js hears of it: this form is sent by the script, once the browser agreed.
  form.addEventListener(
    "submit",
    async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      refused.hidden = failed.hidden = true;
      try {
        if ((await Notification.requestPermission()) !== "granted") return show(refused);
        form.elements.subscription.value = JSON.stringify(await subscription(form));
        form.submit();
      } catch {
        show(failed);
      }
    },
    { capture: true },
  );
}
