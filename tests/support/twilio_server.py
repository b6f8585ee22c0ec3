"""A Twilio-shaped API for tests: checks credentials and forms, answers as Twilio documents it, and keeps what came.

Numbers have the meanings of Twilio's own test numbers: +15005550001 is invalid, +15005550009 takes no text messages.

usage: twilio_server.py PORT FILE ACCOUNT_SID AUTH_TOKEN
"""

import base64
import itertools
import re
import sys
import urllib.parse
import xml.etree.ElementTree

from vendor_server import Keeper, serve

SID, TOKEN = sys.argv[3], sys.argv[4]
BASIC = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
COUNT = itertools.count(1)


def refusal(status, code, message):
    return status, {"code": code, "message": message, "status": status, "more_info": ""}


def messages(form):
    if form["To"] == "+15005550009":
        return refusal(400, 21614, "To number: +15005550009, is not a mobile number")
    if not form.get("Body") or len(form["Body"]) > 1600:
        return refusal(400, 21602, "Message body is required.")
    return 201, {"sid": f"SM{next(COUNT):032x}", "status": "queued", "error_code": None}


def calls(form):
    twiml = form.get("Twiml", "")
    if len(twiml) > 4000:
        return refusal(400, 21205, "Twiml is too long")
    if xml.etree.ElementTree.fromstring(twiml).tag != "Response":
        return refusal(400, 12100, "Document parse failure")
    return 201, {"sid": f"CA{next(COUNT):032x}", "status": "queued"}


class Twilio(Keeper):
    def answer(self, body):
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True, strict_parsing=True))
        status, said = self.judge(form)
        return status, {"form": form}, said

    def judge(self, form):
        resources = {"Messages.json": messages, "Calls.json": calls}
        prefix = f"/2010-04-01/Accounts/{SID}/"
        if self.headers["authorization"] != BASIC:
            return refusal(401, 20003, "Authenticate")
        resource = resources.get(self.path.removeprefix(prefix))
        if not self.path.startswith(prefix) or resource is None:
            return refusal(404, 20404, "The requested resource was not found")
        if self.headers["content-type"] != "application/x-www-form-urlencoded":
            return refusal(415, 20415, "Unsupported media type")
        number = re.compile(r"\+[1-9]\d{6,14}")
        if not number.fullmatch(form.get("To", "")) or form["To"] == "+15005550001":
            return refusal(400, 21211, f"The 'To' number {form.get('To')} is not a valid phone number.")
        if not number.fullmatch(form.get("From", "")):
            return refusal(400, 21212, f"The 'From' number {form.get('From')} is not a valid phone number.")
        return resource(form)


serve(Twilio, int(sys.argv[1]), sys.argv[2])
