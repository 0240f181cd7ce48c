// Shows a notice that came while no page was open, and opens its page. It keeps nothing and
// answers no request.

self.addEventListener("push", (event) => {
  if (!event.data) return;
  const notice = event.data.json();
  event.waitUntil(
    self.registration.showNotification(notice.title, {
      body: notice.body,
      lang: notice.language,
      dir: notice.direction,
      tag: notice.tag,
      data: notice.link,
      requireInteraction: true,
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const link = event.notification.data;
  // Only to ourselves, whatever was sent.
  if (link && new URL(link).origin === self.location.origin) {
    event.waitUntil(self.clients.openWindow(link));
  }
});
