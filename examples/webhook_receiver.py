"""Prints the events that a gateway sends to a webhook: `pip install flask standardwebhooks`, then

SECRET=whsec_... python webhook_receiver.py
"""

import os

from flask import Flask, request
from standardwebhooks import Webhook

app = Flask(__name__)
webhook = Webhook(os.environ.get("SECRET", "whsec_" + "A" * 43 + "="))


@app.post("/hook")
def hook():
    event = webhook.verify(request.get_data(), dict(request.headers.to_wsgi_list()))["data"]
    print(event["time"], event["type"], event["data"], flush=True)
    return "", 204


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=8090)
