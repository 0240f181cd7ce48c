// Makes or shows a passkey, in the form that holds what the server asked for.

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const creating = (asked) => ({
  ...asked,
  challenge: bytes(asked.challenge),
  user: { ...asked.user, id: bytes(asked.user.id) },
  excludeCredentials: named(asked.excludeCredentials),
});

const getting = (asked) => ({
  ...asked,
  challenge: bytes(asked.challenge),
  allowCredentials: named(asked.allowCredentials),
});

function spoken(credential) {
  const given = credential.response;
  const response = { clientDataJSON: text(given.clientDataJSON) };
  if (given.attestationObject) {
    response.attestationObject = text(given.attestationObject);
    response.transports = given.getTransports ? given.getTransports() : [];
  } else {
    response.authenticatorData = text(given.authenticatorData);
    response.signature = text(given.signature);
    response.userHandle = given.userHandle ? text(given.userHandle) : null;
  }
  return {
    type: credential.type,
    id: credential.id,
    rawId: text(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
}

async function ask(asked) {
  if ("user" in asked) return navigator.credentials.create({ publicKey: creating(asked) });
  return navigator.credentials.get({ publicKey: getting(asked) });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const failed = form.querySelector("[data-passkey-failed]");
  const able = window.isSecureContext && "credentials" in navigator && window.PublicKeyCredential;
  form.querySelector("[data-passkey-unable]").hidden = Boolean(able);
  form.querySelector("[data-passkey-able]").hidden = !able;
  if (!able) continue;
  const asked = JSON.parse(document.getElementById(form.dataset.passkey).textContent).publicKey;
  // Before submit-once.js hears of it: this form is sent by the script, once the key has answered.
  form.addEventListener(
    "submit",
    async (event) => {
      event.preventDefault();
      event.stopImmediatePropagation();
      failed.hidden = true;
      try {
        form.elements.credential.value = JSON.stringify(spoken(await ask(asked)));
        form.submit();
      } catch {
        failed.hidden = false;
        failed.focus();
      }
    },
    { capture: true },
  );
}
