"""PagerDuty's own Python client against an engine: triggers, acknowledges, resolves, sends a change.

usage: SSL_CERT_FILE=ca.pem pagerduty_client.py BASE_URL ROUTING_KEY
Prints the dedup key that the trigger got.
"""

import sys

import pagerduty


def main():
    base_url, key = sys.argv[1], sys.argv[2]
    client = pagerduty.EventsApiV2Client(key, base_url=base_url)
    dedup_key = client.trigger(
        "Checkout is down",
        "web1",
        severity="critical",
        custom_details={"region": "eu-1"},
    )
    client.acknowledge(dedup_key)
    client.resolve(dedup_key)
    client.send_change_event(payload={"summary": "Deployed 4.2", "source": "ci"})
    print(dedup_key)


main()
