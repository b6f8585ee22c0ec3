"""Signs a request with Slack's own library, as sent now: prints `X-Slack-Request-Timestamp` and `X-Slack-Signature`.

usage: slack_sign.py SIGNING_SECRET, with the body on stdin
"""

import sys
import time

from slack_sdk.signature import SignatureVerifier

body, timestamp = sys.stdin.read(), str(int(time.time()))
print(timestamp, SignatureVerifier(sys.argv[1]).generate_signature(timestamp=timestamp, body=body))
