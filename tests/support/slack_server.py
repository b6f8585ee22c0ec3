"""A Slack-shaped Web API for tests: checks the token and every block with Slack's own library, keeps messages, and knows
which can be replied to and updated.

A conversation `CARCHIVED0` is archived; a member's direct messages are a conversation whose id begins with D.

usage: slack_server.py PORT FILE BOT_TOKEN
"""

import itertools
import json
import sys

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block
from vendor_server import Keeper, serve

BEARER = f"Bearer {sys.argv[3]}"
COUNT = itertools.count(1)
# Conversation and time stamp of every message.
MESSAGES = set()


def no(error):
    return {"ok": False, "error": error}


def check_blocks(blocks):
    parsed = Block.parse_all(blocks)
    for block in parsed:
        block.validate_json()
    return len(parsed) == len(blocks) <= 50


def post(message):
    channel = message["channel"].replace("U", "D", 1) if message["channel"][0] == "U" else message["channel"]
    if channel == "CARCHIVED0":
        return no("is_archived")
    if "thread_ts" in message and (channel, message["thread_ts"]) not in MESSAGES:
        return no("thread_not_found")
    if message.get("reply_broadcast") and "thread_ts" not in message:
        return no("invalid_arguments")
    ts = f"1700000000.{next(COUNT):06}"
    MESSAGES.add((channel, ts))
    return {"ok": True, "channel": channel, "ts": ts}


def update(message):
    if (message["channel"], message["ts"]) not in MESSAGES:
        return no("message_not_found")
    return {"ok": True, "channel": message["channel"], "ts": message["ts"]}


class Slack(Keeper):
    def answer(self, body):
        message = json.loads(body)
        said = self.judge(message)
        return 200, {"message": message, "said": said}, said

    def judge(self, message):
        methods = {"/api/chat.postMessage": post, "/api/chat.update": update}
        if self.headers["authorization"] != BEARER:
            return no("invalid_auth")
        if not self.headers["content-type"].startswith("application/json"):
            return no("invalid_post_type")
        method = methods.get(self.path)
        if method is None:
            return no("unknown_method")
        if not message.get("text") or len(message["text"]) > 4000:
            return no("no_text")
        try:
            fits = check_blocks(message.get("blocks", []))
        except SlackObjectFormationError:
            fits = False
        return method(message) if fits else no("invalid_blocks")


serve(Slack, int(sys.argv[1]), sys.argv[2])
