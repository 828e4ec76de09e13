"""The least an ASGI callable can do and still send somebody on: what the edge is measured against.

uvicorn bench.bare:app
"""

LOCATION = (
    b"https://orvaly.example/actualites/ecole-passive?utm_source=linkedin&utm_medium=ambassadeur"
    b"&utm_campaign=campagne-1&utm_content=100"
)
# Those of the edge's own answer, which `bench.redirect` compares.
HEADERS = [
    (b"x-robots-tag", b"noindex"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"private, no-store"),
    (b"vary", b"Sec-Purpose"),
    (b"location", LOCATION),
    (b"content-length", b"0"),
]


async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 302, "headers": HEADERS})
        await send({"type": "http.response.body", "body": b""})
