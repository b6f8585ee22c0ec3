"""Checks a webhook with the reference library of Standard Webhooks.

usage: verify_webhook.py SECRET < {"headers": {..}, "body": ".."}
"""

import json
import sys

from standardwebhooks.webhooks import Webhook


def main():
    posted = json.load(sys.stdin)
    Webhook(sys.argv[1]).verify(posted["body"], posted["headers"])
    print("verified")


main()
