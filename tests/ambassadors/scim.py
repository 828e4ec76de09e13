"""A company's directory as the tests play it: calls with a token, in JSON."""

import json

from django.test import Client

from ambassadors.accounts.tokens import ApiToken
from tests.factories import make_admin

WORK = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Directory:
    """Calls /scim/v2/ with a good token; `path` begins after it."""

    def __init__(self, secret=None):
        self.client = Client()
        self.admin = None
        if secret is None:
            self.admin = make_admin()
            self.token, secret = ApiToken.issue("Entra ID", "scim", by=self.admin)
        self.headers = {"authorization": f"Bearer {secret}"}

    def call(self, method, path, body=None, **headers):
        data = body if isinstance(body, str | bytes) else json.dumps(body) if body else ""
        return self.client.generic(
            method,
            f"/scim/v2{path}",
            data,
            content_type="application/scim+json",
            headers=self.headers | headers,
        )

    def get(self, path, **headers):
        return self.call("GET", path, **headers)

    def patch(self, path, *operations, **headers):
        return self.call("PATCH", path, {"schemas": [PATCH], "Operations": operations}, **headers)

    def make(self, user_name="zoe.roy@orvaly.example", **said):
        """Somebody new; gives what was answered, as JSON."""
        body = {"schemas": [USER], "userName": user_name, "active": True}
        body["emails"] = [{"type": "work", "primary": True, "value": user_name}]
        answer = self.call("POST", "/Users", body | said)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def group(self, name="Ventes", members=(), **said):
        body = {"schemas": [GROUP], "displayName": name}
        body["members"] = [{"value": str(pk)} for pk in members]
        answer = self.call("POST", "/Groups", body | said)
        assert answer.status_code == 201, answer.content
        return answer.json()
