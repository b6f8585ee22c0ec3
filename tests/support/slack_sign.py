"""Signs a request with Slack's own library: prints the value of `X-Slack-Signature`.

usage: slack_sign.py SIGNING_SECRET TIMESTAMP, with the body on stdin
"""

import sys

from slack_sdk.signature import SignatureVerifier

body, timestamp = sys.stdin.read(), sys.argv[2]
print(SignatureVerifier(sys.argv[1]).generate_signature(timestamp=timestamp, body=body))
