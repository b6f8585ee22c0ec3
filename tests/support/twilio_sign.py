"""Signs a callback with Twilio's own library: prints the value of `X-Twilio-Signature`.

usage: twilio_sign.py AUTH_TOKEN, with {"url": ..., "fields": {...}} on stdin
"""

import json
import sys

from twilio.request_validator import RequestValidator

callback = json.load(sys.stdin)
validator = RequestValidator(sys.argv[1])
signature = validator.compute_signature(callback["url"], callback["fields"])
assert validator.validate(callback["url"], callback["fields"], signature)
print(signature)
