"""What the fakes of Twilio and Slack share: a server that keeps every request as one line of JSON."""

import http.server
import json


class Keeper(http.server.BaseHTTPRequestHandler):
    """Answers POST with what `answer(path, headers, body)` makes of it: status, kept facts, JSON."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", "0"))).decode("utf-8")
        status, kept, said = self.answer(body)
        with open(self.server.kept, "a", encoding="utf-8") as file:
            file.write(json.dumps({"path": self.path, "status": status, **kept}) + "\n")
        said = json.dumps(said).encode("utf-8")
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


def serve(keeper, port, kept):
    # One request at a time: what is counted needs no lock.
    server = http.server.HTTPServer(("127.0.0.1", port), keeper)
    server.kept = kept
    server.serve_forever()
