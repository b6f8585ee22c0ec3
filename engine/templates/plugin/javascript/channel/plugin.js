// Posts notifications to a chat room by its incoming address.

import { accepted, channel, Failure, http, settings } from "nightbell-plugin";

export default channel({
  deliver(notification) {
    const { name = "Nightbell" } = settings();
    const { number, title } = notification.incident;
    const response = http.post(notification.address, {
      // The id is the same for every attempt, so that the other side can tell a repetition.
      headers: { "idempotency-key": notification.id },
      json: {
        from: name,
        text: `#${number} ${title} (${notification.reason})`,
        link: notification.answers.view ?? "",
      },
    });
    if (response.ok) return accepted({ id: response.header("x-message-id") });
    if (response.status === 404 || response.status === 410) throw Failure.badAddress("there is no such room");
    const seconds = Number(response.header("retry-after")) || undefined;
    throw Failure.transient(`the chat answers ${response.status}`, { retryAfterS: seconds });
  },

  validate(address) {
    const trimmed = address.trim();
    if (trimmed.startsWith("https://")) return trimmed;
    throw Failure.badAddress(`expected an address that begins with https://, got \`${trimmed}\``);
  },
});
