from nightbell_plugin import Accepted, Answer, Channel, Failure, Notification, Receipt, Request, http, secret


class Chat(Channel):
    """Brings one notification to one address, and reads the answers that come back."""

    def deliver(self, notification: Notification) -> Receipt:
        response = http.post(
            notification.address,
            headers={"authorization": "Bearer {{secret:chat}}", "idempotency-key": notification.id},
            json={"text": notification.incident.title, "link": notification.answers.view},
        )
        if response.ok:
            return Accepted(id=response.header("x-message-id"))
        if response.status in (404, 410):
            raise Failure.bad_address("the room is gone")
        raise Failure.transient(f"status {response.status}")

    def callback(self, request: Request) -> Answer:
        if not secret.verify("chat", request.body, request.header("x-signature"), prefix="sha256="):
            return Answer("nothing", status=403)
        return Answer("acknowledge" if request.json().get("button") == "ack" else "nothing")

    def validate(self, address: str) -> str:
        if not address.startswith("https://"):
            raise Failure.bad_address("expected an address that begins with https://")
        return address.strip()
