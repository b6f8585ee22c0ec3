import { accepted, answer, channel, Failure, http, secret } from "nightbell-plugin";

export default channel({
  // Brings one notification to one address.
  deliver(notification) {
    const response = http.post(notification.address, {
      headers: { authorization: "Bearer {{secret:chat}}", "idempotency-key": notification.id },
      json: { text: notification.incident.title, link: notification.answers.view },
    });
    if (response.ok) return accepted({ id: response.header("x-message-id") });
    if (response.status === 404 || response.status === 410) throw Failure.badAddress("the room is gone");
    throw Failure.transient(`status ${response.status}`, { retryAfterS: Number(response.header("retry-after")) || undefined });
  },

  // Reads an answer that comes back, once it is sure who sent it.
  callback(request) {
    const signed = secret.verify("chat", request.body, request.header("x-signature") ?? "", { prefix: "sha256=" });
    if (!signed) return answer("nothing", { status: 403 });
    return answer(request.json().button === "ack" ? "acknowledge" : "nothing");
  },

  // Whether something can be an address of this channel, when a person enters it.
  validate(address) {
    if (!address.startsWith("https://")) throw Failure.badAddress("expected an address that begins with https://");
    return address.trim();
  },
});
