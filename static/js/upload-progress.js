// Keeps the progress of a list up to date where it stands, and opens the result once it is there.
// Without scripts a link does the same: a page that renewed itself would take the reader's place.

const SECONDS = 3;

async function renew(bar) {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return true;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById(bar.id);
  if (!now) {
    location.reload();
    return false;
  }
  bar.max = now.max;
  bar.value = now.value;
  const label = page.querySelector(`label[for="${bar.id}"]`);
  document.querySelector(`label[for="${bar.id}"]`).textContent = label.textContent;
  return true;
}

const bar = document.getElementById("progress");
if (bar) {
  const look = () =>
    setTimeout(async () => {
      // A line that is lost for a moment comes back by itself.
      const goesOn = document.hidden || (await renew(bar).catch(() => true));
      if (goesOn) look();
    }, SECONDS * 1000);
  look();
}
