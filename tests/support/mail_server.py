"""A real SMTP server for tests: keeps every mail as one line of JSON.

usage: mail_server.py PORT FILE
"""

import email
import email.policy
import json
import sys
import threading

from aiosmtpd.controller import Controller


class Keep:
    def __init__(self, path):
        self.path = path

    async def handle_DATA(self, server, session, envelope):
        raw = email.message_from_bytes(envelope.original_content)
        message = email.message_from_bytes(envelope.original_content, policy=email.policy.default)

        def part(kind):
            found = message.get_body(preferencelist=(kind,))
            return found.get_content() if found is not None else ""

        kept = {
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": str(message["subject"] or ""),
            "raw_subject": str(raw["subject"] or ""),
            "text": part("plain"),
            "html": part("html"),
            "message_id": str(message["message-id"] or ""),
            "references": str(message["references"] or ""),
        }
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(kept) + "\n")
        return "250 OK"


def main():
    port, path = int(sys.argv[1]), sys.argv[2]
    controller = Controller(Keep(path), hostname="127.0.0.1", port=port)
    controller.start()
    threading.Event().wait()


main()
