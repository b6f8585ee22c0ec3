"""Posts notifications to a chat room by its incoming address."""

from nightbell_plugin import Accepted, Channel, Failure, Notification, Receipt, http, settings


class Plugin(Channel):
    def deliver(self, notification: Notification) -> Receipt:
        incident = notification.incident
        response = http.post(
            notification.address,
            # The id is the same for every attempt, so that the other side can tell a repetition.
            headers={"idempotency-key": notification.id},
            json={
                "from": settings().get("name", "Nightbell"),
                "text": f"#{incident.number} {incident.title} ({notification.reason})",
                "link": notification.answers.view or "",
            },
        )
        if response.ok:
            return Accepted(id=response.header("x-message-id"))
        if response.status in (404, 410):
            raise Failure.bad_address("there is no such room")
        seconds = response.header("retry-after")
        wait = int(seconds) if seconds and seconds.isdigit() else None
        raise Failure.transient(f"the chat answers {response.status}", retry_after_s=wait)

    def validate(self, address: str) -> str:
        address = address.strip()
        if address.startswith("https://"):
            return address
        raise Failure.bad_address(f"expected an address that begins with https://, got `{address}`")
